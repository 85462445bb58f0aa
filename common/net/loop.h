/*
 * loop: one libuv loop with a cached clock, timers, signals and deferral.
 *
 * An object that closes itself inside its own callback is freed after the
 * current batch of events, because a later event of the batch may still
 * point at it: loop_defer().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#include "common/base/attr.h"

enum { LOOP_SIGNALS = 4 }; /* SIGTERM, SIGINT, SIGQUIT, SIGHUP */

struct deferred {
	STAILQ_ENTRY(deferred) next;
	void (*run)(struct deferred *self);
};

STAILQ_HEAD(deferred_list, deferred);

struct loop {
	uv_loop_t uv;
	struct deferred_list pending; /* run at the end of this turn */
	struct deferred_list at_end;  /* run when loop_run() has ended */
	uv_check_t check;             /* runs PENDING; until loop_stop() it also
					 keeps an idle loop running */
	uv_idle_t idle;               /* keeps the turn short while something is
					 pending */
	uv_signal_t signal[LOOP_SIGNALS];
	void (*on_signal)(int signum, void *ctx);
	void *signal_ctx;
	bool stopping;
};

MUST_USE int loop_init(struct loop *l);
/* Runs until loop_stop() and until every handle has closed. */
void loop_run(struct loop *l);
/* Ends loop_run(); owners must close their handles. Same thread only. */
void loop_stop(struct loop *l);
void loop_fini(struct loop *l);

/* Milliseconds of the monotonic clock, read once per turn. */
uint64_t loop_now(const struct loop *l);
/* Microseconds since the Unix epoch, read now. */
uint64_t loop_unix_us(void);

/* Runs D->run(D) after the current batch of events. */
void loop_defer(struct loop *l, struct deferred *d);

/* Runs D->run(D) when loop_run() has closed every handle: the place to free
 * what must outlive them all. */
void loop_at_end(struct loop *l, struct deferred *d);

struct timer {
	uv_timer_t uv;
	void (*fire)(void *ctx);
	void *ctx;
	void (*on_closed)(void *ctx);
};

/* The timer's memory must live until ON_CLOSED (may be NULL) was called. */
void timer_init(struct loop *l, struct timer *t, void (*fire)(void *ctx),
		void *ctx);
void timer_start(struct timer *t, uint64_t after_ms, uint64_t repeat_ms);
void timer_stop(struct timer *t);
void timer_close(struct timer *t, void (*on_closed)(void *ctx));

/* Calls FN(signum, ctx) on the loop for SIGTERM, SIGINT, SIGQUIT, SIGHUP.
 * Once per loop; 0 or -errno. */
MUST_USE int loop_on_signal(struct loop *l, void (*fn)(int signum, void *ctx),
			    void *ctx);
