#include "services/api/bulk/job.h"

#include <stdlib.h>
#include <string.h>

#include "common/site/keynames.h"

enum { PUSH_MAX = 200 }; /* rows of one command */

bool bulk_refuse(struct bulk_row *r, const char *why)
{
	if (!why)
		return false;
	r->result = BULK_REFUSED;
	r->why = why;
	return true;
}

void bulk_note(struct bulk_row *r, const char *member, const char *before,
	       const char *after)
{
	struct json_object *o;

	if (!r->changes)
		return;
	o = json_object_new_object();
	js_set_str(o, "member", member);
	js_set_str(o, "before", before);
	js_set_str(o, "after", after);
	js_push(r->changes, o);
}

static void name_keys(struct call *c, struct bulk_job *j, const char *rows)
{
	j->rows = rows;
	j->key = call_fmt(c, KEY_BULK, call_self(c));
	j->rows_key = call_fmt(c, KEY_BULK_ROWS, call_self(c), rows);
	j->report_key = call_fmt(c, KEY_BULK_REPORT, call_self(c));
}

static const char *member(const struct redis_reply *r, size_t i)
{
	const char *text = db_text(db_item(r, i));

	return text ? text : "";
}

static size_t number(const struct redis_reply *r, size_t i)
{
	return strtoul(member(r, i), NULL, 10);
}

bool bulk_job_load(struct call *c, struct bulk_job *j)
{
	*j = (struct bulk_job){ 0 };
	const struct redis_reply *r =
		db_do(&c->db, "HMGET", call_fmt(c, KEY_BULK, call_self(c)),
		      BULKJOB_ID, BULKJOB_KIND, BULKJOB_OP, BULKJOB_VALUE,
		      BULKJOB_TARGET, BULKJOB_STATE, BULKJOB_UNDO,
		      BULKJOB_TOTAL, BULKJOB_DONE, BULKJOB_CHANGED,
		      BULKJOB_REFUSED, BULKJOB_ROWS, NULL);
	name_keys(c, j, member(r, 11));
	j->id = member(r, 0);
	j->kind = member(r, 1);
	j->op = member(r, 2);
	j->value = member(r, 3);
	j->target = member(r, 4);
	j->state = member(r, 5);
	j->undo = strcmp(member(r, 6), "1") == 0;
	j->total = number(r, 7);
	j->done = number(r, 8);
	j->changed = number(r, 9);
	j->refused = number(r, 10);
	return *j->id;
}

/* All or none of its keys go. */
static void keep(struct tx *t, const struct bulk_job *j)
{
	const char *life = pool_printf(t->pool, "%d", BULK_KEEP_S);

	tx_do(t, "EXPIRE", j->key, life, NULL);
	tx_do(t, "EXPIRE", j->rows_key, life, NULL);
	tx_do(t, "EXPIRE", j->report_key, life, NULL);
}

static const char *count(struct tx *t, size_t n)
{
	return pool_printf(t->pool, "%zu", n);
}

static void push_all(struct tx *t, const char *key, const char *const *texts,
		     size_t n)
{
	const char *argv[PUSH_MAX + 2] = { "RPUSH", key };

	for (size_t at = 0; at < n;) {
		size_t some = n - at < PUSH_MAX ? n - at : PUSH_MAX;

		memcpy(argv + 2, texts + at, some * sizeof(*texts));
		tx_argv(t, some + 2, argv);
		at += some;
	}
}

/* A few at a time: a busy Redis answers each within its time. */
static int put_rows(struct call *c, const struct bulk_job *j,
		    struct json_object *const *rows, size_t n)
{
	const char *texts[PUSH_MAX];
	int r = 0;

	for (size_t at = 0; r == 0 && at < n; at += PUSH_MAX) {
		size_t some = n - at < PUSH_MAX ? n - at : PUSH_MAX;
		struct tx t;

		/* What is imported may have passwords. */
		for (size_t i = 0; i < some; i++)
			texts[i] = seal_close(&c->app->seal, &c->pool,
					      js_dump(rows[at + i]));
		tx_init(&t, &c->db);
		push_all(&t, j->rows_key, texts, some);
		tx_do(&t, "EXPIRE", j->rows_key, call_fmt(c, "%d", BULK_KEEP_S),
		      NULL);
		r = tx_commit(&t);
	}
	return r;
}

static void write_job(struct tx *t, const struct bulk_job *j)
{
	tx_do(t, "HSET", j->key, BULKJOB_ID, j->id, BULKJOB_KIND, j->kind,
	      BULKJOB_OP, j->op, BULKJOB_VALUE, j->value, BULKJOB_TARGET,
	      j->target, BULKJOB_STATE, j->state, NULL);
	tx_do(t, "HSET", j->key, BULKJOB_ROWS, j->rows, BULKJOB_UNDO,
	      j->undo ? "1" : "0", BULKJOB_TOTAL, count(t, j->total),
	      BULKJOB_DONE, "0", BULKJOB_CHANGED, "0", BULKJOB_REFUSED, "0",
	      NULL);
}

