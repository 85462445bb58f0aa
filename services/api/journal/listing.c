#include "services/api/journal/listing.h"

#include <stdio.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/base/csv.h"
#include "services/api/core/audit_index.h"
#include "services/api/core/options.h"
#include "services/api/core/target.h"

struct column {
	enum doc_kind kind;
	const struct field *fields[20]; /* shown, in CSV order */
};

static const struct column columns[] = {
	{ DOC_AUDIT_CONN,
	  { &ANY_GUID.of, &ANY_CREATED_AT.of, &CONN_END_TIME.of,
	    &AUDIT_DEVICE.of, &AUDIT_PEER_ID.of, &CONN_PEER_NAME.of,
	    &AUDIT_USER_NAME.of, &AUDIT_IP.of, &AUDIT_CONN_TYPE.of,
	    &CONN_PRIMARY_AUTH.of, &CONN_TWO_FACTOR.of, &CONN_NOTE.of,
	    &AUDIT_CONN_ID.of, &CONN_SESSION_ID.of, &AUDIT_VERIFIED.of,
	    &CONN_RELAYED.of, &CONN_GUEST_LINK.of, &CONN_GUEST_NOTE.of } },
	{ DOC_AUDIT_FILE,
	  { &ANY_GUID.of, &ANY_CREATED_AT.of, &AUDIT_DEVICE.of,
	    &AUDIT_PEER_ID.of, &AUDIT_USER_NAME.of, &FILE_TYPE.of,
	    &FILE_PATH.of, &FILE_IS_FILE.of, &AUDIT_INFO.of, &AUDIT_CONN_ID.of,
	    &AUDIT_VERIFIED.of } },
	{ DOC_AUDIT_ALARM,
	  { &ANY_GUID.of, &ANY_CREATED_AT.of, &AUDIT_DEVICE.of, &AUDIT_TYP.of,
	    &AUDIT_INFO.of, &AUDIT_USER_NAME.of, &AUDIT_CONN_ID.of,
	    &AUDIT_VERIFIED.of } },
	{ DOC_AUDIT_CONSOLE,
	  { &ANY_GUID.of, &ANY_CREATED_AT.of, &AUDIT_OPERATOR.of, &AUDIT_TYP.of,
	    &ADMIN_IOP.of, &AUDIT_INFO.of, &AUDIT_IP.of, &ADMIN_API_TOKEN.of,
	    &ADMIN_HOST.of, &AUDIT_VERIFIED.of } },
};

/* Which rows are looked at. */
enum source {
	SOURCE_OWN,  /* those of the caller and his devices */
	SOURCE_SCAN, /* all, newest first, up to LISTING_SCAN_MAX */
};

struct query {
	struct call *c;
	const struct column *col;
	struct page page;
	enum source source;
	bool all; /* sees everything */
	bool csv;
	int64_t after_ms;
	size_t scanned;
	struct buf text;
};

static bool may(struct call *c, enum perm p, const struct doc *row,
		const struct doc *dev, const struct doc *owner)
{
	const char *user = doc_text(row, AUDIT_USER);
	struct target t = { .user = user, .device = true };

	if (call_may_all(c, p) || (*user && call_may(c, p, &t)))
		return true;
	if (!dev)
		return false;
	t = target_owned(dev, owner);
	return call_may(c, p, &t);
}

bool listing_may(struct call *c, enum perm p, const struct doc *row)
{
	struct doc *dev =
		doc_get(&c->db, DOC_DEVICE, doc_text(row, AUDIT_DEVICE_GUID));

	return may(c, p, row, dev,
		   doc_get(&c->db, DOC_USER, doc_text(dev, DEVICE_OWNER)));
}

bool listing_tells_own(struct call *c)
{
	return !c->who.api && !field_bool(options_get(&c->db, "general"),
					  GENERAL_ONLY_ADMIN_LOGS, false);
}

/* Did it happen with the caller, or with his device? */
static bool is_own(const struct call *c, const struct doc *row,
		   const struct doc *dev)
{
	const char *self = call_self(c);

	return strcmp(doc_text(row, AUDIT_USER), self) == 0 ||
	       (dev && strcmp(doc_text(dev, DEVICE_OWNER), self) == 0);
}

