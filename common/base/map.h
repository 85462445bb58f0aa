/*
 * map: an open-addressing hash map from bytes to borrowed pointers.
 *
 * Keys are attacker-chosen (ids, uuids, addresses), so the hash is
 * crypto_shorthash under a random per-process key. The map stores a pointer
 * and a 32-bit hash per item, 12 bytes a slot; the key lives inside the item
 * and is fetched by a callback. The map never owns items.
 *
 * Expiry is by a clock hand: map_sweep() visits a few slots per call, so a
 * million entries need no timers and no pause.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

/* Returns the key bytes of ITEM and their number in *LEN. */
typedef const void *(*map_key_fn)(const void *item, size_t *len);

struct map {
	void **items;     /* NULL: free slot */
	uint32_t *hashes; /* same index; compared before the key */
	size_t slots;     /* power of two, or 0 */
	size_t len;       /* items held */
	size_t cap;       /* map_put() refuses beyond this many */
	size_t hand;      /* where the next sweep goes on */
	map_key_fn key_of;
	uint8_t seed[16];
};

void map_init(struct map *m, map_key_fn key_of, size_t cap);
void map_fini(struct map *m); /* items are the caller's to free, before */
/* The same, and free()s every item. */
void map_free_items(struct map *m);

/* Borrows the item stored under the key, or NULL. */
void *map_find(const struct map *m, const void *key, size_t len);

/*
 * Hints that bring what map_find() will look at into the cache, so that the
 * look-ups of a batch wait for memory together: map_ahead() for every key,
 * then map_ahead_item() for every slot it returned. An empty map gives hints
 * that do nothing.
 */
size_t map_ahead(const struct map *m, const void *key, size_t len);
void map_ahead_item(const struct map *m, size_t slot);

/* Stores ITEM under its own key. 0, -EEXIST, -ENOBUFS (cap) or -ENOMEM. */
MUST_USE int map_put(struct map *m, void *item);

/* Removes and returns the item under the key, or NULL. */
void *map_take(struct map *m, const void *key, size_t len);

/*
 * Calls FN(item, ctx) for the items in the next SLOTS slots, going round.
 * FN returns true to have the item removed from the map (it may free it).
 * FN must not otherwise change the map.
 */
void map_sweep(struct map *m, size_t slots, bool (*fn)(void *item, void *ctx),
	       void *ctx);
