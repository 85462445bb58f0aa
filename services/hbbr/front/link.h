/*
 * link: joins halves that reached different relays (hello.h).
 *
 *	relay 1, has the claim                relay 2
 *	A ==== parked half                    B ==== parked half
 *	          `--- pair ---- link (TCP) ---- pair ---'
 *
 * A link is made for one session and carries its bytes as a client's TCP
 * connection would: raw between two TCP ends, frames if an end is WebSocket.
 * So each relay has an ordinary pair, and the splice path knows nothing.
 * Links are taken on a port of their own that is not for clients.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/net/listen.h"
#include "common/net/loop.h"
#include "services/hbbr/pairing/claims.h"
#include "services/hbbr/pairing/hello.h"

enum {
	LINK_MS = 3000,    /* from dialing or accepting to the verdict */
	LINKS_MAX = 10000, /* not yet joined, both directions: MAX_PARKED's
			      default */
};

/* The half that a link is dialed for, by names that outlive it. */
struct link_half {
	char uuid[WIRE_UUID_TEXT_MAX + 1];
	uint64_t serial; /* of its session */
	uint32_t owner;  /* epoch of the relay that is dialed */
};

/* What becomes of links. HELLO and HALF are valid during the call. */
struct link_events {
	/* We dialed: OUT is to say who waits here (all but the epoch). False:
	 * nobody does any more, the link is closed. */
	bool (*on_challenge)(void *ctx, const struct link_half *half,
			     struct hello *out);
	/* The other relay FAR joins its half through FD, which is taken. */
	void (*on_joined)(void *ctx, const struct link_half *half, int fd,
			  const struct addr *far);
	/* The other relay does not have it, or is not there. */
	void (*on_failed)(void *ctx, const struct link_half *half);
	/* Another relay dialed: does the half that it asks for wait here? */
	bool (*on_hello)(void *ctx, const struct hello *h);
	/* It does, and the other relay knows; takes FD. */
	void (*on_accepted)(void *ctx, const struct hello *h, int fd);
};

struct link;
TAILQ_HEAD(link_list, link);

struct links {
	struct loop *loop;
	const struct link_events *events;
	void *ctx;
	const struct claims *claims; /* NULL: no links; borrowed */
	struct listener *listener;
	struct link_list all; /* oldest first */
	size_t n;
};

void links_init(struct links *ls, struct loop *l,
		const struct link_events *events, void *ctx);
/* Opens the port where other relays dial, 0: any. 0 or -errno. */
MUST_USE int links_listen(struct links *ls, const struct claims *claims,
			  const char *bind, uint16_t port);
/* 0: not listening. */
uint16_t links_port(const struct links *ls);
void links_close(struct links *ls);
/* Those whose time is up are given up. */
void links_tick(struct links *ls);

/* Dials the relay HALF->owner at TO; ends in on_joined or on_failed, unless
 * nobody waits any more. 0 or -errno and no call. */
MUST_USE int link_dial(struct links *ls, const struct link_half *half,
		       const struct addr *to);
