/*
 * putpeers: writes peer records into Redis by the same rules as hbbs, in
 * batches. Each record is written and counted in one step.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/site/record.h"
#include "services/utils/db.h"

struct putpeers_counts {
	uint64_t added;
	uint64_t replaced;
	uint64_t kept; /* were there, and stay as they are */
	uint64_t full; /* MAX_PEERS */
};

struct putpeers;

/* MAX_PEERS as hbbs has it. NULL after printing why. */
MUST_USE struct putpeers *putpeers_open(struct redis_sync *r,
					const char *command, bool replace,
					int64_t max_peers);

/* Queues one. False after printing why: nothing more can be written. */
MUST_USE bool putpeers_add(struct putpeers *p, const char *id, size_t len,
			   const struct record *record);

/* Waits for all that were queued. False after printing why. */
MUST_USE bool putpeers_finish(struct putpeers *p);

const struct putpeers_counts *putpeers_counts(const struct putpeers *p);
void putpeers_close(struct putpeers *p); /* accepts NULL */
