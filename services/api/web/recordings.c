#include "services/api/web/recordings.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/site/keynames.h"
#include "services/api/core/target.h"
#include "services/api/device/devices.h"
#include "services/api/jobs/record_files.h"
#include "services/api/jobs/recording.h"
#include "services/api/jobs/ship.h"
#include "services/api/journal/journal.h"

enum { NS = 1000000000 };

/* --- one of them ---------------------------------------------------------- */

static struct recording_row of_file(const struct record_file *f,
				    const char *name)
{
	return (struct recording_row){ .name = name,
				       .size = f->size,
				       .at_ns = f->changed_ns,
				       .in_folder = true,
				       .growing = f->growing };
}

static struct recording_row of_object(const struct ship_object *o)
{
	return (struct recording_row){ .name = o->name,
				       .size = o->size,
				       .at_ns = o->written_s * NS };
}

static const char *upload_key(struct call *c, const char *name)
{
	char sent_as[RECORDING_NAME];

	recording_sent_as(name, sent_as);
	return call_fmt(c, KEY_RECORDING, sent_as);
}

/* Is WRITTEN, what an upload writes, the recording itself? */
static void judge_growing(struct recording_row *row, const char *written)
{
	row->growing =
		row->growing && written && strcmp(written, row->name) == 0;
}

/* The folder first: what leaves it has been noted in Redis before. */
bool recordings_find(struct call *c, const char *name,
		     struct recording_row *out, int *fd)
{
	const char *dir = c->app->cfg->record_dir;
	struct record_file f;
	struct ship_object o;

	if (!*dir || !recording_kept_ok(name))
		return false;
	int r = record_open(dir, name, &f);
	if (r >= 0) {
		*out = of_file(&f, name);
		judge_growing(out, db_text(db_do(call_state(c), "GET",
						 upload_key(c, name), NULL)));
		if (fd)
			*fd = r;
		else
			close(r);
		return true;
	}
	if (!ship_wanted(c->app->cfg) || !ship_find(&c->db, name, &o))
		return false;
	*out = of_object(&o);
	return true;
}

/* From when on the caller may do P with recordings of the device ID, in Unix
 * ms; -1: never. */
static int64_t may_since(struct call *c, enum perm p, const char *id)
{
	struct doc *dev = device_by_id(&c->db, id);

	if (!dev)
		return -1;
	struct target t = target_device(&c->db, dev);
	return call_may(c, p, &t) ? doc_int(dev, ANY_CREATED_AT, 0) : -1;
}

bool recordings_may(struct call *c, enum perm p,
		    const struct recording_row *row)
{
	char id[RECORDING_ID];

	if (call_may_all(c, p))
		return true;
	if (!recording_device(row->name, id))
		return false;
	int64_t since = may_since(c, p, id);
	return since >= 0 && row->at_ns / 1000000 >= since;
}

/* --- the list ------------------------------------------------------------- */

struct query {
	struct call *c;
	struct json_object *since; /* id -> Unix ms, may_since() */
	bool all;                  /* the caller sees every one */
	const char *device, *text, *name;
	struct recording_row *rows;
	size_t n, room, sent;
};

/* One answer for each device. */
static bool visible(struct query *q, const struct recording_row *row)
{
	char id[RECORDING_ID];

	if (q->all)
		return true;
	if (!recording_device(row->name, id))
		return false;
	if (!js_has(q->since, id))
		js_set_int(q->since, id,
			   may_since(q->c, PERM_RECORDING_VIEW, id));
	int64_t since = js_int(q->since, id, -1);
	return since >= 0 && row->at_ns / 1000000 >= since;
}

static bool matches(const struct query *q, const char *name)
{
	char id[RECORDING_ID];

	if (q->name && strcmp(name, q->name) != 0)
		return false;
	if (q->text && !strcasestr(name, q->text))
		return false;
	return !q->device ||
	       (recording_device(name, id) && strcasecmp(id, q->device) == 0);
}

static void add(struct query *q, const struct recording_row *row)
{
	struct call *c = q->c;

	if (!matches(q, row->name) || !visible(q, row))
		return;
	if (q->n == q->room) {
		size_t room = q->room ? 2 * q->room : 256;
		struct recording_row *rows =
			pool_alloc(&c->pool, room * sizeof(*rows));

		if (q->n > 0)
			memcpy(rows, q->rows, q->n * sizeof(*rows));
		q->rows = rows;
		q->room = room;
	}
	q->rows[q->n] = *row;
	q->rows[q->n++].name = call_fmt(c, "%s", row->name);
}

