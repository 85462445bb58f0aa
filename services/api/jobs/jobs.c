#include "services/api/jobs/jobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "services/api/jobs/claim.lua.h"
#include "services/api/jobs/deliver.h"
#include "services/api/jobs/take_over.lua.h"
#include "services/api/jobs/webhooks.h"

enum { SLOTS = WEBHOOKS_MAX + 4, SIGN_IN_WIDTH = 2 };

/* One target that has the turn on this node. */
struct slot {
	struct lane_task task;
	struct jobs *all;
	char target[LANE_KEY_MAX];
	_Atomic bool busy;
};

struct jobs {
	struct app *app;
	struct slot slots[SLOTS];
};

static const char *due_key(struct pool *p, const char *target)
{
	return pool_printf(p, KEY_JOBS, target);
}

static const char *job_key(struct pool *p, const char *target)
{
	return pool_printf(p, KEY_JOB, target);
}

const char *jobs_of_hook(struct pool *p, const char *guid)
{
	return pool_printf(p, "hook:%s", guid);
}

static bool is_sign_in(const char *target)
{
	return strcmp(target, JOBS_SIGN_IN) == 0;
}

void jobs_put(struct tx *t, struct app *app, const char *target,
	      struct json_object *job, uint64_t now_ms, int life_s)
{
	const char *due = due_key(t->pool, target);
	int most = is_sign_in(target) ? JOBS_SIGN_IN_MAX : JOBS_MAX;
	char id[GUID_TEXT];

	if (db_num(db_do(t->db, "ZCARD", due, NULL)) >= most) {
		metric_add(&app->metrics, M_JOBS_DROPPED, 1);
		log_warn("job_dropped", "%s has %d waiting", target, most);
		return;
	}
	field_set_int(job, JOB_UNTIL, (int64_t)now_ms + (int64_t)life_s * 1000);
	text_guid7(now_ms, id);
	tx_do(t, "HSET", job_key(t->pool, target), id, js_dump(job), NULL);
	tx_do(t, "ZADD", due, pool_printf(t->pool, "%" PRIu64, now_ms), id,
	      NULL);
}

void jobs_drop(struct tx *t, const char *target)
{
	tx_do(t, "DEL", due_key(t->pool, target), NULL);
	tx_do(t, "DEL", job_key(t->pool, target), NULL);
	tx_do(t, "HDEL", KEY_JOBS_PAUSED, target, NULL);
}

void jobs_resume_mail(struct tx *t)
{
	tx_do(t, "HDEL", KEY_JOBS_PAUSED, JOBS_SIGN_IN, JOBS_MAIL, NULL);
}

/* --- one target's turn ---------------------------------------------------- */

struct turn {
	struct app *app;
	struct db *d;
	const char *target;
	const char *id;
	const char *raw; /* the job as it was claimed */
	struct json_object *job;
};

/* Takes one due job for JOBS_CLAIM_MS. False: nothing is due. */
static bool claim(struct turn *t)
{
	uint64_t now = app_now_ms();
	struct pool *p = t->d->pool;
	const struct redis_reply *r =
		db_eval(t->d, &claim_lua, 2, due_key(p, t->target),
			job_key(p, t->target), pool_printf(p, "%" PRIu64, now),
			pool_printf(p, "%" PRIu64, now + JOBS_CLAIM_MS), NULL);

	t->raw = db_text(db_item(r, 1));
	t->id = db_text(db_item(r, 0));
	return t->id;
}

static void forget(struct tx *t, const struct turn *w)
{
	tx_do(t, "ZREM", due_key(t->pool, w->target), w->id, NULL);
	tx_do(t, "HDEL", job_key(t->pool, w->target), w->id, NULL);
}

static void due_again(struct tx *t, const struct turn *w, uint64_t due_ms)
{
	tx_do(t, "HSET", job_key(t->pool, w->target), w->id, js_dump(w->job),
	      NULL);
	tx_do(t, "ZADD", due_key(t->pool, w->target),
	      pool_printf(t->pool, "%" PRIu64, due_ms), w->id, NULL);
}

