/*
 * operator: `api admin`, for whoever owns the host and cannot get in.
 *
 * Works on Redis alone, beside running servers or without them, with the
 * same transactions and the same audit as the HTTP API; the audit names the
 * user of the operating system.
 */
#pragma once

#include "services/api/core/config.h"

/* ARGV[0] is "admin". The exit code: 0, 1 failed, 2 wrong command line. */
int operator_run(const struct api_config *cfg, int argc, char **argv);
