/*
 * db: one request's Redis connection.
 *
 * The error is sticky, as in stdio: once Redis did not answer, `away` is set,
 * reads give nothing, and tx_commit() refuses. Handlers stay straight-line
 * code; dispatch replaces whatever they answered. Replies live in the
 * request's pool. db_redis.c is the only file that speaks to Redis.
 *
 * A Redis that does not answer is waited for by two calls, not by all: from
 * then on calls fail at once until a thread of the pool, which tries to write
 * once a second, has found that it serves again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/site/fullness.h"
#include "services/api/base/pool.h"

struct redis_sync;
struct redis_reply;
struct redis_script;
struct db_pool;
struct tx;

enum {
	DB_FAILURES = 2,    /* in a row, and calls fail at once */
	DB_PROBE_MS = 1000, /* how often it is looked whether Redis serves */
};

struct db {
	struct redis_sync *conn;
	struct db_pool *from;
	struct pool *pool;
	bool away;
	/* A dry run: tx_commit() leaves the transaction here and says
	 * -ECANCELED. NULL: it commits. */
	struct tx *dry;
};

/* Up to N connections to URL, made on demand. 0 or -errno. */
MUST_USE int db_pool_open(const char *url, unsigned n, unsigned timeout_ms,
			  struct db_pool **out);
void db_pool_close(struct db_pool *dp);
/* NULL: Redis takes writes. Else what is wrong, as a literal. *RTT_US is the
 * round trip of the last probe. */
const char *db_pool_trouble(const struct db_pool *dp, uint64_t *rtt_us);
/* How full it was at the last probe. */
struct fullness db_pool_memory(const struct db_pool *dp);
/* What else it said of itself at the last probe. */
struct db_facts {
	unsigned replicas;
	bool replica;     /* it is one itself */
	bool append_only; /* every change is written to its file */
	bool unsaved;     /* the last try to write to the disk failed */
	int64_t saved_s;  /* when it last wrote a whole snapshot */
};
struct db_facts db_pool_facts(struct db_pool *dp);
/* Does it answer at all? */
bool db_pool_answers(const struct db_pool *dp);
/* Borrows a connection (waits for one if all N are out). */
struct db db_take(struct db_pool *dp, struct pool *pool);
void db_put(struct db_pool *dp, struct db *d);

/* One command from strings, ended by NULL. NULL if Redis is away. */
const struct redis_reply *db_do(struct db *d, const char *cmd, ...)
	__attribute__((sentinel));
const struct redis_reply *db_argv(struct db *d, int argc,
				  const char *const *argv, const size_t *lens);

/* A Lua script: NKEYS keys, then arguments; strings, ended by NULL. */
const struct redis_reply *db_eval(struct db *d, const struct redis_script *s,
				  int nkeys, ...) __attribute__((sentinel));
const struct redis_reply *db_eval_argv(struct db *d,
				       const struct redis_script *s, int nkeys,
				       int argc, const char *const *argv,
				       const size_t *lens);

/* Views that accept NULL. db_text() is NUL-terminated, or NULL for nil and for
 * bytes that are no text because a NUL is among them. */
const char *db_text(const struct redis_reply *r);
const char *db_bytes(const struct redis_reply *r, size_t *len);
long long db_num(const struct redis_reply *r);
size_t db_count(const struct redis_reply *r);
const struct redis_reply *db_item(const struct redis_reply *r, size_t i);