const bool *listing_visible(struct call *c, struct doc *const *rows, size_t n,
			    bool own)
{
	struct db *d = &c->db;
	bool *out = pool_alloc(d->pool, n + 1);

	memset(out, true, n);
	if (call_may_all(c, PERM_AUDIT_VIEW))
		return out;
	struct doc **devs =
		doc_named(d, DOC_DEVICE, rows, n, AUDIT_DEVICE_GUID);
	struct doc **owners = doc_named(d, DOC_USER, devs, n, DEVICE_OWNER);

	for (size_t i = 0; i < n; i++)
		out[i] = may(c, PERM_AUDIT_VIEW, rows[i], devs[i], owners[i]) ||
			 (own && is_own(c, rows[i], devs[i]));
	return out;
}

static bool matches(struct call *c, const struct doc *row)
{
	const char *remote = call_query(c, "remote");
	int64_t type = call_query_int(c, "conn_type", -1);

	if (remote && !text_like(remote, doc_text(row, AUDIT_DEVICE)) &&
	    !text_like(remote, doc_text(row, AUDIT_PEER_ID)))
		return false;
	if (type != -1 && doc_int(row, AUDIT_CONN_TYPE, -2) != type)
		return false;
	return text_like(call_query(c, "device"),
			 doc_text(row, AUDIT_DEVICE)) &&
	       text_like(call_query(c, "operator"),
			 doc_text(row, AUDIT_OPERATOR));
}

static struct json_object *value_of(const struct doc *row,
				    const struct field *f)
{
	if (f == &ANY_CREATED_AT.of)
		return json_object_new_int64(doc_int(row, ANY_CREATED_AT, 0) /
					     1000);
	/* Rows of older versions may hold more than is taken now. */
	return js_cut(doc_any(row, *f), LISTING_TEXT_MAX);
}

static struct json_object *view(const struct column *col, const struct doc *row)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; col->fields[i]; i++) {
		struct json_object *v = value_of(row, col->fields[i]);

		if (v)
			js_set(o, col->fields[i]->name, v);
	}
	if (col->kind != DOC_AUDIT_CONSOLE)
		js_set_str(o, "remote", doc_text(row, AUDIT_DEVICE));
	return o;
}

static void put_row(struct query *q, const struct doc *row)
{
	for (size_t i = 0; q->col->fields[i]; i++) {
		struct json_object *v = value_of(row, q->col->fields[i]);

		/* The cap of 1000 rows of bounded members is far below the
		 * buffer's. */
		(void)!csv_put(&q->text, v ? json_object_get_string(v) : "",
			       i == 0);
		json_object_put(v);
	}
	(void)!csv_end_row(&q->text);
}

static void take(struct query *q, const struct doc *row)
{
	if (q->csv && q->page.total < LISTING_CSV_MAX) {
		q->page.total++;
		put_row(q, row);
	} else if (!q->csv && page_take(&q->page)) {
		js_push(q->page.data, view(q->col, row));
	}
}

static bool take_some(void *ctx, struct doc **rows, size_t n)
{
	struct query *q = ctx;
	const bool *visible = NULL; /* all */
	size_t kept = 0;
	bool more = true;

	for (size_t i = 0; i < n && more; i++) {
		/* Newest first: the rest is older still. */
		more = q->scanned++ < LISTING_SCAN_MAX &&
		       doc_int(rows[i], ANY_CREATED_AT, 0) > q->after_ms;
		if (more && matches(q->c, rows[i]))
			rows[kept++] = rows[i];
	}
	if (!q->all && q->source != SOURCE_OWN)
		visible = listing_visible(q->c, rows, kept, true);
	for (size_t i = 0; i < kept; i++)
		if (!visible || visible[i])
			take(q, rows[i]);
	return more;
}

/* The rows of the caller and of his devices, newest first. */
static const char **own_rows(struct query *q, size_t *n)
{
	struct call *c = q->c;
	struct db *d = &c->db;
	enum doc_kind kind = q->col->kind;
	const struct redis_reply *devices =
		db_do(d, "SMEMBERS",
		      call_fmt(c, KEY_DEVICE_OWNER, call_self(c)), NULL);
	size_t nkeys = db_count(devices) + 1;
	const char **argv = pool_alloc(&c->pool, (nkeys + 4) * sizeof(char *));
	size_t *lens = pool_alloc(&c->pool, (nkeys + 4) * sizeof(size_t));
	size_t argc = 0;

	argv[argc++] = "ZUNION";
	argv[argc++] = call_fmt(c, "%zu", nkeys);
	argv[argc++] = audit_by_key(d, kind, call_self(c));
	for (size_t i = 0; i + 1 < nkeys; i++)
		argv[argc++] =
			audit_of_key(d, kind, db_text(db_item(devices, i)));
	argv[argc++] = "AGGREGATE";
	argv[argc++] = "MAX";
	for (size_t i = 0; i < argc; i++)
		lens[i] = strlen(argv[i]);
	const struct redis_reply *r = db_argv(d, (int)argc, argv, lens);
	*n = db_count(r);
	const char **out = pool_alloc(&c->pool, (*n + 1) * sizeof(char *));
	for (size_t i = 0; i < *n; i++)
		out[i] = db_text(db_item(r, *n - 1 - i));
	return out;
}

