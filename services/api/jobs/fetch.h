/*
 * fetch: recordings on their way from the storage (S3) to a browser.
 *
 * One thread moves all of them. It reads ahead by one buffer each and rests
 * while that is full, so a storage or a browser that is slow holds its own
 * transfer and nobody else's; the connection of a browser rests while its
 * buffer is empty.
 *
 *	storage --curl, this thread--> ring --read()--> the browser's connection
 */
#pragma once

#include "services/api/base/s3.h"
#include "services/api/core/call.h"

enum {
	FETCH_MAX = 64,           /* transfers at a time; 8 MiB of rings */
	FETCH_PER_USER = 8,       /* a browser has six connections */
	FETCH_BUFFER = 128 << 10, /* bytes of a ring */
	FETCH_HEAD_MS = 10000,    /* for the first byte; clients wait 18 s */
};

struct fetch;

struct fetch_part {
	const char *name;           /* of the object */
	uint64_t first, last, size; /* bytes FIRST to LAST of SIZE */
};

/* Starts the thread; *OUT is NULL unless recordings go to S3. 0 or -errno. */
MUST_USE int fetch_start(struct app *app, struct fetch **out);
/* Ends all transfers, and new ones at once. Accepts NULL. */
void fetch_drain(struct fetch *f);
/* When no connection is left. Accepts NULL. */
void fetch_stop(struct fetch *f);

/* In LANE_WORLD, as it waits for the storage: answers with the part as a stream
 * whose status, type and headers the caller sets, or with an error. True: it
 * is the part. */
bool fetch_answer(struct fetch *f, struct call *c, const struct fetch_part *p);
