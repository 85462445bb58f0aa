/*
 * durable: which keys in Redis are worth keeping (ARCHITECTURE.md, "Redis"
 * and "Policy"). Pure.
 */
#pragma once

#include <stddef.h>

#include "common/base/attr.h"

enum durable_kind {
	DURABLE_NO, /* leases, presence, tickets, steps under way */
	DURABLE_YES,
	DURABLE_SECRET,  /* kept, but exported only if asked for */
	DURABLE_FOREIGN, /* not a key of this stack */
};

enum durable_kind durable_kind(const char *key, size_t len);