int bulk_job_start(struct call *c, struct bulk_job *j,
		   const struct bulk_job *old, struct json_object *const *rows,
		   size_t n)
{
	char own[GUID_TEXT];
	struct tx t;

	/* A list of its own: another call may be doing the same. */
	text_guid7(c->now_ms, own);
	name_keys(c, j, pool_strdup(&c->pool, own));
	j->state = n ? "running" : "done";
	j->total = n;
	int r = put_rows(c, j, rows, n);
	if (r < 0)
		return r;
	tx_init(&t, &c->db);
	tx_expect(&t, j->key, BULKJOB_ID, old ? old->id : NULL);
	if (old) {
		tx_expect(&t, j->key, BULKJOB_STATE, old->state);
		tx_do(&t, "DEL", old->rows_key, NULL);
	}
	tx_do(&t, "DEL", j->key, NULL);
	tx_do(&t, "DEL", j->report_key, NULL);
	write_job(&t, j);
	keep(&t, j);
	r = tx_commit(&t);
	if (r < 0)
		db_do(&c->db, "DEL", j->rows_key, NULL);
	return r;
}

struct bulk_row *bulk_job_rows(struct call *c, const struct bulk_job *j,
			       size_t most, size_t *n)
{
	const struct redis_reply *r = db_do(
		&c->db, "LRANGE", j->rows_key, call_fmt(c, "%zu", j->done),
		call_fmt(c, "%zu", j->done + most - 1), NULL);
	struct bulk_row *rows =
		pool_alloc(&c->pool, (db_count(r) + 1) * sizeof(*rows));

	*n = db_count(r);
	for (size_t i = 0; i < *n; i++) {
		const char *plain =
			seal_open(&c->app->seal, &c->pool, member(r, i));
		bool ok;

		rows[i].guid = rows[i].name = "";
		if (plain)
			rows[i].in =
				js_parse(&c->pool, plain, strlen(plain), &ok);
	}
	return rows;
}

void bulk_job_step(struct tx *t, struct bulk_job *j,
		   const struct bulk_row *rows, size_t n)
{
	const char **texts = pool_alloc(t->pool, (n + 1) * sizeof(*texts));
	const char *before = count(t, j->done);

	for (size_t i = 0; i < n; i++) {
		j->changed += rows[i].result >= BULK_CHANGED;
		j->refused += rows[i].result == BULK_REFUSED;
		texts[i] = js_dump(pool_json(t->pool, bulk_row_view(&rows[i])));
	}
	j->done = n ? j->done + n : j->total;
	if (j->done >= j->total)
		j->state = "done";
	tx_expect(t, j->key, BULKJOB_ID, j->id);
	tx_expect(t, j->key, BULKJOB_STATE, "running");
	tx_expect(t, j->key, BULKJOB_DONE, before);
	tx_do(t, "HSET", j->key, BULKJOB_DONE, count(t, j->done),
	      BULKJOB_CHANGED, count(t, j->changed), BULKJOB_REFUSED,
	      count(t, j->refused), BULKJOB_STATE, j->state, NULL);
	push_all(t, j->report_key, texts, n);
	if (j->done >= j->total)
		tx_do(t, "DEL", j->rows_key, NULL);
	keep(t, j);
}

int bulk_job_stop(struct call *c, struct bulk_job *j)
{
	struct tx t;

	tx_init(&t, &c->db);
	tx_expect(&t, j->key, BULKJOB_ID, j->id);
	tx_expect(&t, j->key, BULKJOB_STATE, j->state);
	j->state = "stopped";
	tx_do(&t, "HSET", j->key, BULKJOB_STATE, j->state, NULL);
	tx_do(&t, "DEL", j->rows_key, NULL);
	return tx_commit(&t);
}

struct json_object *bulk_job_view(const struct bulk_job *j)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "id", j->id);
	js_set_str(o, "kind", j->kind);
	js_set_str(o, "op", j->op);
	js_set_str(o, "state", j->state);
	js_set_bool(o, "undo", j->undo);
	js_set_int(o, "total", (int64_t)j->total);
	js_set_int(o, "done", (int64_t)j->done);
	js_set_int(o, "changed", (int64_t)j->changed);
	js_set_int(o, "refused", (int64_t)j->refused);
	return o;
}

struct json_object *bulk_row_view(const struct bulk_row *r)
{
	static const char *const results[] = {
		[BULK_SAME] = "unchanged",
		[BULK_REFUSED] = "refused",
		[BULK_CHANGED] = "changed",
		[BULK_CREATED] = "created",
	};
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", r->guid);
	js_set_str(o, "name", r->name);
	js_set_str(o, "result", results[r->result]);
	if (r->why)
		js_set_str(o, "why", r->why);
	if (r->was && r->result >= BULK_CHANGED) {
		js_set_str(o, "was", r->was);
		js_set_str(o, "now", r->now);
	}
	if (r->changes)
		js_set(o, "changes", json_object_get(r->changes));
	return o;
}
