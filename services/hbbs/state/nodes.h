/*
 * nodes: which other hbbs processes live, as of the last refresh.
 *
 * Every lease refresh brings the whole list with ages by Redis' clock. A node
 * is alive for NODE_LEASE_S after its last refresh; for NODE_GRACE_S more,
 * the UDP peers it held may be reached from here (online.h).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/site/online.h"

enum {
	NODES_MAX = 1024, /* processes in the last 36 s, restarts included */
};

struct node {
	uint32_t epoch;
	uint32_t age_s; /* as struct node_sight has it */
	unsigned reads; /* the newest version of presence that it reads */
};

struct node_table {
	struct node list[NODES_MAX];
	size_t n;
};

void nodes_clear(struct node_table *t);
/* Beyond NODES_MAX the rest is left out. */
void nodes_add(struct node_table *t, uint32_t epoch, uint32_t age_s,
	       unsigned reads);
/* Whether it listens is only known once a push has been tried. */
enum node_state nodes_state(const struct node_table *t, uint32_t epoch);

/* The newest version of presence that all of them read; the oldest while the
 * list is empty. */
unsigned nodes_presence(const struct node_table *t);
