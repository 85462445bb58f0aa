#include "services/hbbs/state/leaving.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool same_order(const struct leaving_row *a, const struct leaving_row *b)
{
	return a->mark == b->mark && strcmp(a->id, b->id) == 0 &&
	       addr_same_ip(&a->ip, &b->ip);
}

static bool parse(const char *text, uint64_t now_ms, struct leaving_row *out)
{
	char ip[ADDR_TEXT_MAX];
	unsigned left;

	_Static_assert(WIRE_ID_MAX == 253 && ADDR_TEXT_MAX == 56, "the format");
	*out = (struct leaving_row){ 0 };
	if (sscanf(text, "%253s %55s %" SCNu64 " %9u", out->id, ip, &out->mark,
		   &left) != 4 ||
	    addr_parse(ip, 0, &out->ip) != 0)
		return false;
	out->until_ms = now_ms + left * UINT64_C(1000);
	return true;
}

void leaving_read(struct leaving *l, const char *const *rows, size_t n,
		  uint64_t now_ms)
{
	const struct leaving was = *l;

	l->n = 0;
	for (size_t i = 0; i < n && l->n < LEAVING_MAX; i++) {
		struct leaving_row *r = &l->rows[l->n];

		if (!rows[i] || !parse(rows[i], now_ms, r))
			continue;
		for (size_t k = 0; k < was.n; k++)
			if (same_order(r, &was.rows[k]))
				*r = was.rows[k];
		l->n++;
	}
}

static size_t find(const struct leaving *l, const char *id,
		   const struct addr *from, uint64_t now_ms)
{
	size_t i = 0;

	for (; i < l->n; i++) {
		const struct leaving_row *r = &l->rows[i];

		if (now_ms < r->until_ms && strcmp(r->id, id) == 0 &&
		    addr_same_ip(&r->ip, from) &&
		    (!r->is_told || addr_eq(&r->told, from)))
			break;
	}
	return i;
}

bool leaving_is(const struct leaving *l, const char *id,
		const struct addr *from, uint64_t now_ms)
{
	return find(l, id, from, now_ms) < l->n;
}

bool leaving_tell(struct leaving *l, const char *id, const struct addr *from,
		  uint64_t now_ms)
{
	size_t i = find(l, id, from, now_ms);

	if (i == l->n)
		return false;
	l->rows[i].is_told = true;
	l->rows[i].told = *from;
	return true;
}
