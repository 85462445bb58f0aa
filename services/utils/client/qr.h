/*
 * qr: draws a QR code with the half blocks of a terminal.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "common/base/attr.h"

/* COLOUR: white on black by escape sequences, so that the code is dark on
 * light whatever the terminal's colours are; without it the terminal must be
 * dark. 0, -ENOMEM, or -E2BIG if TEXT does not fit into a QR code. */
MUST_USE int qr_draw(const char *text, bool colour, FILE *out);
