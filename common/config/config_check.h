/*
 * config_check: what the text of an option must be, in the same words for
 * every program. Pure.
 */
#pragma once

#include <stddef.h>

#include "common/base/attr.h"
#include "common/config/config.h"

/* False if an option of KIND cannot be TEXT: WHY says what is wrong, naming the
 * entry of a list, and never quoting a secret. */
MUST_USE bool config_check(enum opt_kind kind, const char *text, char *why,
			   size_t size);
