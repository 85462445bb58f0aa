#include "common/base/limiter.h"

#include <stdlib.h>

enum {
	SWEEP_SLOTS = 256, /* per tick: a table of 100 000 in seven minutes */
	SEARCH_SLOTS = 16, /* looked at for an idle entry when full */
};

struct entry {
	struct addr key;
	struct bucket bucket;
};

static const void *key_of(const void *item, size_t *len)
{
	const struct entry *e = item;

	*len = sizeof(e->key);
	return &e->key;
}

void limiter_init(struct limiter *l, uint64_t rate, uint64_t burst, size_t cap,
		  uint64_t now_ms)
{
	*l = (struct limiter){ .rate = rate, .burst = burst };
	map_init(&l->entries, key_of, cap);
	bucket_init(&l->overflow, rate * LIMITER_OVERFLOW,
		    burst * LIMITER_OVERFLOW, now_ms);
}

void limiter_fini(struct limiter *l)
{
	map_free_items(&l->entries);
}

/* A full bucket says nothing that a new one would not say. */
static bool free_idle(void *item, void *ctx)
{
	struct entry *e = item;
	const uint64_t *now_ms = ctx;

	if (bucket_available(&e->bucket, *now_ms) < e->bucket.burst)
		return false;
	free(e);
	return true;
}

static struct bucket *add(struct limiter *l, const struct addr *key,
			  uint64_t now_ms)
{
	if (l->entries.len >= l->entries.cap)
		map_sweep(&l->entries, SEARCH_SLOTS, free_idle, &now_ms);

	struct entry *e = malloc(sizeof(*e));
	if (!e)
		return &l->overflow;
	e->key = *key;
	bucket_init(&e->bucket, l->rate, l->burst, now_ms);
	if (map_put(&l->entries, e) < 0) {
		free(e);
		return &l->overflow;
	}
	return &e->bucket;
}

bool limiter_allow(struct limiter *l, const struct addr *a, uint64_t n,
		   uint64_t now_ms)
{
	struct addr key = addr_limit_key(a);

	if (l->rate == 0)
		return true;
	struct entry *e = map_find(&l->entries, &key, sizeof(key));
	struct bucket *b = e ? &e->bucket : add(l, &key, now_ms);
	if (bucket_take(b, n, now_ms))
		return true;
	l->refused++;
	return false;
}

void limiter_sweep(struct limiter *l, uint64_t now_ms)
{
	map_sweep(&l->entries, SWEEP_SLOTS, free_idle, &now_ms);
}