static bool take_file(void *ctx, const struct record_file *f)
{
	struct query *q = ctx;
	struct recording_row row = of_file(f, f->name);

	add(q, &row);
	return true;
}

static bool take_object(void *ctx, const struct ship_object *o)
{
	struct query *q = ctx;
	struct recording_row row = of_object(o);

	add(q, &row);
	return ++q->sent < RECORDINGS_LISTED;
}

static int by_name(const void *a, const void *b)
{
	const struct recording_row *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : y->in_folder - x->in_folder;
}

static int by_time(const void *a, const void *b)
{
	const struct recording_row *x = a, *y = b;
	int r = (x->at_ns > y->at_ns) - (x->at_ns < y->at_ns);

	return r ? r : strcmp(x->name, y->name);
}

static int by_size(const void *a, const void *b)
{
	const struct recording_row *x = a, *y = b;
	int r = (x->size > y->size) - (x->size < y->size);

	return r ? r : by_time(a, b);
}

/* What is on its way into the storage may be found in both places. */
static void drop_doubles(struct query *q)
{
	size_t n = 0;

	if (q->n > 1)
		qsort(q->rows, q->n, sizeof(*q->rows), by_name);
	for (size_t i = 0; i < q->n; i++)
		if (n == 0 || strcmp(q->rows[n - 1].name, q->rows[i].name) != 0)
			q->rows[n++] = q->rows[i];
	q->n = n;
}

/* False: the folder cannot be read. */
static bool take_all(struct query *q)
{
	const struct api_config *cfg = q->c->app->cfg;

	if (*cfg->record_dir && record_each(cfg->record_dir, take_file, q) < 0)
		return false;
	if (ship_wanted(cfg))
		ship_each(&q->c->db, take_object, q);
	drop_doubles(q);
	return true;
}

/* A page about one recording asks for no walk through all. */
static void take_one(struct query *q)
{
	struct recording_row row;

	if (recordings_find(q->c, q->name, &row, NULL))
		add(q, &row);
}

struct order {
	const char *name;
	int (*compare)(const void *a, const void *b);
};

/* NULL: unknown. */
static const struct order *order_of(const char *text)
{
	static const struct order orders[] = { { "created_at", by_time },
					       { "size", by_size },
					       { "file", by_name } };

	for (size_t i = 0; i < ARRAY_LEN(orders); i++)
		if (strcmp(text, orders[i].name) == 0)
			return &orders[i];
	return NULL;
}

/* The page's devices in two round trips: by id, "" for none. */
static struct json_object *
devices_of(struct call *c, const struct recording_row *rows, size_t n)
{
	struct json_object *out = call_object(c);
	const char **argv = pool_alloc(&c->pool, (n + 2) * sizeof(*argv));
	size_t *lens = pool_alloc(&c->pool, (n + 2) * sizeof(*lens));
	const char **guids = pool_alloc(&c->pool, (n + 1) * sizeof(*guids));
	size_t argc = 2, found = 0;

	argv[0] = "HMGET";
	argv[1] = doc_name_key(DOC_DEVICE);
	for (size_t i = 0; i < n; i++) {
		char id[RECORDING_ID], low[RECORDING_ID];

		if (!recording_device(rows[i].name, id) || js_has(out, id))
			continue;
		text_lower(low, sizeof(low), id);
		js_set(out, id, json_object_new_object());
		argv[argc++] = call_fmt(c, "%s", low);
	}
	if (argc == 2)
		return out;
	for (size_t i = 0; i < argc; i++)
		lens[i] = strlen(argv[i]);
	const struct redis_reply *r = db_argv(&c->db, (int)argc, argv, lens);
	for (size_t i = 0; i < db_count(r); i++) {
		const char *guid = db_text(db_item(r, i));

		if (guid)
			guids[found++] = guid;
	}
	struct doc **dev = doc_many(&c->db, DOC_DEVICE, guids, found, &found);
	for (size_t i = 0; i < found; i++)
		js_set(out, doc_text(dev[i], DEVICE_ID),
		       json_object_get(dev[i]->j));
	return out;
}

static const char *device_label(struct json_object *dev)
{
	const char *given = field_text(dev, DEVICE_NAME);

	return *given ? given
		      : field_text(field_obj(dev, DEVICE_INFO), INFO_HOSTNAME);
}

static struct json_object *view(const struct recording_row *row,
				struct json_object *devices)
{
	struct json_object *o = json_object_new_object();
	char id[RECORDING_ID] = "", began[RECORDING_TIME] = "";

