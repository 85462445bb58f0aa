#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "services/api/base/text.h"
#include "services/api/index/match.h"
#include "services/api/index/order.h"

static const char *const columns[INDEX_COLUMNS] = {
	[INDEX_BY_CREATED] = "created_at",
	[INDEX_BY_ID] = "id",
	[INDEX_BY_NAME] = "name",
	[INDEX_BY_USERNAME] = "username",
	[INDEX_BY_OS] = "os",
	[INDEX_BY_VERSION] = "version",
	[INDEX_BY_ADDRESS] = "address",
	[INDEX_BY_SEEN] = "last_seen",
	[INDEX_BY_USER] = "user",
	[INDEX_BY_USER_GROUP] = "user_group",
	[INDEX_BY_DEVICE_GROUP] = "device_group",
	[INDEX_BY_STRATEGY] = "strategy",
	[INDEX_BY_NOTE] = "note",
	[INDEX_BY_ONLINE] = "online",
	[INDEX_BY_STATUS] = "status",
};

enum index_column index_column(const char *name)
{
	for (unsigned i = 0; i < INDEX_COLUMNS; i++)
		if (strcmp(columns[i], name) == 0)
			return (enum index_column)i;
	return INDEX_COLUMNS;
}

static const char *const *row_texts(const struct index *ix,
				    const struct device *d,
				    const char *out[static 4])
{
	static const enum index_kind kinds[] = { INDEX_USER, INDEX_USER_GROUP,
						 INDEX_DEVICE_GROUP,
						 INDEX_STRATEGY };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct index_name *n = index_name_at(
			ix, kinds[i], index_handle(ix, d, kinds[i]));

		out[i] = n && n->name ? n->name : "";
	}
	return out;
}

static char *copy(char **at, const char *text)
{
	char *start = *at;
	size_t len = strlen(text) + 1;

	memcpy(start, text, len);
	*at += len;
	return start;
}

static void fill(const struct index *ix, const struct device *d,
		 struct index_row *row, char **at)
{
	static const uint8_t none[16];
	const char *texts[4];

	row_texts(ix, d, texts);
	text_guid(d->guid, row->guid);
	row->user = copy(at, texts[0]);
	row->user_group = copy(at, texts[1]);
	row->device_group = copy(at, texts[2]);
	row->strategy = copy(at, texts[3]);
	row->seen_s = d->seen_s;
	row->online = index_is_online(ix, d);
	row->has_address = memcmp(d->ip, none, 16) != 0;
	memcpy(row->ip, d->ip, 16);
}

int index_copy_rows(const struct index *ix, const uint32_t *at, size_t n,
		    struct index_page *out)
{
	size_t bytes = 1;
	const char *texts[4];

	for (size_t i = 0; i < n; i++) {
		row_texts(ix, ix->list[at[i]], texts);
		for (size_t k = 0; k < ARRAY_LEN(texts); k++)
			bytes += strlen(texts[k]) + 1;
	}
	out->rows = calloc(n + 1, sizeof(*out->rows));
	out->texts = malloc(bytes);
	if (!out->rows || !out->texts)
		return -ENOMEM;
	char *text = out->texts;
	for (size_t i = 0; i < n; i++)
		fill(ix, ix->list[at[i]], &out->rows[i], &text);
	out->n = n;
	return 0;
}

static int copy_rows(const struct index *ix, const struct order_item *items,
		     size_t n, struct index_page *out)
{
	uint32_t *at = malloc((n + 1) * sizeof(*at));

	if (!at)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		at[i] = items[i].at;
	int r = index_copy_rows(ix, at, n, out);
	free(at);
	return r;
}

static int find(struct index *ix, const struct index_query *q,
		const struct match *m, struct index_page *out)
{
	struct order_item *items = malloc((ix->n + 1) * sizeof(*items));
	struct order o = { 0 };
	size_t n = 0;
	int r = items ? order_begin(&o, ix, q->sort, q->descending) : -ENOMEM;

	if (r < 0)
		goto out;
	for (size_t i = 0; i < ix->n; i++)
		if (match_device(m, ix->list[i]))
			items[n++] = order_item(&o, ix->list[i]);
	size_t start = q->start < n ? q->start : n;
	size_t size = q->size < n - start ? q->size : n - start;
	order_page(&o, items, n, start, size);
	out->total = n;
	r = copy_rows(ix, items + start, size, out);
out:
	order_end(&o);
	free(items);
	return r;
}

int index_find(struct index *ix, const struct index_query *q,
	       struct index_page *out)
{
	struct match m;

	*out = (struct index_page){ 0 };
	while (sem_wait(&ix->queries) < 0 && errno == EINTR)
		;
	pthread_rwlock_rdlock(&ix->lock);
	int r = match_begin(&m, ix, q);
	if (r == 0)
		r = find(ix, q, &m, out);
	match_end(&m);
	pthread_rwlock_unlock(&ix->lock);
	sem_post(&ix->queries);
	if (r < 0)
		index_page_free(out);
	return r;
}

void index_page_free(struct index_page *p)
{
	free(p->rows);
	free(p->texts);
	*p = (struct index_page){ 0 };
}
