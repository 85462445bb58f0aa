/*
 * fill: the index of devices from what is in Redis.
 */
#pragma once

#include "services/api/core/doc.h"
#include "services/api/index/index.h"

enum { FILL_BUCKETS = 65536 }; /* of presence, statekey.h */

/* Reads everything. 0, or -errno; -EIO if Redis is away, -ECANCELED soon after
 * STOP is set. */
MUST_USE int fill_all(struct index *ix, struct db *d, struct db *state,
		      const _Atomic bool *stop);
/* Reads what a change names, again. 0 or -errno. */
MUST_USE int fill_change(struct index *ix, struct db *d, struct db *state,
			 const char *kind, const char *guid);
/* Presence of the buckets FROM .. FROM + N. */
void fill_presence(struct index *ix, struct db *state, unsigned from,
		   unsigned n);
/* Ids and presences in turn, as hbbs writes them. */
void fill_pairs(struct index *ix, const struct redis_reply *r);
