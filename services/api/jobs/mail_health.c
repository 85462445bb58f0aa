#include "services/api/jobs/mail_health.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "services/api/jobs/jobs.h"
#include "services/api/jobs/mail.h"
#include "services/api/jobs/mail_failed.lua.h"

struct mail_health mail_health(struct db *d)
{
	const struct redis_reply *r =
		db_do(d, "HMGET", KEY_MAIL, MAIL_FAILING, MAIL_SINCE,
		      MAIL_FAILED, MAIL_OK, MAIL_WHY, NULL);
	const char *why = db_text(db_item(r, 4));
	bool failing = db_num(db_item(r, 0)) == 1;

	return (struct mail_health){
		.failing = failing,
		.since_s = failing ? db_num(db_item(r, 1)) : 0,
		.failed_s = db_num(db_item(r, 2)),
		.ok_s = db_num(db_item(r, 3)),
		.why = why ? why : "",
	};
}

void mail_health_forget(struct tx *t)
{
	tx_do(t, "HSET", KEY_MAIL, MAIL_FAILING, "0", NULL);
	jobs_resume_mail(t);
}

static void note_sent(struct db *d, const char *now)
{
	struct tx t;

	tx_init(&t, d);
	mail_health_forget(&t);
	tx_do(&t, "HSET", KEY_MAIL, MAIL_OK, now, NULL);
	if (tx_commit(&t) < 0)
		log_warn("mail_health_lost", "a mail left, which is not noted");
}

void mail_health_note(struct db *d, bool ok, const char *why)
{
	const char *now = pool_printf(d->pool, "%" PRIu64, app_now_ms() / 1000);

	if (ok)
		note_sent(d, now);
	else
		db_eval(d, &mail_failed_lua, 1, KEY_MAIL, now, why, NULL);
}

int mail_status(struct call *c)
{
	struct mail_health h = mail_health(&c->db);
	struct json_object *o = json_object_new_object();

	js_set_bool(o, "enabled", mail_enabled(&c->db));
	js_set_bool(o, "failing", h.failing);
	js_set_int(o, "since", h.since_s);
	js_set_int(o, "failed_at", h.failed_s);
	js_set_int(o, "ok_at", h.ok_s);
	js_set_str(o, "error", h.failing ? h.why : "");
	return call_json(c, o);
}
