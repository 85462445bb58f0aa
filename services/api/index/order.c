#include "services/api/index/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "services/api/base/text.h"

static const enum index_kind kind_of[INDEX_COLUMNS] = {
	[INDEX_BY_OS] = INDEX_OS,
	[INDEX_BY_VERSION] = INDEX_VERSION,
	[INDEX_BY_USER] = INDEX_USER,
	[INDEX_BY_USER_GROUP] = INDEX_USER_GROUP,
	[INDEX_BY_DEVICE_GROUP] = INDEX_DEVICE_GROUP,
	[INDEX_BY_STRATEGY] = INDEX_STRATEGY,
};

static uint64_t eight(const char *s)
{
	uint64_t k = 0;
	size_t n = strnlen(s, 8);

	for (size_t i = 0; i < 8; i++)
		k = k << 8 | (i < n ? (uint8_t)s[i] : 0);
	return k;
}

static void text_key(struct order_item *it, const char *s)
{
	it->key[0] = eight(s);
	it->key[1] = it->key[0] & 0xff ? eight(s + 8) : 0;
}

/* Ids that are numbers come in their order, others behind them. */
static uint64_t number(const char *s)
{
	size_t len = strlen(s);

	return len < 19 && strspn(s, "0123456789") == len
		       ? strtoull(s, NULL, 10)
		       : UINT64_C(1) << 63 | eight(s) >> 1;
}

static const char *shown(const struct device *d)
{
	const char *name = index_text(d, TEXT_NAME);

	return *name ? name : index_text(d, TEXT_HOST);
}

static uint64_t eight_bytes(const uint8_t *b)
{
	uint64_t k = 0;

	for (int i = 0; i < 8; i++)
		k = k << 8 | b[i];
	return k;
}

static void bytes_key(struct order_item *it, const uint8_t *b)
{
	it->key[0] = eight_bytes(b);
	it->key[1] = eight_bytes(b + 8);
}

static bool is_text(enum index_column by)
{
	return by == INDEX_BY_NAME || by == INDEX_BY_USERNAME ||
	       by == INDEX_BY_NOTE || by == INDEX_BY_ADDRESS;
}

/* Is the whole text in the first key? Equal ones are then told apart without a
 * look at the devices. */
static bool ends_early(const struct order *o, const struct order_item *it)
{
	return o->by != INDEX_BY_ADDRESS && !(it->key[0] & 0xff);
}

static const char *whole_text(const struct order *o, const struct device *d)
{
	if (o->by == INDEX_BY_NAME)
		return shown(d);
	return index_text(d,
			  o->by == INDEX_BY_NOTE ? TEXT_NOTE : TEXT_USERNAME);
}

/* Versions count: 1.4.10 comes behind 1.4.9. */
static uint64_t version(const char *s)
{
	uint64_t out = 0;

	for (int i = 0; i < 4; i++) {
		char *end;
		unsigned long v = strtoul(s, &end, 10);

		out = out << 16 | (v & 0xffff);
		s = *end == '.' || *end == '-' ? end + 1 : end;
	}
	return out;
}

struct ranked {
	const char *name;
	uint64_t version;
	uint32_t at;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->version != y->version)
		return x->version < y->version ? -1 : 1;
	return strcasecmp(x->name, y->name);
}

static int make_ranks(struct order *o)
{
	enum index_kind kind = kind_of[o->by];
	size_t n = o->ix->names[kind].n;
	struct ranked *all = calloc(n + 1, sizeof(*all));

	o->rank = calloc(n + 1, sizeof(*o->rank));
	if (!all || !o->rank) {
		free(all);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i <= n; i++) {
		const struct index_name *e = index_name_at(o->ix, kind, i);
		const char *name = e && e->name ? e->name : "";
		bool count = kind == INDEX_VERSION;

		all[i] = (struct ranked){ name, count ? version(name) : 0, i };
	}
	qsort(all, n + 1, sizeof(*all), by_rank);
	for (uint32_t i = 0, rank = 0; i <= n; i++) {
		rank += i > 0 && by_rank(&all[i - 1], &all[i]) != 0;
		o->rank[all[i].at] = rank;
	}
	free(all);
	return 0;
}

int order_begin(struct order *o, const struct index *ix, enum index_column by,
		bool descending)
{
	bool named = by == INDEX_BY_OS || by == INDEX_BY_VERSION ||
		     (by >= INDEX_BY_USER && by <= INDEX_BY_STRATEGY);

	*o = (struct order){ .ix = ix, .by = by, .descending = descending };
	return named ? make_ranks(o) : 0;
}

