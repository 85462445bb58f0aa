#include "services/api/web/devices.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "services/api/device/device_admin.h"
#include "services/api/web/watch.h"

static const char *filter(const struct call *c, const char *name)
{
	const char *v = call_query(c, name);

	return v && *v ? v : NULL;
}

/* 0, 1, or -1 for all; false: something else. */
static bool flag(const struct call *c, const char *name, int *out)
{
	const char *v = filter(c, name);

	*out = v ? *v - '0' : -1;
	return !v || strcmp(v, "0") == 0 || strcmp(v, "1") == 0;
}

static bool time_of(const struct call *c, const char *name, int64_t *out)
{
	*out = call_query_int(c, name, 0);
	return *out >= 0 && (*out > 0 || !filter(c, name) ||
			     strcmp(filter(c, name), "0") == 0);
}

static const char *read_times(const struct call *c, struct index_query *q)
{
	const struct {
		const char *name;
		int64_t *to;
	} times[] = { { "seen_after", &q->seen_from_s },
		      { "seen_before", &q->seen_before_s },
		      { "created_after", &q->created_from_s },
		      { "created_before", &q->created_before_s } };

	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		if (!time_of(c, times[i].name, times[i].to))
			return times[i].name;
	return NULL;
}

/* NULL, or the name of the query member that is wrong. */
static const char *read_query(struct call *c, struct index_query *q)
{
	const char *sort = filter(c, "sort");
	int unassigned;

	*q = (struct index_query){
		.id = filter(c, "id"),
		.name = filter(c, "name"),
		.username = filter(c, "username"),
		.note = filter(c, "note"),
		.address = filter(c, "address"),
		.text = filter(c, "q"),
		.names = { [INDEX_USER] = filter(c, "user"),
			   [INDEX_USER_GROUP] = filter(c, "user_group"),
			   [INDEX_DEVICE_GROUP] = filter(c, "device_group"),
			   [INDEX_STRATEGY] = filter(c, "strategy"),
			   [INDEX_OS] = filter(c, "os"),
			   [INDEX_VERSION] = filter(c, "version") },
		.grants = c->who.grants,
		.ngrants = c->who.ngrants,
		.self = call_self(c),
		.perm = PERM_DEVICE_VIEW,
		.descending = sort && *sort == '-',
	};
	if (sort)
		q->sort = index_column(sort + q->descending);
	if (q->sort == INDEX_COLUMNS)
		return "sort";
	if (!flag(c, "online", &q->online))
		return "online";
	if (!flag(c, "status", &q->status))
		return "status";
	if (!flag(c, "unassigned", &unassigned))
		return "unassigned";
	q->unassigned = unassigned == 1;
	return read_times(c, q);
}

static const char *address(struct call *c, const struct index_row *row)
{
	struct addr a = { 0 };
	char text[ADDR_TEXT_MAX];

	if (!row->has_address)
		return "";
	memcpy(a.ip, row->ip, sizeof(row->ip));
	return pool_strdup(&c->pool, addr_format_ip(&a, text));
}

/* As all lists, and what this one can be sorted by. */
struct json_object *web_device_view(struct call *c, const struct doc *dev,
				    const struct index_row *row)
{
	struct device_names names = { row->user, row->user_group,
				      row->device_group, row->strategy };
	struct peer_seen p = {
		.online = row->online,
		.last_s =
			row->online ? (int64_t)(c->now_ms / 1000) : row->seen_s,
	};
	struct json_object *o = device_view(dev, &names, p);
	struct json_object *info = doc_obj(dev, DEVICE_INFO);

	js_set_str(o, "os", field_text(info, INFO_OS));
	js_set_str(o, "version", field_text(info, INFO_VERSION));
	js_set_str(o, "address", address(c, row));
	js_set_int(o, "last_seen", p.last_s);
	return o;
}

static int answer(struct call *c, struct page *p, struct index_page *found)
{
	const char **guids =
		pool_alloc(&c->pool, (found->n + 1) * sizeof(*guids));
	size_t n, at = 0;

	for (size_t i = 0; i < found->n; i++)
		guids[i] = found->rows[i].guid;
	struct doc **docs = doc_many(&c->db, DOC_DEVICE, guids, found->n, &n);
	/* One that was deleted a moment ago is left out. */
	for (size_t i = 0; i < found->n && at < n; i++)
		if (strcmp(guids[i], docs[at]->guid) == 0)
			js_push(p->data, web_device_view(c, docs[at++],
							 &found->rows[i]));
	p->total = found->total;
	return page_answer(c, p);
}

/* 0, or negative: answered. */
static int find(struct call *c, const struct index_query *q,
		struct index_page *out)
{
	struct index *ix = watch_index(c->app->watch);

	if (!ix) {
		c->retry_after_s = 1;
		call_error(c, 503, "The list of devices is being built");
		return -EAGAIN;
	}
	int r = index_find(ix, q, out);
	watch_done(c->app->watch);
	if (r < 0)
		call_error(c, 503, "Out of memory");
	return r;
}

static int list(struct call *c, const struct index_query *query)
{
	struct index_query q = *query;
	struct index_page found;
	struct page p;

	page_init(c, &p);
	q.start = p.start;
	q.size = p.size;
	if (find(c, &q, &found) < 0)
		return 0;
	answer(c, &p, &found);
	index_page_free(&found);
	return 0;
}

int web_devices_find(struct call *c, size_t most, struct index_page *out)
{
	struct index_query q;
	const char *bad = read_query(c, &q);

	if (bad) {
		call_error(c, 400, call_fmt(c, "Invalid format: %s", bad));
		return -EINVAL;
	}
	q.size = most;
	if (find(c, &q, out) < 0)
		return -EAGAIN;
	if (out->total <= most)
		return 0;
	call_error(c, 400,
		   call_fmt(c, "%zu devices match, %zu are the most",
			    out->total, most));
	index_page_free(out);
	return -E2BIG;
}

int web_devices(struct call *c)
{
	struct index_query q;
	const char *bad = read_query(c, &q);

	if (bad)
		return call_error(c, 400,
				  call_fmt(c, "Invalid format: %s", bad));
	return list(c, &q);
}

int web_devices_own(struct call *c)
{
	struct grant own = {
		.scope = SCOPE_INDIVIDUAL,
		.perms = UINT64_C(1) << PERM_DEVICE_VIEW,
	};
	struct index_query q;
	const char *bad = read_query(c, &q);

	if (c->who.api)
		return call_forbidden(c);
	if (bad)
		return call_error(c, 400,
				  call_fmt(c, "Invalid format: %s", bad));
	q.grants = &own;
	q.ngrants = 1;
	return list(c, &q);
}
