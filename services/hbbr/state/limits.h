/*
 * limits: how fast a relay session may go (spec 6.5).
 *
 * Each session has one meter for both directions together. It is filled by
 * SINGLE_BANDWIDTH, or by LIMIT_SPEED once the session is throttled: because
 * an end is on the blacklist, or because it was downgraded for moving much
 * for long. All sessions of all workers share one total. Time is an argument.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/bucket.h"

enum {
	LIMITS_MBIT = 1048576,    /* the unit of the bandwidth options, bits */
	LIMITS_BURST_DIV = 10,    /* a bucket holds 1/10 s of its rate ... */
	LIMITS_BURST_MIN = 16384, /* ... but one small read at least, bytes */
};

/* All rates in bits per second; 0 means unlimited. */
struct limits {
	uint64_t single_bps;         /* one session, when it starts */
	uint64_t slow_bps;           /* a throttled session */
	double downgrade_threshold;  /* share of single_bps ... */
	uint64_t downgrade_start_ms; /* ... on average after this long */
};

/* The total of the process; any thread. */
struct shared_limit {
	_Atomic uint64_t bytes_per_s; /* 0: unlimited */
	_Atomic uint64_t paid_ns;     /* all that was sent is paid for up to
					 this time */
};

void shared_limit_init(struct shared_limit *s, uint64_t bps);
void shared_limit_set(struct shared_limit *s, uint64_t bps);
/* Bytes that may go now (UINT64_MAX if unlimited). */
uint64_t shared_limit_available(struct shared_limit *s, uint64_t now_ms);
void shared_limit_spend(struct shared_limit *s, uint64_t n, uint64_t now_ms);

struct meter {
	struct bucket bucket; /* bytes */
	struct limits limits; /* as they were when it started */
	uint64_t debt;        /* bytes sent beyond the bucket: a message is
				 not cut */
	uint64_t bytes;       /* moved since the start */
	uint64_t started_ms;
	uint64_t window_ms;    /* start of the current second */
	uint64_t window_bytes; /* moved in it */
	uint64_t highest_bps;  /* of any finished second */
	uint64_t current_bps;  /* of the last finished second */
	bool slow;
	bool downgraded;
};

void meter_init(struct meter *m, const struct limits *l, uint64_t now_ms);

/* Throttles the session, or frees it unless it was downgraded. */
void meter_throttle(struct meter *m, bool slow, uint64_t now_ms);

/* Bytes that may go now; 0: ask again on the next tick. */
uint64_t meter_allow(struct meter *m, struct shared_limit *total,
		     uint64_t now_ms);

/* N bytes have gone. True if a second ended (time for rare chores). */
bool meter_spend(struct meter *m, struct shared_limit *total, uint64_t n,
		 uint64_t now_ms);

/* Ends the current second if it is over; for sessions that went quiet. */
bool meter_roll(struct meter *m, uint64_t now_ms);
