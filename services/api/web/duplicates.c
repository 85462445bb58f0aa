#include "services/api/web/duplicates.h"

#include <string.h>

#include "services/api/index/twins.h"
#include "services/api/web/devices.h"
#include "services/api/web/watch.h"

static bool read_by(const struct call *c, enum index_twin *out)
{
	const char *by = call_query(c, "by");

	*out = by && strcmp(by, "host") == 0 ? INDEX_TWIN_HOST
					     : INDEX_TWIN_MACHINE;
	return !by || !*by || strcmp(by, "host") == 0 ||
	       strcmp(by, "machine") == 0;
}

/* The document of each row that still has one, by its guid. */
struct rows {
	const struct index_row *rows;
	struct doc **docs;
};

static struct rows read_rows(struct call *c, const struct index_page *p)
{
	const char **guids = pool_alloc(&c->pool, (p->n + 1) * sizeof(*guids));

	for (size_t i = 0; i < p->n; i++)
		guids[i] = p->rows[i].guid;
	return (struct rows){ p->rows,
			      doc_each_for(&c->db, DOC_DEVICE, guids, p->n) };
}

static struct json_object *group_view(struct call *c, const struct rows *r,
				      size_t first, size_t shown, size_t count)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	for (size_t i = first; i < first + shown; i++)
		if (r->docs[i])
			js_push(list,
				web_device_view(c, r->docs[i], &r->rows[i]));
	js_set_int(o, "count", (int64_t)count);
	js_set(o, "devices", list);
	return o;
}

static int answer(struct call *c, struct page *p, const struct index_twins *t)
{
	struct rows rows = read_rows(c, &t->page);

	for (size_t i = 0, at = 0; i < t->n; i++) {
		size_t shown = t->counts[i] < INDEX_TWINS_SHOWN
				       ? t->counts[i]
				       : INDEX_TWINS_SHOWN;

		js_push(p->data, group_view(c, &rows, at, shown, t->counts[i]));
		at += shown;
	}
	p->total = t->page.total;
	return page_answer(c, p);
}

int web_duplicates(struct call *c)
{
	struct index_query q = { .online = -1,
				 .status = -1,
				 .grants = c->who.grants,
				 .ngrants = c->who.ngrants,
				 .self = call_self(c),
				 .perm = PERM_DEVICE_VIEW };
	struct index_twins found;
	enum index_twin by;
	struct page p;

	if (!read_by(c, &by))
		return call_error(c, 400, "Invalid format: by");
	page_init(c, &p);
	q.size = p.size < DUPLICATES_PAGE ? p.size : DUPLICATES_PAGE;
	q.start = p.start / p.size * q.size;
	struct index *ix = watch_index(c->app->watch);
	if (!ix) {
		c->retry_after_s = 1;
		return call_error(c, 503, "The list of devices is being built");
	}
	int r = index_twins(ix, &q, by, &found);
	watch_done(c->app->watch);
	if (r < 0)
		return call_error(c, 503, "Out of memory");
	answer(c, &p, &found);
	index_twins_free(&found);
	return 0;
}