static struct json_object *paused(struct db *d, const char *target)
{
	const char *raw =
		db_text(db_do(d, "HGET", KEY_JOBS_PAUSED, target, NULL));
	bool ok;

	return raw ? js_parse(d->pool, raw, strlen(raw), &ok) : NULL;
}

uint64_t jobs_pause_ms(int64_t failures, bool sign_in)
{
	uint64_t most = sign_in ? JOBS_SIGN_IN_PAUSE_MS : JOBS_PAUSE_MAX_MS;
	uint64_t ms = failures > 4
			      ? most
			      : (uint64_t)JOBS_PAUSE_MS << (2 * (failures - 1));

	return ms < most ? ms : most;
}

static void pause(struct tx *t, const struct turn *w, const char *why)
{
	struct json_object *was = paused(w->d, w->target);
	struct json_object *now =
		pool_json(w->d->pool, json_object_new_object());
	int64_t failures = field_int(was, PAUSE_FAILURES, 0) + 1;
	uint64_t now_ms = app_now_ms();
	uint64_t ms = jobs_pause_ms(failures, is_sign_in(w->target));

	field_set_int(now, PAUSE_FAILURES, failures);
	field_set_int(now, PAUSE_SINCE,
		      field_int(was, PAUSE_SINCE, (int64_t)now_ms));
	field_set_int(now, PAUSE_UNTIL, (int64_t)(now_ms + ms));
	field_set_text(now, PAUSE_WHY, why);
	tx_do(t, "HSET", KEY_JOBS_PAUSED, w->target, js_dump(now), NULL);
	due_again(t, w, now_ms);
}

/* What the target refused is tried again, but not for ever. */
static void refused(struct tx *t, const struct turn *w, const char *why)
{
	int64_t tries = field_int(w->job, JOB_TRIES, 0) + 1;

	if (tries >= JOBS_TRIES) {
		log_warn("job_given_up", "%s: %s", w->target, why);
		metric_add(&w->app->metrics, M_JOBS_DROPPED, 1);
		forget(t, w);
		return;
	}
	field_set_int(w->job, JOB_TRIES, tries);
	due_again(t, w, app_now_ms() + ((uint64_t)10000 << (2 * (tries - 1))));
}

static bool is_of_use(const struct turn *w)
{
	return w->job &&
	       field_int(w->job, JOB_UNTIL, INT64_MAX) > (int64_t)app_now_ms();
}

/* False: the target does not answer. */
static bool one(struct turn *w)
{
	const char *why = "of no use any more";
	enum delivery end = DELIVERY_DONE;
	struct tx t;

	if (is_of_use(w))
		end = deliver(w->app, w->d, w->job, &why);
	tx_init(&t, w->d);
	/* A webhook that was deleted meanwhile leaves nothing behind. */
	tx_expect(&t, job_key(w->d->pool, w->target), w->id, w->raw);
	if (end != DELIVERY_SILENT)
		tx_do(&t, "HDEL", KEY_JOBS_PAUSED, w->target, NULL);
	if (end == DELIVERY_DONE)
		forget(&t, w);
	else if (end == DELIVERY_REFUSED)
		refused(&t, w, why);
	else
		pause(&t, w, why);
	if (end != DELIVERY_DONE)
		log_warn("job_failed", "%s: %s", w->target, why);
	metric_add(&w->app->metrics,
		   end == DELIVERY_DONE ? M_JOBS : M_JOB_FAILS, 1);
	if (tx_commit(&t) < 0)
		log_warn("job_lost", "it will be done again");
	return end != DELIVERY_SILENT;
}

static void run_turn(struct lane_task *task, bool late)
{
	struct slot *s = container_of(task, struct slot, task);
	struct app *app = s->all->app;
	bool more = !late;

	for (int i = 0; more && i < JOBS_TURN; i++) {
		struct pool pool = { 0 };
		struct db d = db_take(app->db, &pool);
		struct turn w = { .app = app, .d = &d, .target = s->target };
		bool ok;

		more = claim(&w) && !d.away;
		if (more) {
			w.job = w.raw ? js_parse(&pool, w.raw, strlen(w.raw),
						 &ok)
				      : NULL;
			more = one(&w);
		}
		db_put(app->db, &d);
		pool_fini(&pool);
	}
	s->busy = false;
}

