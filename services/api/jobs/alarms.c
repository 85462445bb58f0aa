#include "services/api/jobs/alarms.h"

#include <string.h>

#include "common/site/keynames.h"
#include "services/api/core/options.h"
#include "services/api/jobs/mail.h"
#include "services/api/journal/events.h"

enum { MAILED_MAX = 20 }; /* administrators told about one alarm */

const char *alarm_text(int64_t typ)
{
	static const char *const texts[ALARM_TYPES] = {
		[ALARM_IP_WHITELIST] = "address outside the whitelist",
		[ALARM_MANY_TRIES] = "more than 30 wrong attempts",
		[ALARM_TRIES_MINUTE] = "many wrong attempts in a minute",
		[ALARM_LOGIN_ROW] = "more than 30 failed log-ins in a row",
		[ALARM_LOGIN_MINUTE] = "several failed log-ins in a minute",
		[ALARM_LOGIN_HOUR] = "many failed log-ins in an hour",
		[ALARM_IPV6_PREFIX] = "too many attempts from an IPv6 prefix",
		[ALARM_TERMINAL_BACKOFF] = "failed terminal log-ins",
		[ALARM_TERMINAL_PARALLEL] = "simultaneous terminal log-ins",
		[ALARM_SCOPE] = "message outside the session's type",
		[ALARM_ID_WHITELIST] = "id outside the whitelist",
		[ALARM_PASSKEY] = "copy of a passkey",
	};

	return typ >= 0 && typ < ALARM_TYPES && texts[typ] ? texts[typ]
							   : "unknown";
}

struct mailing {
	struct tx *t;
	struct call *c;
	const char *body;
	unsigned n;
};

static bool mail_one(void *ctx, struct doc *u)
{
	struct mailing *m = ctx;
	const char *to = doc_text(u, USER_EMAIL);

	if (*to && doc_bool(u, USER_IS_ADMIN, false) &&
	    doc_bool(u, USER_EMAIL_ALARM, false) && m->n < MAILED_MAX) {
		mail_queue(m->t, m->c, to, "alarm", m->body);
		m->n++;
	}
	return true;
}

void alarm_mail(struct tx *t, struct call *c, const struct doc *row)
{
	int64_t typ = doc_int(row, AUDIT_TYP, -1);
	const char *device = doc_text(row, AUDIT_DEVICE);
	struct mailing m = { .t = t, .c = c };

	if (!field_bool(options_get(&c->db, "general"), GENERAL_ALARM_MAIL,
			true) ||
	    !mail_enabled(&c->db))
		return;
	const char *once = call_fmt(c, KEY_ALARM_MAILED, (int)typ, device);
	if (!db_text(db_do(&c->db, "SET", once, "1", "EX", "600", "NX", NULL)))
		return;
	m.body = call_fmt(c, "%s: %s %s", alarm_text(typ), device,
			  doc_text(row, AUDIT_INFO));
	doc_each(&c->db, DOC_USER, mail_one, &m);
}

void alarm_login(struct tx *t, struct call *c, enum alarm_type typ,
		 const char *account)
{
	struct doc *row = doc_new(&c->db, DOC_AUDIT_ALARM, c->now_ms);
	struct json_object *info = call_object(c);
	char ip[ADDR_TEXT_MAX];

	js_set_str(info, "ip", addr_format_ip(&c->client, ip));
	js_set_str(info, "name", account);
	doc_set_int(row, AUDIT_TYP, typ);
	doc_set_text(row, AUDIT_DEVICE, "");
	doc_set_text(row, AUDIT_INFO, js_dump(info));
	doc_set_bool(row, AUDIT_VERIFIED, true);
	doc_save(t, row);
	events_add(t, "alarm", row->j);
	alarm_mail(t, c, row);
}
