/*
 * tx: an optimistic, atomic multi-key write.
 *
 * A handler reads, decides, then commits a list of expectations (what it
 * read) and commands in one Lua call. If somebody else changed what was read,
 * the commit says -EAGAIN and dispatch runs the handler again from the start.
 */
#pragma once

#include <stddef.h>

#include "common/base/attr.h"
#include "services/api/core/db.h"

struct tx_args {
	const char **argv;
	size_t *lens;
	size_t n;
	size_t size;
};

struct tx {
	struct db *db;
	struct pool *pool; /* its own: db's changes while doc_each() runs */
	struct tx_args check_keys;
	struct tx_args checks;
	struct tx_args op_keys;
	struct tx_args ops;
	const char *policy; /* set by policy_*: what changed for hbbs */
};

enum {
	TX_ARGS_MAX = 7000
}; /* Lua's unpack and stack limit per command is
      8000; whole transactions stay below as well */

void tx_init(struct tx *t, struct db *d);

/* KEY's FIELD must still be VALUE (NULL: absent). */
void tx_expect(struct tx *t, const char *key, const char *field,
	       const char *value);
/* The string KEY must still be VALUE (NULL: absent). */
void tx_expect_key(struct tx *t, const char *key, const char *value);

/* A command on one key, which comes first; strings, ended by NULL. Copies. */
void tx_do(struct tx *t, const char *cmd, ...) __attribute__((sentinel));
void tx_argv(struct tx *t, size_t argc, const char *const *argv);

/* 0, -EAGAIN if an expectation failed, -EIO if Redis is away, -E2BIG;
 * -ECANCELED in a dry run (db.h), which changes nothing. */
MUST_USE int tx_commit(struct tx *t);
