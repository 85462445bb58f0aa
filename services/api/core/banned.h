/*
 * banned: the addresses that an administrator keeps out (common/site/bans), as
 * this process knows them. Any thread asks; the worker's keeps the table.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "common/site/bans.h"
#include "services/api/core/db.h"

struct banned {
	pthread_rwlock_t lock; /* of the table */
	struct bans table;
	_Atomic bool ended; /* rows of bans that are over wait to be removed */
};

void banned_init(struct banned *b);
void banned_fini(struct banned *b);

bool banned_has(struct banned *b, const struct addr *a);
/* Asks Redis whether the table has changed; without an answer it stays. */
void banned_refresh(struct banned *b, struct db *d);
