/*
 * jobs: mail and webhook deliveries, in Redis so that they survive and any
 * node may do them.
 *
 *   api:jobs        zset of job ids, score = when due (ms)
 *   api:job         hash id -> JSON {type, tries, ...}
 *
 * A node claims a job by moving it a minute into the future; if it dies, the
 * job comes up again. Failures are retried with growing pauses.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	JOBS_MAX = 10000, /* waiting; more are dropped and counted */
	JOBS_TRIES = 6,   /* 10 s, 40 s, ... about an hour in all */
	JOBS_CLAIM_MS = 60000,
	JOBS_PER_ROUND = 20,
};

void jobs_add(struct tx *t, struct call *c, struct json_object *job);
/* As above outside a request. */
void jobs_put(struct tx *t, struct app *app, struct json_object *job,
	      uint64_t now_ms);
/* Does what is due. */
void jobs_run(struct app *app, struct db *d);
