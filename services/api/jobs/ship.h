/*
 * ship: moves finished recordings from RECORD_DIR into S3-compatible storage.
 *
 * A recording is finished when its header has been rewritten (the call
 * "tail"), or when nothing was added for an hour. One thread per process
 * claims finished files by renaming them, so several processes may share the
 * folder; a file that could not be sent is tried again. What was sent is kept
 * in Redis by name, size and time, for the quota and the retention:
 *
 *	name --tail--> .ready.name --claim--> .sending.name --sent--> gone
 *	                     ^------- failed, or a day old -----'
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/api/base/s3.h"
#include "services/api/core/app.h"
#include "services/api/core/tx.h"

struct ship;

enum {
	SHIP_TICK_MS = 2000,
	SHIP_RETRY_MS = 60000,    /* after a failure */
	SHIP_IDLE_S = 3600,       /* a client went away without finishing */
	SHIP_STALE_S = 24 * 3600, /* a sender died */
	SHIP_REMOVE_MAX = 5000,
};

#define SHIP_READY   ".ready."
#define SHIP_SENDING ".sending."

/* Nothing starts unless RECORD_DIR and RECORD_S3_URL are set. */
MUST_USE int ship_start(struct app *app, struct ship **out);
/* Ends after the transfer at hand. Accepts NULL. */
void ship_stop(struct ship *s);

struct ship_object {
	const char *name;
	int64_t size;      /* bytes */
	int64_t written_s; /* Unix time */
};

enum { SHIP_CHUNK = 1000 }; /* objects of one round trip */

/* The storage that CFG names; it lives as long. */
struct s3 ship_storage(const struct api_config *cfg);
/* Calls FN for what was sent and is not to be removed, the newest first, until
 * it returns false. Names live in D's pool. */
void ship_each(struct db *d, bool (*fn)(void *ctx, const struct ship_object *o),
	       void *ctx);
/* False: NAME was not sent, or is to be removed. */
bool ship_find(struct db *d, const char *name, struct ship_object *out);
/* Marks NAME for removal: the storage forgets it by and by. */
void ship_remove(struct tx *t, const char *name);
/* The same at once, without a transaction. */
void ship_mark(struct db *d, const char *name);

bool ship_wanted(const struct api_config *cfg);
/* The recording NAME of the folder DIR is finished. */
void ship_ready(int dir, const char *name);
/* Bytes that were sent and not removed since; 0 when Redis is away. */
int64_t ship_bytes(struct db *d);
/* The same of recordings of the device ID. */
int64_t ship_bytes_of(struct db *d, const char *id);
/* Was NAME sent, and not removed since? */
bool ship_sent(struct db *d, const char *name);
/* Takes out what was sent before BEFORE_S: marks it in Redis, the thread of a
 * node asks the storage. */
void ship_purge(struct db *d, int64_t before_s);
