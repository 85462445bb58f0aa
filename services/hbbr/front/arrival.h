/*
 * arrival: first halves on their way past the gate.
 *
 * A half that finds no partner here parks at once and asks Redis for its
 * ticket and for the relay where its partner waits (admit.h). Until the
 * answer is there its session's gate is shut: a second half waits beside it.
 *
 *	park --ask--> ticket and claim --> open: pair as soon as two are here
 *	        |---> no ticket yet: ask again, for 2 s, then refuse
 *	        `---> claimed elsewhere --> link.c: join the partner there
 */
#pragma once

#include <sys/queue.h>

#include "common/net/loop.h"
#include "services/hbbr/pairing/match.h"

struct front;
struct registry;

struct arrivals {
	struct front *front;
	struct registry *registry;  /* NULL: everybody passes */
	struct session_list asking; /* have no ticket yet */
	struct timer again;         /* runs while ASKING is not empty */
	uint64_t last_serial;
	bool away; /* Redis was, when last needed */
};

void arrivals_init(struct arrivals *as, struct front *f);
void arrivals_close(struct arrivals *as, void (*on_closed)(void *ctx));

/* S has just been parked: opens its gate, now or later. */
void arrival_begin(struct arrivals *as, struct session *s);
/* S is paired or gone: nothing is asked for it any more. */
void arrival_end(struct arrivals *as, struct session *s);
/* S is about to be relayed here: tells the audit. */
void arrival_paired(struct arrivals *as, const struct session *s);
/* The waiting session with this uuid and serial, or NULL. */
struct session *arrival_find(const struct arrivals *as, const char *uuid,
			     uint64_t serial);
/* The relay OWNER does not have the other half after all. */
void arrival_link_failed(struct arrivals *as, struct session *s,
			 uint32_t owner);