void order_end(struct order *o)
{
	free(o->rank);
}

struct order_item order_item(const struct order *o, const struct device *d)
{
	struct order_item it = { .at = d->at };

	switch (o->by) {
	case INDEX_BY_ID:
		it.key[0] = number(index_text(d, TEXT_ID));
		break;
	case INDEX_BY_NAME:
		text_key(&it, shown(d));
		break;
	case INDEX_BY_USERNAME:
		text_key(&it, index_text(d, TEXT_USERNAME));
		break;
	case INDEX_BY_NOTE:
		text_key(&it, index_text(d, TEXT_NOTE));
		break;
	case INDEX_BY_ADDRESS:
		bytes_key(&it, d->ip);
		break;
	case INDEX_BY_SEEN:
		it.key[0] = index_is_online(o->ix, d) ? UINT64_MAX : d->seen_s;
		break;
	case INDEX_BY_ONLINE:
		it.key[0] = index_is_online(o->ix, d);
		break;
	case INDEX_BY_STATUS:
		it.key[0] = !d->disabled;
		break;
	case INDEX_BY_CREATED:
		it.key[0] = d->created_ms;
		break;
	case INDEX_BY_OS:
	case INDEX_BY_VERSION:
	case INDEX_BY_USER:
	case INDEX_BY_USER_GROUP:
	case INDEX_BY_DEVICE_GROUP:
	case INDEX_BY_STRATEGY:
		it.key[0] = o->rank[index_handle(o->ix, d, kind_of[o->by])];
		break;
	case INDEX_COLUMNS:
		break;
	}
	if (!is_text(o->by) || ends_early(o, &it))
		it.key[1] = eight_bytes(d->guid);
	return it;
}

/* Total, so that pages do not overlap: by the device's guid in the end. */
static bool before(const struct order *o, const struct order_item *a,
		   const struct order_item *b)
{
	int c = (a->key[0] > b->key[0]) - (a->key[0] < b->key[0]);

	if (c == 0)
		c = (a->key[1] > b->key[1]) - (a->key[1] < b->key[1]);
	if (c == 0 && a->at != b->at) {
		const struct device *x = o->ix->list[a->at];
		const struct device *y = o->ix->list[b->at];

		/* Only texts that fill the key can go on. */
		if (is_text(o->by) && o->by != INDEX_BY_ADDRESS &&
		    !ends_early(o, a) && (a->key[1] & 0xff))
			c = strcmp(whole_text(o, x), whole_text(o, y));
		if (c == 0)
			c = memcmp(x->guid, y->guid, 16);
	}
	return o->descending ? c > 0 : c < 0;
}

static void swap(struct order_item *a, struct order_item *b)
{
	struct order_item t = *a;

	*a = *b;
	*b = t;
}

/* Any order of the devices may be asked for in any other: a pivot that a list
 * cannot foresee keeps each of them at N log N. */
static size_t any_below(uint64_t *state, size_t n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (size_t)(*state % n);
}

/* Moves what comes before a pivot to the front; returns the pivot's place. */
static size_t partition(const struct order *o, struct order_item *v, size_t n,
			uint64_t *state)
{
	size_t store = 0;

	swap(&v[any_below(state, n)], &v[n - 1]);
	for (size_t i = 0; i + 1 < n; i++)
		if (before(o, &v[i], &v[n - 1]))
			swap(&v[i], &v[store++]);
	swap(&v[store], &v[n - 1]);
	return store;
}

/* Of each part only what reaches into [FROM, TO) is looked at again. The
 * smaller part recurses, so the depth is the logarithm. */
static void arrange(const struct order *o, struct order_item *v, size_t n,
		    size_t from, size_t to, uint64_t *state)
{
	while (n > 1 && from < to) {
		size_t p = partition(o, v, n, state);
		size_t left = to < p ? to : p;

		if (p < n - p) {
			if (from < left)
				arrange(o, v, p, from, left, state);
			v += p + 1;
			n -= p + 1;
			from = from > p + 1 ? from - p - 1 : 0;
			to = to > p + 1 ? to - p - 1 : 0;
		} else {
			if (to > p + 1)
				arrange(o, v + p + 1, n - p - 1,
					from > p + 1 ? from - p - 1 : 0,
					to - p - 1, state);
			n = p;
			to = left;
		}
	}
}

void order_page(const struct order *o, struct order_item *items, size_t n,
		size_t start, size_t size)
{
	size_t end = size < n && start < n - size ? start + size : n;

	uint64_t state = 0x9e3779b97f4a7c15;

	arrange(o, items, n, start, end, &state);
}
