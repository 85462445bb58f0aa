/*
 * nodes: the processes of the site, from their leases in Redis.
 *
 * hbbs and hbbr write their own. Each api writes one as well, for the
 * overview: node:api:{epoch} and nodes:api, like the others.
 */
#pragma once

#include "common/site/lease.h"
#include "common/site/online.h"
#include "services/api/core/call.h"

enum {
	NODES_MAX = 256, /* of each service; relays list as many */
};

struct node {
	const char *service; /* "hbbs", "hbbr", "api" */
	const char *name;
	const char *version;
	const char *address;
	const char *lan_address;
	uint32_t epoch;
	int64_t started_s;
	uint64_t bits_per_s;
	uint32_t sessions; /* hbbs: devices held; hbbr: sessions */
	bool draining;
	const uint8_t *public_key; /* hbbs: 32 bytes, or NULL */
	size_t nrefusals;          /* since its start */
	const struct node_refusals *refusals;
};

struct nodes {
	size_t n;
	struct node list[3 * NODES_MAX];
};

/* Reads all live nodes. STATE is the Redis of presence; what is read lives in
 * its pool. */
struct nodes *nodes_load(struct db *state);

/* Every process of SERVICE that was seen within the grace, at most MAX. */
size_t nodes_sights(struct db *state, const char *service,
		    struct node_sight *out, size_t max);

/* Refreshes the own lease, or with GOODBYE removes it. Errors are left to the
 * next time. */
struct node_self {
	uint32_t epoch; /* random, of this process */
	int64_t started_s;
	const char *name; /* NODE_ID */
	const struct metric_set *metrics;
};
void nodes_announce(struct db *state, const struct node_self *self,
		    bool goodbye);
