#include "services/hbbs/state/peer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const void *peer_key(const void *item, size_t *len)
{
	const struct peer *p = item;
	*len = p->id_len;
	return p->text;
}

void peer_table_init(struct peer_table *t, size_t cap)
{
	*t = (struct peer_table){ 0 };
	map_init(&t->map, peer_key, cap);
}

/* The dirty queue is a ring: the oldest change is written first. */
static struct peer *dirty_at(const struct peer_table *t, size_t i)
{
	return t->dirty[(t->dirty_head + i) & (t->dirty_cap - 1)];
}

void peer_table_fini(struct peer_table *t)
{
	for (size_t i = 0; i < t->ndirty; i++) {
		struct peer *p = dirty_at(t, i);
		if (p->flags & PEER_GONE)
			free(p);
	}
	map_free_items(&t->map);
	free(t->dirty);
	*t = (struct peer_table){ 0 };
}

struct peer *peer_find(const struct peer_table *t, const char *id, size_t len)
{
	return map_find(&t->map, id, len);
}

static bool grow_dirty(struct peer_table *t)
{
	size_t cap = t->dirty_cap ? t->dirty_cap * 2 : 1024;
	struct peer **bigger = malloc(cap * sizeof(struct peer *));
	if (!bigger)
		return false;
	for (size_t i = 0; i < t->ndirty; i++)
		bigger[i] = dirty_at(t, i);
	free(t->dirty);
	t->dirty = bigger;
	t->dirty_head = 0;
	t->dirty_cap = cap;
	return true;
}

static bool queue_dirty(struct peer_table *t, struct peer *p)
{
	if (t->ndirty == t->dirty_cap && !grow_dirty(t))
		return false;
	t->dirty[(t->dirty_head + t->ndirty) & (t->dirty_cap - 1)] = p;
	t->ndirty++;
	return true;
}

/* The queue never holds more than one entry per peer, so the table's cap is
 * its cap too. Without memory the change is written with the next one. */
void peer_mark_dirty(struct peer_table *t, struct peer *p, bool repeat)
{
	if (!repeat)
		p->flags &= (uint8_t)~PEER_REPEAT;
	if ((p->flags & PEER_DIRTY) == 0 && queue_dirty(t, p))
		p->flags |= PEER_DIRTY | (repeat ? PEER_REPEAT : 0);
}

static struct peer *peer_create(const char *id, size_t len,
				const struct record *r)
{
	struct peer *p = calloc(1, sizeof *p + len + r->uuid_len);
	if (!p)
		return NULL;
	p->id_len = (uint8_t)len;
	p->uuid_len = (uint16_t)r->uuid_len;
	memcpy(p->text, id, len);
	memcpy(p->text + len, r->uuid, r->uuid_len);
	return p;
}

static void copy_facts(struct peer *p, const struct record *r)
{
	p->has_pk = r->has_pk;
	memcpy(p->pk, r->pk, sizeof p->pk);
	p->flags &= (uint8_t)~PEER_DISABLED;
	if (r->disabled)
		p->flags |= PEER_DISABLED;
}

struct peer *peer_put(struct peer_table *t, const char *id, size_t len,
		      const struct record *r)
{
	assert(len <= WIRE_ID_MAX);
	struct peer *p = peer_find(t, id, len);
	assert(!p || peer_uuid_eq(p, r->uuid, r->uuid_len));
	if (!p) {
		p = peer_create(id, len, r);
		if (!p)
			return NULL;
		if (map_put(&t->map, p) != 0) {
			free(p);
			return NULL;
		}
	}
	copy_facts(p, r);
	return p;
}

static void drop_held(struct peer_table *t, struct peer *p)
{
	if (p->flags & PEER_HELD) {
		p->flags &= (uint8_t)~PEER_HELD;
		t->held--;
	}
	p->client = NULL;
}

/* A peer that waits in the dirty queue is freed when its turn comes. */
static void let_go(struct peer *p)
{
	if (p->flags & PEER_DIRTY)
		p->flags |= PEER_GONE;
	else
		free(p);
}

void peer_remove(struct peer_table *t, struct peer *p)
{
	drop_held(t, p);
	map_take(&t->map, p->text, p->id_len);
	let_go(p);
}

bool peer_online(const struct peer *p, uint64_t now_ms)
{
	return (p->flags & PEER_HELD) != 0 &&
	       (p->client || now_ms - p->seen_ms < PEER_ONLINE_MS);
}

bool peer_uuid_eq(const struct peer *p, const uint8_t *uuid, size_t len)
{
	return p->uuid_len == len &&
	       (len == 0 || memcmp(p->text + p->id_len, uuid, len) == 0);
}

