/*
 * server: the process as a whole: threads, internal port, signals, drain.
 */
#pragma once

#include "common/base/attr.h"
#include "services/api/core/config.h"

/* Runs until a signal ends it. The exit code. */
MUST_USE int server_run(const struct api_config *cfg);
