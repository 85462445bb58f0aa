/*
 * quota: how many things each address holds at a time.
 *
 * Counts connections that are not paired yet, per IPv4 address or IPv6 /64,
 * so that one source cannot take all the room (spec 8.7 case 124). Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/map.h"

struct quota {
	struct map entries; /* addr_limit_key -> count */
	uint32_t each;      /* most one address may hold; 0: unlimited */
};

/* CAP: most different addresses at a time. */
void quota_init(struct quota *q, uint32_t each, size_t cap);
void quota_fini(struct quota *q);

/* Takes one for A. 0, -EDQUOT when A holds all it may, -ENOBUFS, -ENOMEM. */
MUST_USE int quota_take(struct quota *q, const struct addr *a);
/* Gives back one that was taken for A. */
void quota_give(struct quota *q, const struct addr *a);