static bool filtered(const struct call *c)
{
	static const char *const names[] = { "remote", "device", "operator",
					     "conn_type", "created_at" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *v = call_query(c, names[i]);

		if (v && *v)
			return true;
	}
	return false;
}

/* The page of GUIDS alone is read: nothing filters. */
static void take_page(struct query *q, const char *const *guids, size_t n,
		      size_t total)
{
	q->page.total = q->page.start;
	doc_chunks_of(&q->c->db, q->col->kind, guids, n, take_some, q);
	q->page.total = total;
}

static void walk(struct query *q)
{
	struct db *d = &q->c->db;
	enum doc_kind kind = q->col->kind;
	bool page_only = !q->csv && !filtered(q->c);
	size_t start = q->page.start, n;
	const char **guids;

	if (q->source == SOURCE_OWN) {
		guids = own_rows(q, &n);
		if (!page_only)
			doc_chunks_of(d, kind, guids, n, take_some, q);
		else if (start < n)
			take_page(q, guids + start,
				  n - start < q->page.size ? n - start
							   : q->page.size,
				  n);
		else
			q->page.total = n;
	} else if (page_only && q->all) {
		guids = doc_page(d, kind, start, q->page.size, &n);
		take_page(q, guids, n, doc_total(d, kind));
	} else {
		doc_chunks(d, kind, take_some, q);
	}
}

static int answer_csv(struct call *c, struct query *q)
{
	for (size_t i = 0; q->col->fields[i]; i++)
		(void)!csv_put(&q->text, q->col->fields[i]->name, i == 0);
	(void)!csv_end_row(&q->text);
	walk(q);
	call_text(c,
		  pool_memdup(&c->pool, buf_head(&q->text), buf_len(&q->text)));
	buf_fini(&q->text);
	c->type = "text/csv; charset=utf-8";
	c->disposition = "attachment; filename=\"audit.csv\"";
	return 0;
}

static int list(struct call *c, enum doc_kind kind)
{
	struct query q = { .c = c,
			   .col = &columns[kind - DOC_AUDIT_CONN],
			   .after_ms = -1 };
	const char *after = call_query(c, "created_at");
	const char *format = call_query(c, "format");
	bool only_admins = field_bool(options_get(&c->db, "general"),
				      GENERAL_ONLY_ADMIN_LOGS, false);

	q.all = call_may_all(c, PERM_AUDIT_VIEW);
	q.csv = format && strcmp(format, "csv") == 0;
	if (!q.all &&
	    !perm_any(c->who.grants, c->who.ngrants, PERM_AUDIT_VIEW) &&
	    (only_admins || kind == DOC_AUDIT_CONSOLE || c->who.api))
		return call_forbidden(c);
	if (!q.all && kind == DOC_AUDIT_CONSOLE)
		return call_forbidden(c);
	/* Filters look at rows that are not on the page. */
	if (!call_lane(c, LANE_LISTING, ""))
		return CALL_LATER;
	if (after && *after && text_parse_time(after, &q.after_ms) < 0)
		return call_error(c, 400, "Invalid format: created_at");
	page_init(c, &q.page);
	bool role = perm_any(c->who.grants, c->who.ngrants, PERM_AUDIT_VIEW);
	q.source = !q.all && !role && audit_indexed(&c->db) ? SOURCE_OWN
							    : SOURCE_SCAN;
	buf_init(&q.text, 64 << 20);
	if (q.csv)
		return answer_csv(c, &q);
	walk(&q);
	return page_answer(c, &q.page);
}

int listing_conn(struct call *c)
{
	return list(c, DOC_AUDIT_CONN);
}

int listing_file(struct call *c)
{
	return list(c, DOC_AUDIT_FILE);
}

int listing_alarm(struct call *c)
{
	return list(c, DOC_AUDIT_ALARM);
}

int listing_console(struct call *c)
{
	return list(c, DOC_AUDIT_CONSOLE);
}
