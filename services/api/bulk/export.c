#include "services/api/bulk/export.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/api/account/users.h"
#include "services/api/base/csv.h"
#include "services/api/book/books.h"
#include "services/api/book/entries.h"
#include "services/api/device/devices.h"
#include "services/api/web/devices.h"

enum { CHUNK_BYTES = 4 << 20 }; /* of a hundred rows: far more than they have */

struct export
{
	struct call_stream base; /* first: it is what http hands back */
	struct app *app;
	/* Appends the rows AT to AT + N; false: they do not fit. */
	bool (*rows)(struct export * e, struct db * d, size_t at, size_t n);
	struct buf text; /* made and not yet sent */
	size_t at, n;
	struct index_page devices; /* of devices */
	struct pool pool;          /* of the rest: */
	const char **keys;         /* guids of users, ids of entries */
	const char *key;           /* of the book's entries */
};

static atomic_uint under_way;

static bool put_row(struct buf *b, const char *const *cells, size_t n)
{
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++)
		ok = csv_put(b, cells[i], i == 0) == 0;
	return ok && csv_end_row(b) == 0;
}

static const char *number(struct db *d, int64_t n)
{
	return pool_printf(d->pool, "%" PRId64, n);
}

static const char *time_text(struct db *d, int64_t unix_s)
{
	char out[TEXT_TIME];

	if (unix_s <= 0)
		return "";
	text_time(unix_s, out);
	return pool_strdup(d->pool, out);
}

/* --- the stream ----------------------------------------------------------- */

static int make_more(struct export *e)
{
	struct pool pool = { 0 };
	struct db d = db_take(e->app->db, &pool);
	size_t n = e->n - e->at < EXPORT_CHUNK ? e->n - e->at : EXPORT_CHUNK;
	bool ok = e->rows(e, &d, e->at, n) && !d.away;

	db_put(e->app->db, &d);
	pool_fini(&pool);
	e->at += n;
	return ok ? 0 : -EIO;
}

static long read_stream(struct call_stream *base, char *out, size_t max)
{
	struct export *e = (struct export *)base;

	while (buf_len(&e->text) == 0) {
		if (e->at == e->n)
			return -1;
		if (make_more(e) < 0) {
			base->broken = true;
			return -1;
		}
	}
	size_t len = buf_len(&e->text) < max ? buf_len(&e->text) : max;
	memcpy(out, buf_head(&e->text), len);
	buf_consume(&e->text, len);
	return (long)len;
}

static void gone(struct call_stream *base)
{
	struct export *e = (struct export *)base;

	index_page_free(&e->devices);
	pool_fini(&e->pool);
	buf_fini(&e->text);
	free(e);
	atomic_fetch_sub(&under_way, 1);
}

/* NULL: answered, there are enough. */
static struct export *begin(struct call *c)
{
	struct export *e = calloc(1, sizeof(*e));

	if (!e || atomic_fetch_add(&under_way, 1) >= EXPORTS_MAX) {
		if (e)
			atomic_fetch_sub(&under_way, 1);
		free(e);
		c->retry_after_s = 5;
		call_error(c, 503, "Too many exports at once");
		return NULL;
	}
	e->app = c->app;
	buf_init(&e->text, CHUNK_BYTES);
	return e;
}

static int start(struct call *c, struct export *e, const char *file,
		 const char *const *head, size_t columns)
{
	if (!put_row(&e->text, head, columns)) {
		gone(&e->base);
		return call_error(c, 503, "Out of memory");
	}
	e->base.read = read_stream;
	e->base.gone = gone;
	call_empty(c);
	c->stream = &e->base;
	c->type = "text/csv; charset=utf-8";
	c->disposition = call_fmt(c, "attachment; filename=\"%s\"", file);
	return 0;
}

/* --- devices -------------------------------------------------------------- */

static const char *address_of(struct db *d, const struct index_row *row)
{
	struct addr a = { 0 };
	char text[ADDR_TEXT_MAX];

	if (!row->has_address)
		return "";
	memcpy(a.ip, row->ip, sizeof(row->ip));
	return pool_strdup(d->pool, addr_format_ip(&a, text));
}

