/*
 * online: the one rule of who can be reached, for hbbs, for the lists of
 * clients and for the api.
 *
 * A node is alive while its lease is fresh and it listens on its channel: a
 * push reaches every peer that it holds. One that is gone leaves its UDP peers
 * reachable for NODE_GRACE_S, because any other node may push to them. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/site/presence.h"

enum node_state {
	NODE_ALIVE,
	NODE_GRACE,   /* its lease ended less than NODE_GRACE_S ago */
	NODE_UNKNOWN, /* not in the list: long gone, or just started */
};

/* A node as the list of leases has it. */
struct node_sight {
	uint32_t epoch;
	uint32_t age_s; /* since its last refresh, by Redis' clock; of one that
			   said goodbye: at least NODE_LEASE_S */
	bool listens;   /* somebody does on its channel */
};

enum node_state node_state(uint32_t age_s, bool listens);

/* May a peer that is held by a node in STATE and reached by VIA be told to
 * others as online? */
bool online_by(enum node_state state, enum transport via);

/* Of presence_online.lua. */
enum { PRESENCE_ANSWERS = 3 };   /* for each id */
#define NODE_GONE_S "4294967295" /* age of a node that nobody has seen */

/* One id as presence_online.lua answers it. */
struct online {
	bool online;
	uint32_t written_s; /* of its presence, since 2020-01-01; 0: none */
};
/* PRESENCE (LEN bytes; 0: none) of a peer whose holder is HOLDER; one that the
 * node NOT_BY holds (0: nobody) does not count. */
struct online online_read(const void *presence, size_t len,
			  const struct node_sight *holder, uint32_t not_by);
