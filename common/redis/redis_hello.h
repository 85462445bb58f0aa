/*
 * redis_hello: what is said first on a new connection. Pure.
 *
 * To a Redis: AUTH, SELECT, CLIENT SETNAME, ROLE (if a sentinel named it),
 * PING, SUBSCRIBE. To a sentinel: AUTH, then which address the master has.
 * All commands go out in one write; each reply is then judged in turn. PING
 * shows whether the server will serve: while it loads its file or has lost
 * its master it answers with an error.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/redis/redis_resp.h"
#include "common/redis/redis_url.h"

enum redis_step {
	REDIS_STEP_AUTH,
	REDIS_STEP_SELECT,
	REDIS_STEP_NAME,
	REDIS_STEP_ROLE,
	REDIS_STEP_PING,
	REDIS_STEP_SUBSCRIBE,
	REDIS_STEP_MASTER,
	REDIS_STEPS,
};

/* Whom the connection is made to. */
enum redis_side { REDIS_SERVER, REDIS_SENTINEL };

struct redis_hello {
	enum redis_step steps[REDIS_STEPS];
	size_t nsteps;
	size_t at;                 /* the step whose reply is next */
	struct redis_host master;  /* what the sentinel said */
	char code[REDIS_CODE_MAX]; /* of the error reply that ended it */
};

/* Appends the commands to OUT. 0 or -ENOBUFS. */
MUST_USE int redis_hello_begin(struct redis_hello *h, enum redis_side side,
			       const struct redis_url *u, const char *name,
			       struct buf *out);

/* Adds SUBSCRIBE to a hello that is not over. 0 or -ENOBUFS. */
MUST_USE int redis_hello_subscribe(struct redis_hello *h, const char *channel,
				   struct buf *out);

/*
 * Judges the next reply. Returns 1 when all is said, 0 if more replies are to
 * come, or a negative errno with *WHY a literal: -EACCES (sign-in refused),
 * -EBUSY (up, but not serving), -EPROTO (no Redis), -ENOENT (the sentinel
 * does not know the master).
 */
MUST_USE int redis_hello_reply(struct redis_hello *h,
			       const struct redis_reply *r, const char **why);