static bool put_device(struct export *e, struct db *d, const struct doc *dev,
		       const struct index_row *row)
{
	struct json_object *info = doc_obj(dev, DEVICE_INFO);
	const char *cells[] = {
		doc_text(dev, DEVICE_ID),
		doc_text(dev, DEVICE_NAME),
		doc_text(dev, DEVICE_USERNAME),
		row->user,
		row->device_group,
		row->strategy,
		doc_text(dev, DEVICE_NOTE),
		number(d, doc_int(dev, DEVICE_STATUS, 1)),
		field_text(info, INFO_HOSTNAME),
		field_text(info, INFO_USERNAME),
		row->user_group,
		field_text(info, INFO_OS),
		field_text(info, INFO_VERSION),
		address_of(d, row),
		row->online ? "1" : "0",
		time_text(d, row->seen_s),
		time_text(d, doc_int(dev, ANY_CREATED_AT, 0) / 1000),
	};

	return put_row(&e->text, cells, ARRAY_LEN(cells));
}

static bool device_rows(struct export *e, struct db *d, size_t at, size_t n)
{
	const char *guids[EXPORT_CHUNK] = { NULL };
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		guids[i] = e->devices.rows[at + i].guid;
	struct doc **devs = doc_each_for(d, DOC_DEVICE, guids, n);
	/* One that was deleted meanwhile is left out. */
	for (size_t i = 0; ok && i < n; i++)
		if (devs[i])
			ok = put_device(e, d, devs[i],
					&e->devices.rows[at + i]);
	return ok;
}

int export_devices(struct call *c)
{
	static const char *const head[] = {
		"id",
		"device_name",
		"device_username",
		"user_name",
		"device_group_name",
		"strategy_name",
		"note",
		"status",
		"hostname",
		"username",
		"group_name",
		"os",
		"version",
		"address",
		"is_online",
		"last_seen",
		"created_at",
	};
	struct index_page found;
	struct export *e;

	if (!call_lane(c, LANE_BULK, call_self(c)))
		return CALL_LATER;
	if (web_devices_find(c, EXPORT_ROWS_MAX, &found) < 0)
		return 0;
	e = begin(c);
	if (!e) {
		index_page_free(&found);
		return 0;
	}
	e->devices = found;
	e->n = found.n;
	e->rows = device_rows;
	return start(c, e, "devices.csv", head, ARRAY_LEN(head));
}

/* --- users ---------------------------------------------------------------- */

static bool user_rows(struct export *e, struct db *d, size_t at, size_t n)
{
	struct doc **users = doc_many(d, DOC_USER, e->keys + at, n, &n);
	struct doc **groups =
		doc_named(d, DOC_USER_GROUP, users, n, USER_GROUP);
	struct doc **roles =
		doc_named(d, DOC_CONTROL_ROLE, users, n, USER_CONTROL_ROLE);
	struct doc **strategies =
		doc_named(d, DOC_STRATEGY, users, n, USER_STRATEGY);
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++) {
		const struct doc *u = users[i];
		const char *cells[] = {
			doc_text(u, USER_NAME),
			doc_text(u, USER_DISPLAY_NAME),
			doc_text(u, USER_EMAIL),
			doc_name(groups[i]),
			doc_name(roles[i]),
			doc_name(strategies[i]),
			doc_text(u, USER_NOTE),
			number(d, doc_int(u, USER_STATUS, 1)),
			doc_text(u, USER_SOURCE),
			*doc_text(u, USER_TOTP) ? "1" : "0",
			time_text(d, doc_int(u, ANY_CREATED_AT, 0) / 1000),
		};

		ok = put_row(&e->text, cells, ARRAY_LEN(cells));
	}
	return ok;
}

static void keep_keys(struct export *e, const char *const *keys, size_t n)
{
	e->keys = pool_alloc(&e->pool, (n + 1) * sizeof(*e->keys));
	for (size_t i = 0; i < n; i++)
		e->keys[i] = pool_strdup(&e->pool, keys[i]);
	e->n = n;
}