	js_set_str(o, "file", row->name);
	js_set_int(o, "size", row->size);
	js_set_int(o, "created_at", row->at_ns / NS);
	if (recording_device(row->name, id))
		js_set_str(o, "device", id);
	struct json_object *dev = js_obj(devices, id);
	js_set_str(o, "device_name", dev ? device_label(dev) : "");
	js_set_str(o, "device_guid", dev ? field_text(dev, ANY_GUID) : "");
	if (recording_began(row->name, began))
		js_set_str(o, "began", began);
	js_set_str(o, "stored", row->in_folder ? "folder" : "s3");
	js_set_bool(o, "growing", row->growing);
	return o;
}

/* Which of the page's N rows is an upload writing? */
static void find_growing(struct call *c, struct recording_row *rows, size_t n)
{
	const char **argv = pool_alloc(&c->pool, (n + 1) * sizeof(*argv));
	size_t *lens = pool_alloc(&c->pool, (n + 1) * sizeof(*lens));

	argv[0] = "MGET";
	for (size_t i = 0; i < n; i++)
		argv[i + 1] = upload_key(c, rows[i].name);
	for (size_t i = 0; i <= n; i++)
		lens[i] = strlen(argv[i]);
	const struct redis_reply *r =
		n > 0 ? db_argv(call_state(c), (int)n + 1, argv, lens) : NULL;
	for (size_t i = 0; i < n; i++)
		judge_growing(&rows[i], db_text(db_item(r, i)));
}

static int answer(struct query *q, bool down)
{
	struct call *c = q->c;
	struct page p;

	page_init(c, &p);
	size_t left = q->n > p.start ? q->n - p.start : 0;
	size_t n = left < p.size ? left : p.size;
	struct recording_row *rows =
		pool_alloc(&c->pool, (n + 1) * sizeof(*rows));
	for (size_t i = 0; i < n; i++) {
		size_t at = p.start + i;

		rows[i] = q->rows[down ? q->n - 1 - at : at];
	}
	find_growing(c, rows, n);
	struct json_object *devices = devices_of(c, rows, n);
	for (size_t i = 0; i < n; i++)
		js_push(p.data, view(&rows[i], devices));
	p.total = q->n;
	return page_answer(c, &p);
}

static const char *filter(const struct call *c, const char *name)
{
	const char *text = call_query(c, name);

	return text && *text ? text : NULL;
}

int recordings_list(struct call *c)
{
	const char *sort = filter(c, "sort");
	bool down = !sort || *sort == '-';
	const struct order *order =
		order_of(!sort ? "created_at" : sort + (*sort == '-'));
	struct query q = { .c = c,
			   .since = call_object(c),
			   .all = call_may_all(c, PERM_RECORDING_VIEW),
			   .device = filter(c, "device"),
			   .text = filter(c, "q"),
			   .name = filter(c, "file") };

	if (!order)
		return call_error(c, 400, "Invalid format: sort");
	if (!call_lane(c, LANE_LISTING, ""))
		return CALL_LATER;
	if (q.name)
		take_one(&q);
	else if (!take_all(&q))
		return call_error(c, 500, "RECORD_DIR cannot be read");
	if (q.n > 1)
		qsort(q.rows, q.n, sizeof(*q.rows), order->compare);
	return answer(&q, down);
}

/* --- the end of one ------------------------------------------------------- */

/* The audit first: there is no deletion without a row. */
int recordings_delete(struct call *c)
{
	const char *dir = c->app->cfg->record_dir;
	struct recording_row row;
	struct tx t;

	if (!recordings_find(c, c->param[0], &row, NULL) ||
	    !recordings_may(c, PERM_RECORDING_VIEW, &row))
		return call_missing(c);
	if (!recordings_may(c, PERM_RECORDING_DELETE, &row))
		return call_forbidden(c);
	if (row.growing)
		return call_error(c, 409, "It is still being uploaded");
	if (row.in_folder && !record_removable(dir))
		return call_error(c, 500, "RECORD_DIR cannot be written");
	tx_init(&t, &c->db);
	if (!row.in_folder)
		ship_remove(&t, row.name);
	journal_write(&t, c, CONSOLE_RECORDING, CONSOLE_DELETE_RECORDING,
		      row.name);
	int r = tx_commit(&t);
	if (r || !row.in_folder)
		return call_result(c, r);
	r = record_remove(dir, row.name);
	/* Gone already: another was faster, or it has just been sent. */
	if (r == -ENOENT && ship_sent(&c->db, row.name))
		ship_mark(&c->db, row.name);
	return r < 0 && r != -ENOENT
		       ? call_error(c, 500, "It could not be removed")
		       : call_empty(c);
}
