/*
 * lease: how a process says that it lives, and who lives (ARCHITECTURE.md,
 * "Redis").
 *
 * node:{service}:{epoch} holds a NodeInfo for NODE_LEASE_S and is written again
 * every LEASE_EVERY_MS; nodes:{service} lists the epochs by Redis' time of the
 * last refresh, for a grace longer. All in one script, so that nobody sees
 * the one without the other. Words of commands and what they answer; pure, but
 * for the host's name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/metric.h"
#include "common/proto/wire.h"
#include "common/site/presence.h"
#include "common/site/statekey.h"

enum {
	LEASE_EVERY_MS = 2000,
	LEASE_KEYS = 3,
	LEASE_WORDS = 9, /* with the keys */
	LEASE_HEAD = 1,  /* of the answer, then for each node ... */
	LEASE_EACH = 4,  /* ... so many */
	NODE_ID_MAX = 256,
	NODE_VERSION_MAX = 64,
	NODE_REFUSALS_MAX = 32, /* reasons that a node tells, the first of it */
	NODE_REASON_MAX = 24,   /* bytes of one with its end */
	NODE_INFO_MAX = 4096,   /* bytes */
};

/* How often a process has refused somebody for REASON since its start. */
struct node_refusals {
	char reason[NODE_REASON_MAX];
	uint64_t count;
};

/* What a process tells about itself; "" and 0 where it has nothing to say. */
struct node_info {
	char node_id[NODE_ID_MAX];
	char version[NODE_VERSION_MAX];
	uint32_t epoch;    /* random, new at every start */
	int64_t started_s; /* Unix time */
	uint32_t sessions; /* hbbs: peers held; hbbr: sessions */
	uint64_t bits_per_s;
	bool draining;
	bool has_key_hash; /* hbbr: SHA-256 of the key it demands */
	uint8_t key_hash[32];
	bool has_key; /* hbbs: the key that clients are given */
	uint8_t key[32];
	/* hbbr: where peers reach it, those of its network, other relays. */
	char address[WIRE_RELAY_MAX + 1];
	char lan_address[WIRE_RELAY_MAX + 1];
	char mesh_address[ADDR_TEXT_MAX];
	size_t nrefusals;
	struct node_refusals refusals[NODE_REFUSALS_MAX];
};

/* GIVEN, or the host's name, or SERVICE. */
void node_info_name(struct node_info *i, const char *given,
		    const char *service);
/* N more refusals for REASON; 0 is left out, and a reason beyond the cap. */
void node_info_refused(struct node_info *i, const char *reason, uint64_t n);
/* Those of metric NAME of M, which has the label reason="...". */
void node_info_count(struct node_info *i, const struct metric_set *m,
		     const char *name);
/* Returns the length. */
size_t node_info_pack(struct node_info *i, uint8_t out[static NODE_INFO_MAX]);
/* 0, or -EINVAL for what no process of ours writes. */
MUST_USE int node_info_unpack(const void *data, size_t len,
			      struct node_info *out);

struct lease {
	const char *service;
	uint32_t epoch;
	unsigned reads; /* newest version of presence that we read; 0: none */
};

/* Words of one command, keys first; they belong to the struct. */
struct lease_call {
	int n;
	const char *argv[LEASE_WORDS];
	size_t len[LEASE_WORDS];
	char key[STATEKEY_MAX], list[STATEKEY_MAX], reads_key[STATEKEY_MAX];
	char bus[STATEKEY_MAX], epoch[9], lease[4], grace[4], reads[4];
	uint8_t info[NODE_INFO_MAX];
};

void lease_refresh(struct lease_call *c, const struct lease *l,
		   struct node_info *info);
/* The lease ends now; the list keeps it for the grace of its peers. */
void lease_goodbye(struct lease_call *c, const struct lease *l);
/* Changes nothing: who lives? */
void lease_look(struct lease_call *c, const char *service);

/* Both are for lease.lua, which answers 1 if the caller was listed before, then
 * for every node of the service epoch (hex), age in seconds, how many listen on
 * its channel, and the version of presence that it reads (1 where it says
 * nothing). */

#define LEASE_INFOS_MAX "256" /* of lease_infos.lua; a site has far fewer */
