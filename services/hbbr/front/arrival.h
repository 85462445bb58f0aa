/*
 * arrival: first halves on their way past the gate.
 *
 * A half that finds no partner here parks at once and asks Redis for its
 * ticket and for the relay where its partner waits (admit.h). Until the
 * answer is there its session's gate is shut: a second half waits beside it.
 *
 *	begin --ask--> ticket and claim --> open: pair as soon as two are here
 *	         |---> no ticket yet: ask again, for 2 s, then refused
 *	         `---> claimed elsewhere: a link is to join the partner there
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/net/loop.h"
#include "services/hbbr/pairing/claims.h"
#include "services/hbbr/pairing/match.h"

enum arrival_kind {
	ARRIVAL_OPEN,      /* the gate is open */
	ARRIVAL_REFUSED,   /* there is no ticket and none will come */
	ARRIVAL_ELSEWHERE, /* the other half waits at another relay */
};

struct arrival_answer {
	enum arrival_kind kind;
	uint32_t owner;      /* epoch of that relay ... */
	const char *address; /* ... and where it takes links; NULL: unknown */
};

struct arrivals_opts {
	struct loop *loop;
	const struct match *match; /* where the sessions wait */
	bool tickets;              /* are demanded */
	/* What became of S, whose gate was shut; the callee may free S. */
	void (*on_answer)(void *ctx, struct session *s,
			  const struct arrival_answer *a);
	void (*on_closed)(void *ctx); /* after arrivals_close() */
	void *ctx;
};

struct arrivals {
	struct arrivals_opts opts;
	const struct claims *claims; /* NULL: everybody passes; borrowed */
	struct session_list asking;  /* have no ticket yet */
	struct timer again;          /* runs while ASKING is not empty */
	uint64_t last_serial;
	bool away; /* Redis was, when last needed */
};

void arrivals_init(struct arrivals *as, const struct arrivals_opts *o);
void arrivals_close(struct arrivals *as);

/* S has just been parked: opens its gate, now or later. */
void arrival_begin(struct arrivals *as, struct session *s);
/* S is paired or gone: nothing is asked for it any more. */
void arrival_end(struct arrivals *as, struct session *s);
/* S is about to be relayed here: tells the audit. */
void arrival_paired(struct arrivals *as, const struct session *s);
/* The relay OWNER does not have the other half after all: asks anew. */
void arrival_lost(struct arrivals *as, struct session *s, uint32_t owner);
