/*
 * redis_resp: Redis' protocol (RESP2): commands to bytes, bytes to replies.
 *
 * Shared by the asynchronous and the blocking client. hiredis parses; replies
 * are built as our own objects, one allocation each, within a budget.
 * Commands are written straight into the send buffer, whole or not at all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/redis/redis.h"

enum {
	REDIS_OUT_MAX = 64 << 20,   /* unsent commands of one connection */
	REDIS_REPLY_MAX = 64 << 20, /* memory of one reply; a larger one is a
				       misbehaving server */
	REDIS_HELLO_MAX = 64 << 10, /* the same before sign-in is done */
	REDIS_CODE_MAX = 24,        /* first word of an error, with its NUL */
};

/* Appends one command; LENS may be NULL if every argument is a string.
 * 0, or -ENOBUFS (cap or memory). */
MUST_USE int redis_put(struct buf *out, int argc, const char *const *argv,
		       const size_t *lens);

/* What follows the script in EVAL and EVALSHA, kept until it is known
 * whether the server has the script. */
struct redis_args;
MUST_USE struct redis_args *redis_args_create(int nkeys, int argc,
					      const char *const *argv,
					      const size_t *lens);
void redis_args_destroy(struct redis_args *a);

/* Appends EVALSHA (BY_SHA) or EVAL with these arguments. 0 or -ENOBUFS. */
MUST_USE int redis_put_eval(struct buf *out, const struct redis_script *s,
			    const struct redis_args *a, bool by_sha);

/* The parser of one connection. */
struct redis_reader {
	struct redisReader *hiredis;
	size_t max;    /* REDIS_REPLY_MAX or REDIS_HELLO_MAX */
	size_t budget; /* what the reply being parsed may still allocate */
};

MUST_USE int redis_reader_init(struct redis_reader *r, size_t max);
void redis_reader_fini(struct redis_reader *r);

/* Copies bytes in. 0, -EMSGSIZE beyond the maximum, or -ENOMEM. */
MUST_USE int redis_reader_feed(struct redis_reader *r, const void *data,
			       size_t len);

/* Returns 1 and a whole reply in *OUT (to be freed by redis_reply_free()), 0
 * if more bytes are needed, or -EPROTO. */
MUST_USE int redis_reader_next(struct redis_reader *r,
			       struct redis_reply **out);

/* True for an error reply whose first word is CODE. */
bool redis_error_is(const struct redis_reply *r, const char *code);

/* Copies the first word of an error reply, which is safe to log: Redis may
 * quote a command, and with it a password, in the rest. */
void redis_error_code(const struct redis_reply *r,
		      char out[static REDIS_CODE_MAX]);

/* True for the error replies that mean "not now, not here": LOADING,
 * MASTERDOWN, READONLY. The connection is to be made anew. */
bool redis_unavailable(const struct redis_reply *r);
