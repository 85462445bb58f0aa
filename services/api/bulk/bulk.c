#include "services/api/bulk/bulk.h"

#include <errno.h>
#include <string.h>

#include "services/api/bulk/devices.h"
#include "services/api/bulk/import.h"
#include "services/api/bulk/users.h"

/* A transaction of 50 devices keeps Redis busy for a millisecond or two. A new
 * user may cost a password hash, a deleted one 300 devices. */
static const struct bulk_kind kinds[] = {
	{ "devices", 50, bulk_devices_plan, true },
	{ "users", 10, bulk_users_plan, true },
	{ "import-devices", 50, import_devices_plan, false },
	{ "import-users", 10, import_users_plan, false },
	{ "import-book", 200, import_book_plan, false },
};

const struct bulk_kind *bulk_kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* What a chunk needs of memory ends with it, not with the call. */
static struct pool pool_open(struct call *c)
{
	struct pool whole = c->pool;

	c->pool = (struct pool){ 0 };
	return whole;
}

static void pool_close(struct call *c, struct pool whole)
{
	pool_fini(&c->pool);
	c->pool = whole;
}

static bool redis_away(const struct call *c)
{
	return c->db.away || c->state.away;
}

/* J is further if it returns 0. */
static int do_chunk(struct call *c, struct bulk_job *j,
		    const struct bulk_kind *k)
{
	struct bulk_job after = *j;
	struct json_object *body = c->in;
	struct pool whole = pool_open(c);
	struct tx t;
	size_t n;

	struct bulk_row *rows = bulk_job_rows(c, j, k->chunk, &n);
	tx_init(&t, &c->db);
	k->plan(c, &t, j, rows, n);
	c->in = body;
	bulk_job_step(&t, &after, rows, n);
	int r = redis_away(c) ? -EIO : tx_commit(&t);
	pool_close(c, whole);
	if (r == 0)
		*j = after;
	return r;
}

static int answer(struct call *c, const struct bulk_job *j)
{
	return call_json(c, bulk_job_view(j));
}

/* Works on J until its time is over. */
static int work(struct call *c, struct bulk_job *j)
{
	uint64_t end_ms = app_tick_ms() + BULK_STEP_MS;
	const struct bulk_kind *k = bulk_kind(j->kind);
	const char *id = j->id;
	unsigned tries = 0;

	if (!k) /* of another version */
		return call_missing(c);
	while (strcmp(j->state, "running") == 0 && app_tick_ms() < end_ms) {
		int r = do_chunk(c, j, k);

		tries = r == 0 ? 0 : tries + 1;
		if (r != 0 && (r != -EAGAIN || tries >= BULK_TRIES))
			return r;
		/* Somebody was faster, here or with what it changes. */
		if (r == -EAGAIN &&
		    (!bulk_job_load(c, j) || strcmp(j->id, id) != 0))
			return call_missing(c);
	}
	return answer(c, j);
}

static bool own_lane(struct call *c)
{
	return call_lane(c, LANE_BULK, call_self(c));
}

bool bulk_under_way(struct call *c, int *r)
{
	struct bulk_job old;
	const char *id = js_text(c->in, "id");

	*r = 0;
	if (!text_is_id(id)) {
		*r = call_error(c, 400, "Invalid format: id");
		return true;
	}
	if (!own_lane(c)) {
		*r = CALL_LATER;
		return true;
	}
	if (!bulk_job_load(c, &old))
		return false;
	if (strcmp(old.id, id) == 0) {
		*r = work(c, &old);
		return true;
	}
	if (strcmp(old.state, "running") != 0)
		return false;
	*r = call_error(c, 409, "Another change of many is under way");
	return true;
}

int bulk_run(struct call *c, struct bulk_job *j,
	     struct json_object *const *rows, size_t n)
{
	struct bulk_job old;
	bool have = bulk_job_load(c, &old);

	/* Another call was faster: bulk_under_way() says what about it. */
	if (have &&
	    (strcmp(old.state, "running") == 0 || strcmp(old.id, j->id) == 0))
		return -EAGAIN;
	int r = bulk_job_start(c, j, have ? &old : NULL, rows, n);

	return r ? r : work(c, j);
}

int bulk_preview(struct call *c, struct bulk_job *j,
		 struct json_object *const *rows, size_t n)
{
	const struct bulk_kind *k = bulk_kind(j->kind);
	struct json_object *o = json_object_new_object();
	struct json_object *data = json_object_new_array();
	struct json_object *body = c->in;
	size_t counts[BULK_CREATED + 1] = { 0 };

