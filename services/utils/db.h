/*
 * db: the Redis that a command works on, with errors as sentences.
 */
#pragma once

#include <stdbool.h>

#include "common/base/attr.h"
#include "common/redis/redis_sync.h"

enum {
	DB_TIMEOUT_MS = 60000, /* a script over many peers on a slow disk */
};

/* Connects. On failure prints why as COMMAND; never quotes the URL. */
MUST_USE struct redis_sync *db_open(const char *command, const char *url);

/* Loads S, for EVALSHA in a pipeline. False after printing why. */
MUST_USE bool db_script(struct redis_sync *r, const char *command,
			const struct redis_script *s);

/* Is REPLY of kind WANT? Else prints what came instead. */
MUST_USE bool db_good(const struct redis_reply *reply, enum redis_kind want,
		      const char *command);

/* One step of SCAN over all keys. False after printing why; *REPLY is to be
 * freed and *KEYS is its list; *CURSOR is "0" after the last. */
enum { DB_CURSOR_MAX = 24 };
MUST_USE bool db_scan(struct redis_sync *r, const char *command,
		      char cursor[static DB_CURSOR_MAX],
		      struct redis_reply **reply,
		      const struct redis_reply **keys);
