/*
 * qr: a text as a QR code that a page can show (libqrencode).
 */
#pragma once

#include "services/api/base/pool.h"

/* An SVG document, or NULL if TEXT is too long. */
const char *qr_svg(struct pool *p, const char *text);
