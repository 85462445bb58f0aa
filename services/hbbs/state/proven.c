#include "services/hbbs/state/proven.h"

#include <stddef.h>

static size_t slot_of(const struct addr *ip)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < sizeof ip->ip; i++)
		h = (h ^ ip->ip[i]) * 16777619u;
	return h % PROVEN_MAX;
}

void proven_note(struct proven *p, const struct addr *from, uint64_t now_ms)
{
	struct addr ip = addr_limit_key(from);
	size_t i = slot_of(&ip);

	p->list[i].ip = ip;
	p->list[i].until_ms = now_ms + PROVEN_MS;
}

bool proven_has(const struct proven *p, const struct addr *from,
		uint64_t now_ms)
{
	struct addr ip = addr_limit_key(from);
	size_t i = slot_of(&ip);

	return p->list[i].until_ms > now_ms && addr_eq(&p->list[i].ip, &ip);
}
