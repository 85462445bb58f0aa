/*
 * config_help: what --help, --version and --help-markdown print. Used by
 * config only.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "common/config/config.h"

/* Prints and returns true if ARG is one of the three (or -h, -V). */
bool config_help(const struct config_spec *spec, const char *arg, FILE *out);
