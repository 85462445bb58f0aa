#include "services/api/index/twins.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "services/api/index/match.h"

/* One device, by what it has in common with others. */
struct twin {
	uint64_t key;
	uint32_t at; /* in the list */
};

/* TWINS from FIRST on have the same key. */
struct group {
	size_t first, n;
};

/* 0: it says nothing of the kind. */
static uint64_t key_of(const struct index *ix, const struct device *d,
		       enum index_twin by)
{
	const char *host = index_text(d, TEXT_HOST);
	const char *user = index_text(d, TEXT_USERNAME);
	uint8_t text[3 * INDEX_TEXT_MAX];
	size_t n = 0;

	if (by == INDEX_TWIN_MACHINE)
		return d->machine;
	if (!*host)
		return 0;
	memcpy(text, &d->names[INDEX_OS], sizeof(d->names[0]));
	n += sizeof(d->names[0]);
	memcpy(text + n, host, strlen(host) + 1);
	n += strlen(host) + 1;
	memcpy(text + n, user, strlen(user));
	n += strlen(user);
	return index_hash(ix, text, n);
}

static int by_key(const void *a, const void *b)
{
	const struct twin *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

struct sorter {
	const struct index *ix;
	const struct twin *twins;
};

static const struct device *device_at(const struct sorter *s, uint32_t at)
{
	return s->ix->list[at];
}

/* Within a group: the online one, then who was here last. */
static int by_seen(const void *a, const void *b, void *ctx)
{
	const struct device *x = device_at(ctx, ((const struct twin *)a)->at);
	const struct device *y = device_at(ctx, ((const struct twin *)b)->at);
	bool on_x = index_is_online(((struct sorter *)ctx)->ix, x);
	bool on_y = index_is_online(((struct sorter *)ctx)->ix, y);

	if (on_x != on_y)
		return on_x ? -1 : 1;
	if (x->seen_s != y->seen_s)
		return x->seen_s > y->seen_s ? -1 : 1;
	return memcmp(x->guid, y->guid, sizeof(x->guid));
}

/* The largest first; then in an order that all processes have. */
static int by_size(const void *a, const void *b, void *ctx)
{
	const struct sorter *s = ctx;
	const struct group *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return memcmp(device_at(s, s->twins[x->first].at)->guid,
		      device_at(s, s->twins[y->first].at)->guid, 16);
}

static size_t group_all(const struct twin *t, size_t n, struct group *out)
{
	size_t groups = 0;

	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && t[end].key == t[i].key; end++)
			;
		if (end - i > 1)
			out[groups++] = (struct group){ i, end - i };
	}
	return groups;
}

static int copy_page(struct index *ix, const struct sorter *s,
		     const struct group *g, size_t n, struct index_twins *out)
{
	size_t rows = 0;
	uint32_t *at = malloc((n + 1) * INDEX_TWINS_SHOWN * sizeof(*at));

	out->counts = calloc(n + 1, sizeof(*out->counts));
	if (!at || !out->counts) {
		free(at);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		size_t shown =
			g[i].n < INDEX_TWINS_SHOWN ? g[i].n : INDEX_TWINS_SHOWN;

		out->counts[i] = g[i].n;
		for (size_t k = 0; k < shown; k++)
			at[rows++] = s->twins[g[i].first + k].at;
	}
	out->n = n;
	int r = index_copy_rows(ix, at, rows, &out->page);
	free(at);
	return r;
}

static int find(struct index *ix, const struct match *m, enum index_twin by,
		struct index_twins *out)
{
	const struct index_query *q = m->q;
	struct twin *t = malloc((ix->n + 1) * sizeof(*t));
	struct group *g = malloc((ix->n / 2 + 1) * sizeof(*g));
	struct sorter s = { ix, t };
	size_t n = 0;
	int r = -ENOMEM;

	if (!t || !g)
		goto out;
	for (size_t i = 0; i < ix->n; i++) {
		uint64_t key = key_of(ix, ix->list[i], by);

		if (key && match_device(m, ix->list[i]))
			t[n++] = (struct twin){ key, (uint32_t)i };
	}
	qsort(t, n, sizeof(*t), by_key);
	size_t groups = group_all(t, n, g);
	for (size_t i = 0; i < groups; i++)
		qsort_r(t + g[i].first, g[i].n, sizeof(*t), by_seen, &s);
	qsort_r(g, groups, sizeof(*g), by_size, &s);
	size_t start = q->start < groups ? q->start : groups;
	size_t size = q->size < groups - start ? q->size : groups - start;
	out->page.total = groups;
	r = copy_page(ix, &s, g + start, size, out);
out:
	free(t);
	free(g);
	return r;
}

int index_twins(struct index *ix, const struct index_query *q,
		enum index_twin by, struct index_twins *out)
{
	struct match m;

	*out = (struct index_twins){ 0 };
	while (sem_wait(&ix->queries) < 0 && errno == EINTR)
		;
	pthread_rwlock_rdlock(&ix->lock);
	int r = match_begin(&m, ix, q);
	if (r == 0)
		r = find(ix, &m, by, out);
	match_end(&m);
	pthread_rwlock_unlock(&ix->lock);
	sem_post(&ix->queries);
	if (r < 0)
		index_twins_free(out);
	return r;
}

void index_twins_free(struct index_twins *t)
{
	index_page_free(&t->page);
	free(t->counts);
	*t = (struct index_twins){ 0 };
}
