#include "services/hbbs/state/inflight.h"

#include <stdlib.h>

/* Freed when it falls to nothing. */
struct held {
	struct addr ip;
	size_t bytes;
};

static const void *key_of(const void *item, size_t *len)
{
	const struct held *h = item;
	*len = sizeof h->ip;
	return &h->ip;
}

void inflight_init(struct inflight *f)
{
	*f = (struct inflight){ 0 };
	map_init(&f->by_ip, key_of, INFLIGHT_ADDRESSES_MAX);
}

void inflight_fini(struct inflight *f)
{
	map_free_items(&f->by_ip);
}

static struct held *held_of(struct inflight *f, const struct addr *ip)
{
	struct held *h = map_find(&f->by_ip, ip, sizeof *ip);

	if (h)
		return h;
	h = calloc(1, sizeof *h);
	if (!h)
		return NULL;
	h->ip = *ip;
	if (map_put(&f->by_ip, h) == 0)
		return h;
	free(h);
	return NULL;
}

static size_t counted(size_t bytes)
{
	return bytes > INFLIGHT_FREE ? bytes - INFLIGHT_FREE : 0;
}

static bool fits(const struct inflight *f, const struct held *h, size_t more)
{
	return more <= INFLIGHT_MAX - f->bytes &&
	       more <= INFLIGHT_PER_IP - h->bytes;
}

bool inflight_change(struct inflight *f, const struct addr *from, size_t was,
		     size_t now)
{
	struct addr ip = addr_limit_key(from);

	was = counted(was);
	now = counted(now);
	if (was == now)
		return true;
	struct held *h = held_of(f, &ip);
	if (!h)
		return false;
	bool ok = now < was || fits(f, h, now - was);
	if (ok) {
		h->bytes = h->bytes + now - was;
		f->bytes = f->bytes + now - was;
	}
	if (h->bytes == 0) {
		map_take(&f->by_ip, &ip, sizeof ip);
		free(h);
	}
	return ok;
}
