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
	DURABLE_SESSION, /* who is signed in: kept, but not exported */
	DURABLE_FOREIGN, /* not a key of this stack */
};

enum durable_kind durable_kind(const char *key, size_t len);

/* There from the start of a restore to its end: Redis holds half of it. */
extern const char durable_restoring[];
