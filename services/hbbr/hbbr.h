/*
 * hbbr: the parts of the relay, put together.
 */
#pragma once

#include "common/base/attr.h"
#include "services/hbbr/state/settings.h"

/* Runs until a signal. Returns the exit status. */
MUST_USE int hbbr_run(const struct settings *cfg);
