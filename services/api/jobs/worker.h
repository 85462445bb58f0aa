/*
 * worker: one background thread per process.
 *
 * It does what its hooks say (the first administrator), gives queued mail and
 * webhook deliveries to the lanes, purges old audit rows every hour, and
 * watches whether Redis answers. Work that several nodes could do is claimed in
 * Redis, so any number of them run side by side.
 */
#pragma once

#include <stdbool.h>

#include "common/base/attr.h"
#include "services/api/core/app.h"

struct worker;

enum { WORKER_TICK_MS = 500 }; /* a mailed code should arrive at once */

/* What is done before and beside the jobs, on the worker's thread. */
struct worker_hooks {
	/* What an empty Redis needs: 0 when it is there, else it is tried
	 * again in the next round. */
	int (*begin)(struct app *app, struct db *d);
	void (*tidy)(struct app *app, struct db *d); /* every round after */
};

/* HOOKS are copied. */
MUST_USE int worker_start(struct app *app, const struct worker_hooks *hooks,
			  struct worker **out);
bool worker_started(const struct worker *w); /* begin() has succeeded */
/* Ends the thread. Accepts NULL. */
void worker_stop(struct worker *w);
/* After the lanes have stopped. Accepts NULL. */
void worker_free(struct worker *w);
