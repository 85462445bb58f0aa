/*
 * lane: a few threads for calls that take long, so that short ones never
 * wait behind them.
 *
 * Jobs wait in order, but one caller has one job running at a time while
 * others wait.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum {
	LANE_THREADS = 2,   /* of THREADS' kind, each with a Redis connection */
	LANE_WAITING = 256, /* jobs in all; beyond: refused */
	LANE_EACH = 32,     /* jobs of one caller, a console page asks for 6 */
	LANE_KEY = 72,
};

struct lane;

struct lane_job {
	void (*run)(void *arg);
	void *arg;
	char key[LANE_KEY]; /* the caller: his token's hash or his address */
	struct lane_job *next;
};

/* 0 and *OUT, or -errno. */
MUST_USE int lane_open(struct lane **out);
/* JOB is the caller's and must live until run() is called. False: the lane
 * is full, or this caller has too many. */
bool lane_put(struct lane *l, struct lane_job *job);
/* Runs what waits, ends the threads, frees. */
void lane_close(struct lane *l);
