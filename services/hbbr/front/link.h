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

#include "common/base/attr.h"
#include "common/net/listen.h"
#include "common/net/loop.h"
#include "services/hbbr/pairing/match.h"

struct front;
struct link;
struct registry;

enum {
	LINK_MS = 3000,    /* from dialing or accepting to the verdict */
	LINKS_MAX = 10000, /* not yet joined, both directions: MAX_PARKED's
			      default */
};

TAILQ_HEAD(link_list, link);

struct links {
	struct front *front;
	struct registry *registry; /* NULL: no links */
	struct listener *listener;
	struct link_list all; /* oldest first */
	size_t n;
};

void links_init(struct links *ls, struct front *f);
/* Opens the port of the settings. 0 or -errno. */
MUST_USE int links_listen(struct links *ls);
uint16_t links_port(const struct links *ls);
void links_close(struct links *ls);
/* Those whose time is up are given up. */
void links_tick(struct links *ls);

/* Dials the relay OWNER at TO for S, which waits; ends in a pair or in
 * arrival_link_failed(). 0 or -errno. */
MUST_USE int link_dial(struct links *ls, const struct session *s,
		       uint32_t owner, const struct addr *to);
