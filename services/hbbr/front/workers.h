/*
 * workers: the splice workers of the relay, each on its thread, or one on the
 * front's loop. A TCP pair goes to the one that has the fewest.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/ipset.h"
#include "common/net/loop.h"
#include "common/net/mailbox.h"
#include "services/hbbr/splice/worker.h"
#include "services/hbbr/state/limits.h"

enum {
	WORKERS_MAX = 64,
	/* Of all workers: 16 of 1 MiB at most, the others of 256 KiB; an
	 * unprivileged user gets 64 MiB in one go, and the bridges have their
	 * part of it (reframe.h). */
	WORKERS_PIPES = 168,
};

struct workers_opts {
	struct loop *loop;          /* the front's */
	size_t threads;             /* 0: one worker on LOOP */
	size_t max_sessions;        /* of the process */
	uint64_t idle_ms;           /* 0: sessions may idle for ever */
	struct shared_limit *total; /* of all sessions of the process */
	void (*on_ended)(void *ctx, void *token, enum reason why,
			 const uint64_t bytes[static 2], bool downgraded);
	/* One worker's answer to workers_usage(); the callee frees ROWS. */
	void (*on_usage)(void *ctx, struct usage_row *rows, size_t n);
	void (*on_closed)(void *ctx); /* after workers_close(), all ended */
	void *ctx;
};

struct workers {
	struct workers_opts opts;
	struct worker *all[WORKERS_MAX];
	size_t load[WORKERS_MAX]; /* sessions each holds */
	size_t n;
	size_t nstopped;
	struct mailbox *reports;
};

/* Starts the threads. 0 or -errno. */
MUST_USE int workers_open(struct workers *ws, const struct workers_opts *o);
void workers_close(struct workers *ws);

/* The descriptors are the workers' if 0 is returned, then on_ended comes. */
MUST_USE int workers_pair(struct workers *ws, const struct worker_pair *p);
/* The lists have changed; copies them. */
void workers_apply_lists(struct workers *ws, const struct ipset *blocked,
			 const struct ipset *slow);
/* Asks each for usage; one that cannot answer does at once, with nothing. */
void workers_usage(struct workers *ws);
