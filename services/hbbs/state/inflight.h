/*
 * inflight: bytes of unfinished messages, in all and by address.
 *
 * A message may be large, and many connections may each hold most of one.
 * What a connection holds beyond its first INFLIGHT_FREE bytes is counted, so
 * that those who send whole small messages never meet the caps. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/map.h"

enum {
	INFLIGHT_FREE = 4096,
	INFLIGHT_MAX = 64 << 20,       /* sixteen of the largest */
	INFLIGHT_PER_IP = 8 << 20,     /* two of them */
	INFLIGHT_ADDRESSES_MAX = 65536 /* each holds something */
};

struct inflight {
	struct map by_ip;
	size_t bytes;
};

void inflight_init(struct inflight *f);
void inflight_fini(struct inflight *f);

/* A connection of FROM holds NOW bytes instead of WAS. False: that is too
 * much, and nothing has changed. Less than before is always fine. */
MUST_USE bool inflight_change(struct inflight *f, const struct addr *from,
			      size_t was, size_t now);
