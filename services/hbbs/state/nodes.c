#include "services/hbbs/state/nodes.h"

void nodes_clear(struct node_table *t)
{
	t->n = 0;
}

void nodes_add(struct node_table *t, uint32_t epoch, uint32_t age_s,
	       unsigned reads)
{
	if (t->n < NODES_MAX)
		t->list[t->n++] = (struct node){ epoch, age_s, reads };
}

unsigned nodes_presence(const struct node_table *t)
{
	unsigned version = PRESENCE_NEWEST;

	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].age_s < NODE_LEASE_S &&
		    t->list[i].reads < version)
			version = t->list[i].reads;
	return t->n > 0 ? version : PRESENCE_OLDEST;
}

enum node_state nodes_state(const struct node_table *t, uint32_t epoch)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].epoch == epoch)
			return node_state(t->list[i].age_s, true);
	return NODE_UNKNOWN;
}
