/*
 * pairing: halves that wait, and the pair that two of them are.
 *
 * The first half of a session parks; its gate opens when Redis allows it, and
 * a second half under its uuid, here or at another relay, makes a pair. What
 * is decided is in match.h, admit.h and hello.h; here it is carried out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/hbbr/state/reason.h"

struct claims;
struct conn;
struct loop;
struct pairing;
struct relay_request;
struct session;
struct settings;

struct pairing_opts {
	struct loop *loop;
	const struct settings *cfg;
	/* S has both its halves, in order of arrival. It comes back by
	 * pairing_ended(). */
	void (*on_pair)(void *ctx, struct session *s, struct conn *first,
			struct conn *second);
	void (*on_closed)(void *ctx); /* after pairing_close() */
	void *ctx;
};

/* 0 and *OUT, or -ENOMEM. */
MUST_USE int pairing_open(const struct pairing_opts *o, struct pairing **out);
/* Before the first half comes. CLAIMS, borrowed: asks Redis and opens the
 * port of the links; NULL: everybody is let in and waits here. 0 or -errno
 * (logged). */
MUST_USE int pairing_listen(struct pairing *p, const struct claims *claims);
/* The port of the links; 0: none. */
uint16_t pairing_port(const struct pairing *p);
/* Those who wait are refused. */
void pairing_close(struct pairing *p);
/* After on_closed, when no session is left. */
void pairing_free(struct pairing *p);

/* C has said RQ: it waits or is paired, REASON_NONE, or is to be refused. */
MUST_USE enum reason pairing_arrive(struct pairing *p, struct conn *c,
				    const struct relay_request *rq);
/* C, which waited, is gone. */
void pairing_leave(struct pairing *p, struct conn *c);
/* S, of a pair, is over; frees it. */
void pairing_ended(struct pairing *p, struct session *s);

/* First halves are refused soon; second ones are still joined. */
void pairing_drain(struct pairing *p);
/* Who was waited for too long is not; call about once a second. */
void pairing_tick(struct pairing *p);
/* Sessions: those that are relayed, those whose first half waits. */
size_t pairing_paired(const struct pairing *p);
size_t pairing_waiting(const struct pairing *p);
