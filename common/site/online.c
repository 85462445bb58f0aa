#include "common/site/online.h"

enum node_state node_state(uint32_t age_s, bool listens)
{
	if (age_s < NODE_LEASE_S && listens)
		return NODE_ALIVE;
	return age_s < NODE_LEASE_S + NODE_GRACE_S ? NODE_GRACE : NODE_UNKNOWN;
}

bool online_by(enum node_state state, enum transport via)
{
	return state == NODE_ALIVE || (state == NODE_GRACE && via == VIA_UDP);
}

struct online online_read(const void *presence, size_t len,
			  const struct node_sight *holder, uint32_t not_by)
{
	struct presence p;

	if (len == 0 || presence_decode(presence, len, &p) != 0)
		return (struct online){ false, 0 };
	bool counts = p.epoch != 0 && p.epoch != not_by;
	enum node_state s = node_state(holder->age_s, holder->listens);
	return (struct online){ counts && online_by(s, p.via), p.written_s };
}
