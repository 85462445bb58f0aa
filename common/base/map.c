#include "common/base/map.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/*
 * Linear probing. An item sits at its home slot (hash & mask) or in the run
 * of taken slots after it; removal closes the gap by moving later items of
 * the run back, so there are no tombstones and the table never degrades.
 */
enum { FIRST_SLOTS = 16 };

static_assert(sizeof(((struct map *)0)->seed) == crypto_shorthash_KEYBYTES,
	      "the seed is a shorthash key");

void map_init(struct map *m, map_key_fn key_of, size_t cap)
{
	/* Homes come from a 32-bit hash, and the load is at most 3/4. */
	assert(cap <= UINT32_MAX / 2);
	*m = (struct map){ .key_of = key_of, .cap = cap };
	randombytes_buf(m->seed, sizeof(m->seed));
}

void map_fini(struct map *m)
{
	free(m->items);
	free(m->hashes);
	m->items = NULL;
	m->hashes = NULL;
	m->slots = m->len = m->hand = 0;
}

void map_free_items(struct map *m)
{
	for (size_t i = 0; i < m->slots; i++)
		free(m->items[i]);
	map_fini(m);
}

static uint32_t hash_of(const struct map *m, const void *key, size_t len)
{
	uint8_t out[crypto_shorthash_BYTES];
	uint32_t hash;

	crypto_shorthash(out, key, len, m->seed);
	memcpy(&hash, out, sizeof(hash));
	return hash;
}

static bool has_key(const struct map *m, size_t slot, const void *key,
		    size_t len)
{
	size_t own_len;
	const void *own = m->key_of(m->items[slot], &own_len);

	return own_len == len && memcmp(own, key, len) == 0;
}

/* The slot of the key, or the free slot where it would go. Needs slots > 0;
 * a free slot always exists because the load stays below 1. */
static size_t probe(const struct map *m, uint32_t hash, const void *key,
		    size_t len)
{
	size_t mask = m->slots - 1;
	size_t slot = hash & mask;

	while (m->items[slot] &&
	       (m->hashes[slot] != hash || !has_key(m, slot, key, len)))
		slot = (slot + 1) & mask;
	return slot;
}

static int grow(struct map *m)
{
	size_t slots = m->slots ? m->slots * 2 : FIRST_SLOTS;
	void **items = calloc(slots, sizeof(*items));
	uint32_t *hashes = calloc(slots, sizeof(*hashes));

	if (!items || !hashes) {
		free(items);
		free(hashes);
		return -ENOMEM;
	}
	for (size_t i = 0; i < m->slots; i++) {
		if (!m->items[i])
			continue;
		size_t slot = m->hashes[i] & (slots - 1);
		while (items[slot])
			slot = (slot + 1) & (slots - 1);
		items[slot] = m->items[i];
		hashes[slot] = m->hashes[i];
	}
	free(m->items);
	free(m->hashes);
	m->items = items;
	m->hashes = hashes;
	m->slots = slots;
	return 0;
}

void *map_find(const struct map *m, const void *key, size_t len)
{
	if (m->len == 0)
		return NULL;
	return m->items[probe(m, hash_of(m, key, len), key, len)];
}

size_t map_ahead(const struct map *m, const void *key, size_t len)
{
	if (m->slots == 0)
		return 0;
	size_t slot = hash_of(m, key, len) & (m->slots - 1);

	__builtin_prefetch(&m->items[slot]);
	__builtin_prefetch(&m->hashes[slot]);
	return slot;
}

void map_ahead_item(const struct map *m, size_t slot)
{
	const char *item = slot < m->slots ? m->items[slot] : NULL;

	if (!item)
		return;
	__builtin_prefetch(item);
	__builtin_prefetch(item + 64); /* the key may be in the next line */
}

int map_put(struct map *m, void *item)
{
	size_t len;
	const void *key = m->key_of(item, &len);

	if (map_find(m, key, len))
		return -EEXIST;
	if (m->len >= m->cap)
		return -ENOBUFS;
	if (m->len >= m->slots / 4 * 3 && grow(m) < 0)
		return -ENOMEM;

	uint32_t hash = hash_of(m, key, len);
	size_t slot = probe(m, hash, key, len);
	m->items[slot] = item;
	m->hashes[slot] = hash;
	m->len++;
	return 0;
}

/* Empties SLOT and closes the gap: a later item of the run moves back if its
 * home is not between the gap and itself. */
static void remove_at(struct map *m, size_t gap)
{
	size_t mask = m->slots - 1;

	for (size_t at = (gap + 1) & mask; m->items[at]; at = (at + 1) & mask) {
		size_t home = m->hashes[at] & mask;
		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		m->items[gap] = m->items[at];
		m->hashes[gap] = m->hashes[at];
		gap = at;
	}
	m->items[gap] = NULL;
	m->len--;
}

void *map_take(struct map *m, const void *key, size_t len)
{
	if (m->len == 0)
		return NULL;
	size_t slot = probe(m, hash_of(m, key, len), key, len);
	void *item = m->items[slot];
	if (item)
		remove_at(m, slot);
	return item;
}

void map_sweep(struct map *m, size_t slots, bool (*fn)(void *item, void *ctx),
	       void *ctx)
{
	for (size_t n = slots < m->slots ? slots : m->slots; n > 0; n--) {
		size_t slot = m->hand & (m->slots - 1);
		/* Removing may move another item here: look again. */
		while (m->items[slot] && fn(m->items[slot], ctx))
			remove_at(m, slot);
		m->hand = slot + 1;
	}
}