int export_users(struct call *c)
{
	static const char *const head[] = {
		"name",
		"display_name",
		"email",
		"group_name",
		"control_role_name",
		"strategy_name",
		"note",
		"status",
		"source",
		"totp",
		"created_at",
	};
	struct page p = { .call = c, .size = EXPORT_ROWS_MAX };
	size_t n;

	if (!call_lane(c, LANE_BULK, call_self(c)))
		return CALL_LATER;
	const char **guids = users_matching(c, &p, &n);
	if (!guids)
		return 0;
	if (p.total > EXPORT_ROWS_MAX)
		return call_error(c, 400,
				  call_fmt(c,
					   "%zu users match, %d are the most",
					   p.total, EXPORT_ROWS_MAX));
	struct export *e = begin(c);
	if (!e)
		return 0;
	keep_keys(e, guids, n);
	e->rows = user_rows;
	return start(c, e, "users.csv", head, ARRAY_LEN(head));
}

/* --- address books -------------------------------------------------------- */

static const char *tags_of(struct db *d, struct json_object *tags)
{
	const char *out = "";

	for (size_t i = 0; i < js_len(tags); i++)
		out = i ? pool_printf(d->pool, "%s,%s", out, js_at(tags, i))
			: js_at(tags, i);
	return out;
}

static bool put_entry(struct export *e, struct db *d, const struct entry *of,
		      const struct doc *dev)
{
	struct json_object *o = json_object_new_object();

	pool_json(d->pool, o);
	field_copy(o, of->j, ENTRY_USERNAME.of);
	field_copy(o, of->j, ENTRY_HOSTNAME.of);
	field_copy(o, of->j, ENTRY_PLATFORM.of);
	entry_facts(o, dev);
	const char *cells[] = {
		of->id,
		field_text(of->j, ENTRY_ALIAS),
		tags_of(d, field_list(of->j, ENTRY_TAGS)),
		field_text(of->j, ENTRY_NOTE),
		field_text(o, ENTRY_USERNAME),
		field_text(o, ENTRY_HOSTNAME),
		field_text(o, ENTRY_PLATFORM),
	};

	return put_row(&e->text, cells, ARRAY_LEN(cells));
}

static bool entry_rows(struct export *e, struct db *d, size_t at, size_t n)
{
	struct json_object *ids = json_object_new_array();
	const char *found[EXPORT_CHUNK] = { NULL };
	bool ok = true;

	pool_json(d->pool, ids);
	for (size_t i = 0; i < n; i++)
		js_push_str(ids, e->keys[at + i]);
	struct entry *entries = entries_of(d, e->key, ids, &n);
	for (size_t i = 0; i < n; i++)
		found[i] = entries[i].id;
	struct doc **devs = devices_by_id(d, found, n);
	for (size_t i = 0; ok && i < n; i++)
		ok = put_entry(e, d, &entries[i], devs[i]);
	return ok;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Passwords stay where they are. */
int export_entries(struct call *c)
{
	static const char *const head[] = { "id",      "alias",    "tags",
					    "note",    "username", "hostname",
					    "platform" };
	struct doc *book = book_open(c, c->param[0], BOOK_READ);

	if (!book)
		return 0;
	if (!call_lane(c, LANE_BULK, call_self(c)))
		return CALL_LATER;
	const char *key = book_peers_key(&c->db, book->guid);
	const struct redis_reply *r = db_do(&c->db, "HKEYS", key, NULL);
	const char **ids =
		pool_alloc(&c->pool, (db_count(r) + 1) * sizeof(*ids));
	size_t n = 0;
	for (size_t i = 0; i < db_count(r); i++) {
		ids[n] = db_text(db_item(r, i));
		n += ids[n] ? 1 : 0;
	}
	qsort(ids, n, sizeof(*ids), by_text);
	struct export *e = begin(c);
	if (!e)
		return 0;
	keep_keys(e, ids, n);
	e->key = pool_strdup(&e->pool, key);
	e->rows = entry_rows;
	return start(c, e, "address-book.csv", head, ARRAY_LEN(head));
}
