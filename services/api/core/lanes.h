/*
 * lanes: threads for calls that must not hold up others.
 *
 * The HTTP threads do what Redis answers at once. What takes longer goes into
 * a lane (call_lane()): a few threads of its own behind a bounded queue. Two
 * shares keep a lane fair: tasks of one KEY (what is waited for: a directory,
 * a provider) have at most half of the threads and of the queue, those of
 * one address at most a quarter of the queue, and addresses take turns, so
 * that one task of somebody else does not wait behind many. Who has waited
 * too long is told so instead of being served late. The lane of guesses has
 * one thread, which rests after each as long as it took: guessing takes half
 * a core and holds up those who guess.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/metric.h"

enum lane {
	LANE_HERE,     /* the HTTP thread itself */
	LANE_PASSWORD, /* argon2id: 50 ms of CPU each */
	LANE_GUESS,    /* log-ins from where a wrong one came lately */
	LANE_WORLD,    /* directories, identity providers, tests of settings */
	LANE_LISTING,  /* lists that read more than their page */
	LANE_BULK,     /* changes of many, files in and out */
	LANE_DELIVERY, /* webhooks and mail */
	LANE_SIGN_IN,  /* mail that a log-in waits for */
	LANES,
};

enum {
	LANE_KEY_MAX = 64,     /* longer keys count as equal when these are */
	LANE_QUEUE_MAX = 128,  /* tasks of one lane, waiting and running */
	LANE_WAIT_MS = 10000,  /* for a thread; clients give up at 18 s */
	LANE_THREADS_MAX = 16, /* of one lane */
	LANE_REST_MS = 200,    /* after a guess, at most */
};

struct lane_task {
	/* LATE: it waited too long, or the lanes close; say so and end. */
	void (*run)(struct lane_task *t, bool late);
	char key[LANE_KEY_MAX]; /* "": shares nothing */
	struct addr from;       /* all zero: nobody's */
	/* the lane's */
	TAILQ_ENTRY(lane_task) link;
	uint64_t queued_ms;
};

struct lanes;

/* Starts the threads; M_*_QUEUE of METRICS are kept. 0 or -errno. */
MUST_USE int lanes_open(struct metric_set *metrics, struct lanes **out);
/* How many threads there are in all: each may hold a Redis connection. */
unsigned lanes_threads(void);
/* Takes T, which must live until it has run. -EBUSY: no room for it. */
MUST_USE int lanes_put(struct lanes *l, enum lane lane, struct lane_task *t);
/* What waits is run LATE, what runs is waited for; lanes_put() refuses. */
void lanes_stop(struct lanes *l);
/* Frees them after lanes_stop(). Accepts NULL. */
void lanes_close(struct lanes *l);
