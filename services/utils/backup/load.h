/*
 * load: writes the records of a backup into Redis.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/utils/backup/item.h"
#include "services/utils/db.h"

struct load;

/* NULL after printing why, as COMMAND. With ACCOUNTS the peers are not looked
 * at, nor deleted. */
MUST_USE struct load *load_open(struct redis_sync *r, const char *command,
				bool accounts);

/* Is anything durable there, of a restore that ended half-way or else? False
 * after printing why. */
MUST_USE bool load_look(struct load *l, bool *empty, bool *unfinished);

/* Deletes what is durable, and marks Redis as half restored. */
MUST_USE bool load_begin(struct load *l);

/* Queues one record; parts of a key add up. Expired keys are left out. */
MUST_USE bool load_item(struct load *l, const struct item *i);

/* Queues one command that has to succeed. */
MUST_USE bool load_command(struct load *l, int argc, const char *const *argv,
			   const size_t *lens);

/* Waits, counts the peers anew, and takes the mark away. */
MUST_USE bool load_end(struct load *l);

uint64_t load_keys(const struct load *l);
void load_close(struct load *l); /* accepts NULL */