	pool_json(&c->pool, o);
	for (size_t at = 0; at < n && !redis_away(c); at += k->chunk) {
		struct pool whole = pool_open(c);
		size_t len = n - at < k->chunk ? n - at : k->chunk;
		struct bulk_row *some =
			pool_alloc(&c->pool, len * sizeof(*some));
		struct tx t;

		for (size_t i = 0; i < len; i++)
			some[i] = (struct bulk_row){
				.in = rows[at + i],
				.guid = "",
				.name = "",
				.changes = call_array(c),
			};
		tx_init(&t, &c->db);
		j->created = counts[BULK_CREATED];
		k->plan(c, &t, j, some, len);
		for (size_t i = 0; i < len; i++) {
			counts[some[i].result]++;
			js_push(data, bulk_row_view(&some[i]));
		}
		pool_close(c, whole);
	}
	c->in = body;
	js_set_int(o, "total", (int64_t)n);
	js_set_int(o, "created", (int64_t)counts[BULK_CREATED]);
	js_set_int(o, "changed", (int64_t)counts[BULK_CHANGED]);
	js_set_int(o, "unchanged", (int64_t)counts[BULK_SAME]);
	js_set_int(o, "refused", (int64_t)counts[BULK_REFUSED]);
	js_set(o, "data", data);
	return call_json(c, json_object_get(o));
}

/* The caller's job if it is the one of the path; else answered, false. */
static bool named(struct call *c, struct bulk_job *j)
{
	if (bulk_job_load(c, j) && strcmp(j->id, c->param[0]) == 0)
		return true;
	call_missing(c);
	return false;
}

int bulk_continue(struct call *c)
{
	struct bulk_job j;

	if (!own_lane(c))
		return CALL_LATER;
	return named(c, &j) ? work(c, &j) : 0;
}

int bulk_stop(struct call *c)
{
	struct bulk_job j;

	if (!named(c, &j))
		return 0;
	if (strcmp(j.state, "running") != 0)
		return answer(c, &j);
	int r = bulk_job_stop(c, &j);
	return r ? r : answer(c, &j);
}

/* The report's rows FROM to TO, inclusive. */
static const struct redis_reply *
report(struct call *c, const struct bulk_job *j, size_t from, size_t to)
{
	return db_do(&c->db, "LRANGE", j->report_key, call_fmt(c, "%zu", from),
		     call_fmt(c, "%zu", to), NULL);
}

static struct json_object *row_of(struct call *c, const struct redis_reply *r,
				  size_t i)
{
	const char *text = db_text(db_item(r, i));
	bool ok;

	return text ? js_parse(&c->pool, text, strlen(text), &ok) : NULL;
}

/* The job, and a page of what came of its rows. */
int bulk_show(struct call *c)
{
	const char *only = call_query(c, "result");
	struct bulk_job j;
	struct page p;

	/* It reads the whole report. */
	if (!call_lane(c, LANE_LISTING, call_self(c)))
		return CALL_LATER;
	page_init(c, &p);
	bool have = bulk_job_load(c, &j);
	const struct redis_reply *r = report(c, &j, 0, BULK_ROWS_MAX);
	for (size_t i = 0; i < db_count(r); i++) {
		struct json_object *row = row_of(c, r, i);

		if (only && *only && strcmp(only, js_text(row, "result")) != 0)
			continue;
		if (page_take(&p))
			js_push(p.data, json_object_get(row));
	}
	struct json_object *o = json_object_new_object();
	js_set(o, "job", have ? bulk_job_view(&j) : NULL);
	js_set_int(o, "total", (int64_t)p.total);
	js_set(o, "data", json_object_get(p.data));
	return call_json(c, o);
}

/* What has changed becomes the rows of a job that changes it back. */
static struct json_object **rows_back(struct call *c, const struct bulk_job *j,
				      size_t *n)
{
	const struct redis_reply *r = report(c, j, 0, BULK_ROWS_MAX);
	struct json_object **rows = pool_alloc(
		&c->pool, (db_count(r) + 1) * sizeof(struct json_object *));

	*n = 0;
	for (size_t i = 0; i < db_count(r); i++) {
		struct json_object *row = row_of(c, r, i);
		struct json_object *o;

		if (!js_has(row, "was"))
			continue;
		o = call_object(c);
		js_copy(o, row, "guid");
		js_copy(o, row, "was");
		js_copy(o, row, "now");
		rows[(*n)++] = o;
	}
	return rows;
}

int bulk_undo(struct call *c)
{
	struct bulk_job was, j;
	size_t n;
	int r;

	if (bulk_under_way(c, &r))
		return r;
	if (!named(c, &was))
		return 0;
	const struct bulk_kind *k = bulk_kind(was.kind);
	if (!k || !k->undoes || was.undo)
		return call_error(c, 400, "It cannot be undone");
	j = was;
	j.id = js_text(c->in, "id");
	j.undo = true;
	j.done = j.changed = j.refused = 0;
	struct json_object **rows = rows_back(c, &was, &n);
	return bulk_run(c, &j, rows, n);
}
