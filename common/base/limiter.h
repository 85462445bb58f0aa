/*
 * limiter: token buckets keyed by address prefix (spec 6.1 REC).
 *
 * One limiter counts one kind of event. IPv4 addresses count alone, IPv6 by
 * /64. The table is bounded: when it is full, idle (refilled) entries go
 * first; if none is idle, unknown addresses share one overflow bucket of
 * LIMITER_OVERFLOW times the rate, so a flood from many addresses can exhaust
 * neither the memory nor the known addresses.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/bucket.h"
#include "common/base/map.h"

enum { LIMITER_OVERFLOW = 16 };

struct limiter {
	struct map entries;     /* addr_limit_key -> entry */
	struct bucket overflow; /* shared by those who found the table full */
	uint64_t rate;
	uint64_t burst;
	uint64_t refused; /* events refused since start, for metrics */
};

/* CAP addresses at most, about 100 bytes each. A rate of 0: no limit. */
void limiter_init(struct limiter *l, uint64_t rate, uint64_t burst, size_t cap,
		  uint64_t now_ms);
void limiter_fini(struct limiter *l);

/* Counts one event (or N) of ADDR; false if it is over its rate. */
bool limiter_allow(struct limiter *l, const struct addr *a, uint64_t n,
		   uint64_t now_ms);

/* Frees a few idle entries; call once per tick. */
void limiter_sweep(struct limiter *l, uint64_t now_ms);
