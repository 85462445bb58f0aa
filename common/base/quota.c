#include "common/base/quota.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct held {
	struct addr key;
	uint32_t n;
};

static const void *held_key(const void *item, size_t *len)
{
	const struct held *h = item;

	*len = sizeof(h->key.ip);
	return h->key.ip;
}

void quota_init(struct quota *q, uint32_t each, size_t cap)
{
	q->each = each;
	map_init(&q->entries, held_key, cap);
}

void quota_fini(struct quota *q)
{
	map_free_items(&q->entries);
}

static int quota_first(struct quota *q, const struct addr *key)
{
	struct held *h = malloc(sizeof(*h));

	if (!h)
		return -ENOMEM;
	*h = (struct held){ .key = *key, .n = 1 };
	int r = map_put(&q->entries, h);
	if (r < 0)
		free(h);
	return r;
}

int quota_take(struct quota *q, const struct addr *a)
{
	struct addr key = addr_limit_key(a);
	struct held *h = map_find(&q->entries, key.ip, sizeof(key.ip));

	if (!h)
		return quota_first(q, &key);
	if (q->each != 0 && h->n >= q->each)
		return -EDQUOT;
	h->n++;
	return 0;
}

void quota_give(struct quota *q, const struct addr *a)
{
	struct addr key = addr_limit_key(a);
	struct held *h = map_find(&q->entries, key.ip, sizeof(key.ip));

	assert(h && h->n > 0);
	if (--h->n == 0)
		free(map_take(&q->entries, key.ip, sizeof(key.ip)));
}
