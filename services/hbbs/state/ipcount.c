#include "services/hbbs/state/ipcount.h"

#include <stdlib.h>

static const void *key_of(const void *item, size_t *len)
{
	const struct ipcount *c = item;
	*len = sizeof c->ip;
	return &c->ip;
}

void ipcount_init(struct map *t)
{
	map_init(t, key_of, IPCOUNT_MAX);
}

static void destroy(struct ipcount *c)
{
	free(c->ids);
	free(c);
}

static bool destroy_any(void *item, void *ctx)
{
	(void)ctx;
	destroy(item);
	return true;
}

void ipcount_fini(struct map *t)
{
	map_sweep(t, t->slots, destroy_any, NULL);
	map_fini(t);
}

struct ipcount *ipcount_find(const struct map *t, const struct addr *from)
{
	struct addr ip = *from;
	ip.port = 0;
	return map_find(t, &ip, sizeof ip);
}

void ipcount_drop(struct map *t, struct ipcount *c)
{
	map_take(t, &c->ip, sizeof c->ip);
	destroy(c);
}

static struct ipcount *create(struct map *t, const struct addr *from,
			      uint64_t now_ms)
{
	struct ipcount *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->ip = *from;
	c->ip.port = 0;
	c->last_ms = c->ids_ms = now_ms;
	if (map_put(t, c) != 0) {
		free(c);
		return NULL;
	}
	return c;
}

/* FNV-1a: a collision makes one id count as known, no more. */
static uint32_t hash_id(const char *id, size_t len)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)id[i]) * 16777619u;
	return h;
}

static bool has_id(const struct ipcount *c, uint32_t hash)
{
	for (uint32_t i = 0; i < c->nids; i++)
		if (c->ids[i] == hash)
			return true;
	return false;
}

static void add_id(struct ipcount *c, uint32_t hash)
{
	if (c->nids == IPCOUNT_IDS_MAX)
		return;
	if (c->nids == c->ids_cap) {
		uint32_t cap = c->ids_cap ? c->ids_cap * 2 : 4;
		uint32_t *bigger = realloc(c->ids, cap * sizeof *bigger);
		if (!bigger)
			return;
		c->ids = bigger;
		c->ids_cap = cap;
	}
	c->ids[c->nids++] = hash;
}

bool ipcount_allow(struct map *t, const struct addr *from, const char *id,
		   size_t id_len, bool enforce, uint64_t now_ms)
{
	struct ipcount *c = ipcount_find(t, from);
	if (!c) {
		/* A full table must not lock newcomers out. */
		(void)create(t, from, now_ms);
		return true;
	}

	uint32_t hash = hash_id(id, id_len);
	if (now_ms - c->last_ms >= IPCOUNT_WINDOW_MS)
		c->count = 0;
	else if (enforce && c->count > IPCOUNT_BURST)
		return false;
	if (now_ms - c->ids_ms >= IPCOUNT_DAY_MS)
		c->nids = 0;
	else if (enforce && c->nids == IPCOUNT_IDS_MAX && !has_id(c, hash))
		return false;

	c->count++;
	c->last_ms = now_ms;
	if (!has_id(c, hash))
		add_id(c, hash);
	c->ids_ms = now_ms;
	return true;
}

struct sweep {
	uint64_t now_ms;
	uint64_t idle_ms;
};

static bool idle(void *item, void *ctx)
{
	const struct sweep *s = ctx;
	struct ipcount *c = item;

	if (s->now_ms - c->last_ms < s->idle_ms)
		return false;
	destroy(c);
	return true;
}

void ipcount_sweep(struct map *t, uint64_t now_ms)
{
	struct sweep s = { now_ms, t->len > IPCOUNT_MAX / 2 ? IPCOUNT_WINDOW_MS
							    : IPCOUNT_DAY_MS };
	map_sweep(t, 64, idle, &s);
}
