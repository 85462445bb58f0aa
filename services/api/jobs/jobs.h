/*
 * jobs: mail and webhook deliveries, in Redis so that they survive and any
 * node may do them.
 *
 *   api:jobs:{target}  zset of job ids, score = when due (ms)
 *   api:job:{target}   hash id -> JSON {type, until, tries, ...}
 *   api:jobs:paused    hash target -> JSON {until, failures, since, why}
 *
 * Each target has a queue of its own: mail that somebody waits for to sign in,
 * other mail, and each webhook. A target that does not answer is paused, for
 * longer each time, and nothing is lost meanwhile; a job that it refuses is
 * tried JOBS_TRIES times. A node claims a job by moving it a minute into the
 * future; if it dies, the job comes up again. Lanes do the waiting.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	JOBS_MAX = 2000,           /* waiting for one target */
	JOBS_SIGN_IN_MAX = 100000, /* the limits of log-ins keep it far below */
	JOBS_TRIES = 6,            /* 10 s, 40 s, ... about an hour in all */
	JOBS_CLAIM_MS = 60000,
	JOBS_TURN = 20,        /* jobs of a target before others' turn */
	JOBS_PAUSE_MS = 10000, /* the first; four times as long each time */
	JOBS_PAUSE_MAX_MS = 600000,
	JOBS_SIGN_IN_PAUSE_MS = 30000, /* the longest while somebody waits */
	JOBS_HOOK_LIFE_S = 86400,
};

#define JOBS_SIGN_IN "sign-in"
#define JOBS_MAIL    "mail"

/* Queues JOB for TARGET; of no use after LIFE_S. Beyond the cap it is dropped,
 * counted and logged. */
void jobs_put(struct tx *t, struct app *app, const char *target,
	      struct json_object *job, uint64_t now_ms, int life_s);
/* The queue of a webhook. */
const char *jobs_of_hook(struct pool *p, const char *guid);
/* Forgets what waits for TARGET. */
void jobs_drop(struct tx *t, const char *target);
/* How long a target rests that has failed so often in a row (1: once). */
uint64_t jobs_pause_ms(int64_t failures, bool sign_in);
/* Mail is worth a try at once, whatever its server did before. */
void jobs_resume_mail(struct tx *t);

struct jobs;
struct jobs *jobs_open(struct app *app);
/* Gives what is due to the lanes. */
void jobs_run(struct jobs *j, struct db *d);
/* After the lanes have stopped. Accepts NULL. */
void jobs_close(struct jobs *j);

/* GET /api/queues: target, waiting, paused_until, failing_since, why. */
int jobs_list(struct call *c);
