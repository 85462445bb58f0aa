#include "services/api/jobs/jobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "services/api/jobs/mail.h"
#include "services/api/jobs/webhooks.h"

#define DUE_KEY "api:jobs"
#define JOB_KEY "api:job"

void jobs_put(struct tx *t, struct app *app, struct json_object *job,
	      uint64_t now_ms)
{
	char id[GUID_TEXT], due[24];

	if (db_num(db_do(t->db, "ZCARD", DUE_KEY, NULL)) >= JOBS_MAX) {
		metric_add(&app->metrics, M_JOBS_DROPPED, 1);
		return;
	}
	text_guid7(now_ms, id);
	snprintf(due, sizeof(due), "%" PRIu64, now_ms);
	tx_do(t, "HSET", JOB_KEY, id, js_dump(job), NULL);
	tx_do(t, "ZADD", DUE_KEY, due, id, NULL);
}

void jobs_add(struct tx *t, struct call *c, struct json_object *job)
{
	jobs_put(t, c->app, job, c->now_ms);
}

/* Takes one due job for JOBS_CLAIM_MS. NULL: nothing is due. */
static const char *claim(struct db *d, uint64_t now_ms, const char **raw)
{
	static const char take[] =
		"local id = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf',\n"
		"  ARGV[1], 'LIMIT', 0, 1)[1]\n"
		"if not id then return false end\n"
		"redis.call('ZADD', KEYS[1], ARGV[2], id)\n"
		"return {id, redis.call('HGET', KEYS[2], id)}\n";
	char now[24], later[24];

	snprintf(now, sizeof(now), "%" PRIu64, now_ms);
	snprintf(later, sizeof(later), "%" PRIu64, now_ms + JOBS_CLAIM_MS);
	const struct redis_reply *r =
		db_do(d, "EVAL", take, "2", DUE_KEY, JOB_KEY, now, later, NULL);
	*raw = db_text(db_item(r, 1));
	return db_text(db_item(r, 0));
}

static int perform(struct app *app, struct db *d, struct json_object *job,
		   const char **why)
{
	if (strcmp(js_text(job, "type"), "mail") == 0)
		return mail_send(app, d, js_text(job, "to"),
				 js_text(job, "subject"), js_text(job, "body"),
				 why);
	return webhook_deliver(app, d, job, why);
}

static void forget(struct tx *t, const char *id)
{
	tx_do(t, "ZREM", DUE_KEY, id, NULL);
	tx_do(t, "HDEL", JOB_KEY, id, NULL);
}

static void retry_later(struct tx *t, const char *id, struct json_object *job,
			int64_t tries, uint64_t now_ms)
{
	char due[24];
	uint64_t pause_ms = UINT64_C(10000) << (2 * (tries - 1));

	js_set_int(job, "tries", tries);
	snprintf(due, sizeof(due), "%" PRIu64, now_ms + pause_ms);
	tx_do(t, "HSET", JOB_KEY, id, js_dump(job), NULL);
	tx_do(t, "ZADD", DUE_KEY, due, id, NULL);
}

static void one(struct app *app, struct db *d, const char *id, const char *raw)
{
	const char *why = "unreadable";
	bool ok = false;
	struct json_object *job =
		raw ? js_parse(d->pool, raw, strlen(raw), &ok) : NULL;
	int64_t tries = js_int(job, "tries", 0) + 1;
	int r = job ? perform(app, d, job, &why) : 0;
	struct tx t;

	tx_init(&t, d);
	if (r < 0 && tries < JOBS_TRIES)
		retry_later(&t, id, job, tries, app_now_ms());
	else
		forget(&t, id);
	if (r < 0)
		log_warn("job_failed", "type=%s try=%d: %s",
			 js_text(job, "type"), (int)tries, why);
	metric_add(&app->metrics, r < 0 ? M_JOB_FAILS : M_JOBS, 1);
	if (tx_commit(&t) < 0)
		log_warn("job_lost", "it will be done again");
}

void jobs_run(struct app *app, struct db *d)
{
	const char *id, *raw;

	webhooks_collect(app, d);
	for (int i = 0; i < JOBS_PER_ROUND; i++) {
		id = claim(d, app_now_ms(), &raw);
		if (!id || d->away)
			return;
		one(app, d, id, raw);
	}
}
