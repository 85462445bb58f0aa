/*
 * redis_sync: a blocking Redis client for threads that may wait (api, utils).
 *
 * The client of redis.h on a loop of its own, which turns only during a call.
 * One per thread, or one thread at a time; reconnects on the next call after a
 * failure, without a pause, and replaces a connection that was closed while
 * idle. Nothing is ever sent twice: after a call without a reply the command
 * may or may not have run.
 */
#pragma once

#include <stddef.h>

#include "common/base/attr.h"
#include "common/redis/redis.h"

struct redis_sync;

enum { REDIS_SYNC_FILES = 5 }; /* descriptors of one that was used */

/* Checks the URL; connects on first use. TIMEOUT_MS bounds connecting (names,
 * addresses and sentinels together) and the wait for each reply. 0, -EINVAL or
 * -ENOMEM. */
MUST_USE int redis_sync_open(const char *url, const char *name,
			     unsigned timeout_ms, struct redis_sync **out);
void redis_sync_close(struct redis_sync *r); /* accepts NULL */

/*
 * Sends one command and waits. Returns the reply, to be freed with
 * redis_reply_free(), or NULL when Redis did not answer (time-out, down);
 * the connection is dropped then. An error reply is a REDIS_ERROR reply, but
 * LOADING, MASTERDOWN and READONLY count as no answer.
 */
MUST_USE struct redis_reply *redis_sync_command(struct redis_sync *r, int argc,
						const char *const *argv,
						const size_t *lens);
/* First word of the error that ended the last connection ("READONLY"), or ""
 * if it ended without a word. */
const char *redis_sync_code(const struct redis_sync *r);
/* printf-like: %s and %b (pointer, size_t) as in hiredis. */
MUST_USE struct redis_reply *redis_sync_format(struct redis_sync *r,
					       const char *fmt, ...);
MUST_USE struct redis_reply *
redis_sync_eval(struct redis_sync *r, const struct redis_script *s, int nkeys,
		int argc, const char *const *argv, const size_t *lens);
/* Pipelining: queue N commands with append, then read N replies in order.
 * After one NULL there are only NULLs; any other call drops what is unread.
 * 0, -ENOTCONN (no connection, or what was queued lost its own), -ENOBUFS
 * (beyond 100 000, or 64 MiB unsent) or -ENOMEM. */
MUST_USE int redis_sync_append(struct redis_sync *r, int argc,
			       const char *const *argv, const size_t *lens);
MUST_USE struct redis_reply *redis_sync_next(struct redis_sync *r);
