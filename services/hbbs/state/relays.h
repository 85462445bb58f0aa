/*
 * relays: which relay server a pair is told (spec 6.4).
 *
 * RELAY_SERVERS names relays; without it those that register themselves in
 * Redis are used. A named relay that is registered as well (same address) is
 * known better: its load, its address on the LAN, whether it drains.
 *
 * Left out are relays that the last check did not reach, drain, have lost
 * their lease or demand another key; if nothing is left, the last working
 * set stays in use, because a wrong check must not take the service away. Of
 * the rest:
 *
 *	one that A was told for B within 20 s is avoided: A asks again because
 *	it did not work;
 *	with places (GEOIP_DB, GEO_OVERRIDES) the nearest to both, where less
 *	than a fifth farther counts as equally near;
 *	then, named ones take turns, registered ones by load.
 *
 * A pair on one LAN is told the relay's LAN address: both use what is pushed
 * to B and answered to A, so they meet. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/proto/wire.h"

enum {
	RELAYS_MAX = 64,         /* a list longer than this is a mistake */
	RELAYS_PORT = 21117,     /* where a name has none */
	RELAYS_AVOID = 1024,     /* pairs remembered for the next ... */
	RELAYS_AVOID_MS = 20000, /* ... 20 s; a client tries three times */
};

struct geo_point {
	double lon, lat; /* degrees */
};

/* Where an address is. The edge has the database; FIND may be NULL. */
struct geo {
	bool (*find)(void *ctx, const struct addr *a, struct geo_point *out);
	void *ctx;
};

/* A relay as its lease describes it. */
struct relay_node {
	char address[WIRE_RELAY_MAX + 1];
	char lan[WIRE_RELAY_MAX + 1];
	uint32_t sessions;
	uint64_t bits_per_s;
	bool draining;
};

struct relay_entry {
	char name[WIRE_RELAY_MAX + 1]; /* "host" or "host:port", as given */
	struct relay_node node;        /* address "": it is not registered */
	uint32_t handed; /* since the last lease; counts as sessions */
	bool up;         /* what the running check found */
	bool live;       /* handed out */
	bool placed;     /* by GEO_OVERRIDES, or the address below */
	struct geo_point place;
	struct addr addr; /* what the check resolved; unspecified before */
};

struct relay_list {
	struct relay_entry list[RELAYS_MAX];
	size_t n;
	size_t next;         /* whose turn it is */
	bool named;          /* by RELAY_SERVERS or the console */
	unsigned generation; /* changes when the list is replaced */
	struct geo geo;
	const char *overrides; /* GEO_OVERRIDES, borrowed */
	struct {
		uint64_t pair; /* hash; 0: free */
		uint64_t at_ms;
		uint8_t index; /* of the relay */
	} told[RELAYS_AVOID];
};

/* Replaces the list by the comma-separated TEXT. 0, -EINVAL (an entry is
 * empty, too long or has a space) or -E2BIG; on failure nothing changes. */
MUST_USE int relays_parse(struct relay_list *l, const char *text);

/* The leases of all relays that have one and demand our key. */
void relays_registered(struct relay_list *l, const struct relay_node *nodes,
		       size_t n);

/* What the choice depends on. */
struct relay_wish {
	const struct addr *a, *b; /* where both are */
	bool lan;                 /* on one LAN */
	uint64_t pair;            /* hash of A's address and B's id; 0: none */
	uint64_t now_ms;
};

/* The relay for a pair, "" if there is none. Valid until the list changes. */
const char *relays_choose(struct relay_list *l, const struct relay_wish *w);

/* The next relay for nobody in particular. */
const char *relays_next(struct relay_list *l);

/* True if TEXT is the LAN address of a relay of ours. */
bool relays_is_lan(const struct relay_list *l, const char *text);

/* The name by which everybody reaches the relay whose LAN address TEXT is;
 * NULL if it is none. Valid until the list changes. */
const char *relays_public(const struct relay_list *l, const char *text);

/* True if TEXT is a relay of ours, by its name or its LAN address. */
bool relays_has(const struct relay_list *l, const char *text);

/* The result of a round of checks is in .up of every entry: apply it. */
void relays_apply(struct relay_list *l);

/* How many are handed out now. */
size_t relays_count(const struct relay_list *l);

/* Kilometres on the great circle. */
double geo_distance(const struct geo_point *a, const struct geo_point *b);

/* True if TEXT is "host=lon,lat host=lon,lat ..." or empty. */
MUST_USE bool geo_overrides_ok(const char *text);
