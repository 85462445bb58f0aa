/*
 * secret_input: a password that was never on a command line.
 */
#pragma once

#include "common/base/attr.h"
#include "services/api/base/seal.h"

/* Reads a password from FILE ("-" or NULL: standard input; a terminal is
 * asked twice, without echo) up to the end of its first line. 0, or -errno
 * after printing what is wrong. Wipe OUT after use. */
MUST_USE int secret_input(const char *file, const char *prompt,
			  char out[static SEAL_PASSWORD_MAX + 1]);
