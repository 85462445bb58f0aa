/*
 * worker: one background thread per process.
 *
 * It makes the first administrator, gives queued mail and webhook
 * deliveries to the lanes, purges old audit rows every hour, and watches
 * whether Redis answers. Work that several nodes could do is claimed in Redis,
 * so any number of them run side by side.
 */
#pragma once

#include <stdbool.h>

#include "common/base/attr.h"
#include "services/api/core/app.h"

struct worker;

enum { WORKER_TICK_MS = 500 }; /* a mailed code should arrive at once */

MUST_USE int worker_start(struct app *app, struct worker **out);
bool worker_started(const struct worker *w); /* what a first start does */
/* Ends the thread. Accepts NULL. */
void worker_stop(struct worker *w);
/* After the lanes have stopped. Accepts NULL. */
void worker_free(struct worker *w);
