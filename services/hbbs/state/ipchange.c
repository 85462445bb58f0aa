#include "services/hbbs/state/ipchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 10 };

struct change {
	uint64_t since_ms;
	size_t nips;
	struct addr ips[IPCHANGE_IPS];
	unsigned counts[IPCHANGE_IPS];
	size_t id_len;
	char id[WIRE_ID_MAX + 1];
};

static const void *key_of(const void *item, size_t *len)
{
	const struct change *c = item;
	*len = c->id_len;
	return c->id;
}

void ipchange_init(struct map *t)
{
	map_init(t, key_of, IPCHANGE_MAX);
}

void ipchange_fini(struct map *t)
{
	map_free_items(t);
}

static struct change *get(struct map *t, const char *id, uint64_t now_ms)
{
	size_t len = strlen(id);
	struct change *c = map_find(t, id, len);

	if (c || len > WIRE_ID_MAX)
		return c;
	c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	memcpy(c->id, id, len);
	c->id_len = len;
	c->since_ms = now_ms;
	if (map_put(t, c) != 0) {
		free(c);
		return NULL;
	}
	return c;
}

void ipchange_note(struct map *t, const char *id, const struct addr *from,
		   uint64_t now_ms)
{
	if (t->len == IPCHANGE_MAX)
		ipchange_prune(t, now_ms);
	struct change *c = get(t, id, now_ms);
	if (!c)
		return;
	if (now_ms - c->since_ms > IPCHANGE_WINDOW_MS) {
		c->since_ms = now_ms;
		c->nips = 0;
	}
	size_t i = 0;
	while (i < c->nips && !addr_same_ip(&c->ips[i], from))
		i++;
	if (i == IPCHANGE_IPS)
		return;
	if (i == c->nips) {
		c->ips[i] = *from;
		c->counts[i] = 0;
		c->nips++;
	}
	c->counts[i]++;
}

static bool is_old(void *item, void *ctx)
{
	const struct change *c = item;
	const uint64_t *now_ms = ctx;

	if (*now_ms - c->since_ms < IPCHANGE_KEEP_MS)
		return false;
	free(item);
	return true;
}

void ipchange_prune(struct map *t, uint64_t now_ms)
{
	map_sweep(t, t->slots, is_old, &now_ms);
}

bool ipchange_drop(struct map *t, const char *id)
{
	struct change *c = map_take(t, id, strlen(id));

	free(c);
	return c;
}

static int print_one(const struct change *c, uint64_t now_ms, struct buf *out)
{
	char text[WIRE_ID_MAX + IPCHANGE_IPS * (ADDR_TEXT_MAX + 16) + 64];
	char ip[ADDR_TEXT_MAX];
	size_t n = (size_t)snprintf(
		text, sizeof text, "%s: %llus {", c->id,
		(unsigned long long)((now_ms - c->since_ms) / 1000));

	for (size_t i = 0; i < c->nips; i++)
		n += (size_t)snprintf(
			text + n, sizeof text - n, "%s%s: %u", i ? ", " : "",
			addr_format_ip(&c->ips[i], ip), c->counts[i]);
	n += (size_t)snprintf(text + n, sizeof text - n, "}\n");
	return buf_append(out, text, n);
}

struct walk {
	size_t skip;
	size_t left;
	size_t count;
	uint64_t now_ms;
	struct buf *out; /* NULL: only count */
	int err;
};

static bool visit(void *item, void *ctx)
{
	const struct change *c = item;
	struct walk *w = ctx;

	if (c->nips < 2)
		return false;
	w->count++;
	if (!w->out || w->err != 0 || w->left == 0)
		return false;
	if (w->skip > 0) {
		w->skip--;
		return false;
	}
	w->left--;
	w->err = print_one(c, w->now_ms, w->out);
	return false;
}

int ipchange_print(struct map *t, const char *id, size_t offset,
		   uint64_t now_ms, struct buf *out)
{
	if (id) {
		const struct change *c = map_find(t, id, strlen(id));
		return c ? print_one(c, now_ms, out) : 0;
	}
	struct walk w = {
		.skip = offset, .left = LINES, .now_ms = now_ms, .out = out
	};
	t->hand = 0; /* the same order every time */
	map_sweep(t, t->slots, visit, &w);
	return w.err;
}

size_t ipchange_count(struct map *t)
{
	struct walk w = { 0 };

	map_sweep(t, t->slots, visit, &w);
	return w.count;
}