bool peer_pk_eq(const struct peer *p, const uint8_t *pk, size_t len)
{
	return p->has_pk && len == sizeof p->pk &&
	       memcmp(p->pk, pk, sizeof p->pk) == 0;
}

static void hold(struct peer_table *t, struct peer *p,
		 const struct peer_way *way, uint64_t now_ms, bool repeat)
{
	bool same = peer_online(p, now_ms) && p->via == way->via &&
		    p->local == way->local && addr_eq(&p->addr, way->addr);

	if ((p->flags & PEER_HELD) == 0) {
		p->flags |= PEER_HELD;
		t->held++;
	}
	p->via = (uint8_t)way->via;
	p->addr = *way->addr;
	p->local = way->local;
	p->client = way->client;
	p->seen_ms = now_ms;
	if (!same)
		peer_mark_dirty(t, p, repeat);
}

void peer_hold(struct peer_table *t, struct peer *p, const struct peer_way *way,
	       uint64_t now_ms)
{
	hold(t, p, way, now_ms, false);
}

void peer_carry(struct peer_table *t, struct peer *p,
		const struct peer_way *way, uint64_t now_ms)
{
	hold(t, p, way, now_ms, true);
}

void peer_offline(struct peer_table *t, struct peer *p)
{
	drop_held(t, p);
	peer_mark_dirty(t, p, false);
}

void peer_release(struct peer_table *t, struct peer *p)
{
	drop_held(t, p);
}

struct sweep {
	struct peer_table *t;
	uint64_t now_ms;
};

static bool visit(void *item, void *ctx)
{
	struct sweep *s = ctx;
	struct peer *p = item;
	uint64_t age = s->now_ms - p->seen_ms;

	if (s->t->resync > 0 && (p->flags & PEER_HELD) != 0 &&
	    (s->t->resync_local == 0 || s->t->resync_local == p->local)) {
		if (s->t->resync_what == PEER_RESYNC_RECORD)
			p->flags |= PEER_UNSAVED;
		peer_mark_dirty(s->t, p, true);
	}
	/* A connection ends by its own heartbeat rule (session). */
	if (age < PEER_ONLINE_MS || p->client)
		return false;
	if (p->flags & PEER_HELD)
		peer_offline(s->t, p);
	if (age < PEER_FORGET_MS || (p->flags & PEER_DIRTY) != 0)
		return false;
	free(p);
	return true;
}

void peer_sweep(struct peer_table *t, uint64_t now_ms)
{
	uint64_t passed = now_ms - t->last_sweep_ms;
	size_t slots = passed >= PEER_SWEEP_MS
			       ? t->map.slots
			       : t->map.slots * passed / PEER_SWEEP_MS;
	if (slots == 0)
		return;
	t->last_sweep_ms = now_ms;
	if (t->resync > 0 && t->resync_slots != t->map.slots)
		peer_resync(t, t->resync_what, t->resync_local);
	struct sweep s = { t, now_ms };
	map_sweep(&t->map, slots, visit, &s);
	t->resync -= slots < t->resync ? slots : t->resync;
}

void peer_resync(struct peer_table *t, enum peer_resync what, uint8_t local)
{
	bool first = t->resync == 0;

	if (first || what > t->resync_what)
		t->resync_what = what;
	t->resync_local = first || local == t->resync_local ? local : 0;
	t->resync = t->resync_slots = t->map.slots;
}

void peer_record(const struct peer *p, struct record *out)
{
	*out = (struct record){
		.uuid_len = p->uuid_len,
		.has_pk = p->has_pk,
		.ip = p->addr,
		.has_ip = true,
		.disabled = (p->flags & PEER_DISABLED) != 0,
	};
	out->ip.port = 0;
	memcpy(out->uuid, p->text + p->id_len, p->uuid_len);
	memcpy(out->pk, p->pk, sizeof out->pk);
}

bool peer_next_dirty(struct peer_table *t, uint32_t epoch,
		     struct peer_presence *out)
{
	while (t->ndirty > 0) {
		struct peer *p = dirty_at(t, 0);
		t->dirty_head = (t->dirty_head + 1) & (t->dirty_cap - 1);
		t->ndirty--;
		out->repeat = (p->flags & PEER_REPEAT) != 0;
		p->flags &= (uint8_t) ~(PEER_DIRTY | PEER_REPEAT);
		if (p->flags & PEER_GONE) {
			free(p);
			continue;
		}
		memcpy(out->id, p->text, p->id_len);
		out->id[p->id_len] = '\0';
		out->id_len = p->id_len;
		out->presence = (struct presence){
			.via = (enum transport)p->via,
			.addr = p->addr,
			.local = p->local,
			.epoch = p->flags & PEER_HELD ? epoch : 0,
		};
		out->unsaved = p->has_pk && (p->flags & PEER_UNSAVED) != 0;
		return true;
	}
	return false;
}