/* --- whose turn it is ----------------------------------------------------- */

static bool has_work(struct db *d, const char *target)
{
	const char *now = pool_printf(d->pool, "%" PRIu64, app_now_ms());

	if (db_count(db_do(d, "ZRANGEBYSCORE", due_key(d->pool, target), "-inf",
			   now, "LIMIT", "0", "1", NULL)) == 0)
		return false;
	return field_int(paused(d, target), PAUSE_UNTIL, 0) <=
	       (int64_t)app_now_ms();
}

/* A free slot, unless TARGET has its turns already. */
static struct slot *slot_for(struct jobs *j, const char *target)
{
	int have = 0, most = is_sign_in(target) ? SIGN_IN_WIDTH : 1;
	struct slot *vacant = NULL;

	for (size_t i = 0; i < SLOTS; i++) {
		if (!j->slots[i].busy)
			vacant = &j->slots[i];
		else
			have += strcmp(j->slots[i].target, target) == 0;
	}
	return have < most ? vacant : NULL;
}

static void give_turn(struct jobs *j, struct db *d, const char *target)
{
	enum lane lane = is_sign_in(target) ? LANE_SIGN_IN : LANE_DELIVERY;
	struct slot *s = slot_for(j, target);

	if (!s || !has_work(d, target))
		return;
	s->all = j;
	s->task = (struct lane_task){ .run = run_turn };
	snprintf(s->target, sizeof(s->target), "%s", target);
	s->busy = true;
	if (lanes_put(j->app->lanes, lane, &s->task) < 0)
		s->busy = false;
}

/* Jobs that a version before 2 left, or still leaves during an update. */
static void take_over(struct db *d)
{
	if (db_num(db_do(d, "ZCARD", KEY_JOBS_BEFORE_2, NULL)) > 0)
		db_eval(d, &take_over_lua, 2, KEY_JOBS_BEFORE_2,
			KEY_JOB_BEFORE_2, NULL);
}

void jobs_run(struct jobs *j, struct db *d)
{
	size_t n;

	take_over(d);
	for (int i = 0; i < SIGN_IN_WIDTH; i++)
		give_turn(j, d, JOBS_SIGN_IN);
	give_turn(j, d, JOBS_MAIL);
	webhooks_collect(j->app, d);
	struct doc **hooks = webhooks_all(d, &n);
	for (size_t i = 0; i < n && !d->away; i++)
		give_turn(j, d, jobs_of_hook(d->pool, hooks[i]->guid));
}

struct jobs *jobs_open(struct app *app)
{
	struct jobs *j = calloc(1, sizeof(*j));

	if (j)
		j->app = app;
	return j;
}

void jobs_close(struct jobs *j)
{
	free(j);
}

/* --- shown ---------------------------------------------------------------- */

static void show(struct call *c, struct page *p, const char *target,
		 const char *title)
{
	struct json_object *row = json_object_new_object();
	struct json_object *why = paused(&c->db, target);

	js_set_str(row, "target", target);
	js_set_str(row, "title", title);
	js_set_int(row, "waiting",
		   db_num(db_do(&c->db, "ZCARD", due_key(&c->pool, target),
				NULL)));
	js_set_int(row, "failing_since", field_int(why, PAUSE_SINCE, 0));
	js_set_int(row, "paused_until", field_int(why, PAUSE_UNTIL, 0));
	js_set_str(row, "why", field_text(why, PAUSE_WHY));
	js_push(p->data, row);
}

int jobs_list(struct call *c)
{
	struct page p;
	size_t n;
	struct doc **hooks = webhooks_all(&c->db, &n);

	page_init(c, &p);
	if (page_take(&p))
		show(c, &p, JOBS_SIGN_IN, "mail for signing in");
	if (page_take(&p))
		show(c, &p, JOBS_MAIL, "other mail");
	for (size_t i = 0; i < n; i++)
		if (page_take(&p))
			show(c, &p, jobs_of_hook(&c->pool, hooks[i]->guid),
			     doc_text(hooks[i], HOOK_URL));
	return page_answer(c, &p);
}
