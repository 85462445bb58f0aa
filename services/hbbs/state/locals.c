#include "services/hbbs/state/locals.h"

#include <string.h>

static uint8_t find(const struct locals *l, const struct addr *a)
{
	for (size_t i = 1; i <= l->n; i++)
		if (addr_same_ip(&l->own[i], a))
			return (uint8_t)i;
	return 0;
}

uint8_t locals_index(struct locals *l, const struct addr *a)
{
	uint8_t i = addr_is_unspecified(a) ? 0 : find(l, a);

	if (i != 0 || addr_is_unspecified(a) || l->n == LOCALS_MAX)
		return i;
	i = (uint8_t)++l->n;
	l->own[i] = *a;
	l->own[i].port = 0;
	return i;
}

bool locals_same(const struct locals *l, uint8_t index, const struct addr *a)
{
	return index == 0 || addr_same_ip(&l->own[index], a) ||
	       addr_is_unspecified(a);
}

const struct addr *locals_at(const struct locals *l, uint8_t index)
{
	return &l->own[index];
}

uint8_t locals_number(const struct locals *l, uint8_t index)
{
	return l->number[index];
}

const struct addr *locals_of_number(const struct locals *l, uint8_t number)
{
	return &l->site[number];
}

void locals_clear(struct locals *l)
{
	memset(l->site, 0, sizeof l->site);
}

uint8_t locals_learn(struct locals *l, const struct addr *a, uint8_t number)
{
	uint8_t i = find(l, a);

	if (number == 0)
		return 0;
	l->site[number] = *a;
	if (i == 0 || l->number[i] == number)
		return 0;
	l->number[i] = number;
	return i;
}
