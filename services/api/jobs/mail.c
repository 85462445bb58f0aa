#include "services/api/jobs/mail.h"

#include <errno.h>
#include <string.h>

#include "services/api/core/options.h"
#include "services/api/jobs/jobs.h"
#include "services/api/jobs/mail_health.h"
#include "services/api/jobs/smtp.h"

/* How long it is of use. Only what tells of something that has happened may
 * wait for other mail. */
enum { CODE_S = 600, RESET_S = 3600, INVITE_S = 7 * 86400, ALARM_S = 86400 };

static const struct {
	const char *name;
	int life_s;
	const char *subject, *body;
} templates[] = {
	{ "code", CODE_S, "Your log-in code",
	  "Your verification code is {value}\r\n"
	  "It is valid for ten minutes. If you did not try to sign in, "
	  "change your password.\r\n" },
	{ "invite", INVITE_S, "Your account",
	  "An account was made for you.\r\n"
	  "{value}\r\n" },
	{ "alarm", ALARM_S, "Security alarm", "{value}\r\n" },
	{ "totp", INVITE_S, "Two-factor authentication is required",
	  "Your administrator requires two-factor authentication. Set it up "
	  "here: {value}\r\n" },
	{ "reset", RESET_S, "Set a new password",
	  "Somebody, probably you, asked for a new password.\r\n{value}\r\n"
	  "It is valid for an hour. If it was not you, ignore this mail.\r\n" },
	{ "moved", ALARM_S, "Your mail address was changed",
	  "Your account {value} has another mail address now. If it was not "
	  "you, tell your administrator at once.\r\n" },
	{ "test", CODE_S, "Test mail", "Mail works. {value}\r\n" },
};

bool mail_enabled(struct db *d)
{
	struct json_object *s = options_get(d, "smtp");

	return field_bool(s, SMTP_ENABLED, false) && *field_text(s, SMTP_HOST);
}

/* TEXT with each {value} replaced. */
static const char *fill(struct pool *p, const char *text, const char *value)
{
	const char *at;
	char *out = pool_strdup(p, "");

	while ((at = strstr(text, "{value}"))) {
		out = pool_printf(p, "%s%.*s%s", out, (int)(at - text), text,
				  value);
		text = at + strlen("{value}");
	}
	return pool_printf(p, "%s%s", out, text);
}

void mail_queue(struct tx *t, struct call *c, const char *to,
		const char *template, const char *value)
{
	struct json_object *own =
		js_obj(field_obj(options_get(&c->db, "smtp"), SMTP_TEMPLATES),
		       template);
	struct json_object *job = call_object(c);

	for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
		if (strcmp(templates[i].name, template) != 0)
			continue;
		const char *subject = js_str(own, TEMPLATE_SUBJECT.of.name);
		const char *body = js_str(own, TEMPLATE_BODY.of.name);

		field_set_text(job, JOB_TYPE, "mail");
		field_set_text(job, JOB_TO, to);
		field_set_text(job, JOB_SUBJECT,
			       subject ? subject : templates[i].subject);
		field_set_text(
			job, JOB_BODY,
			fill(&c->pool, body ? body : templates[i].body, value));
		jobs_put(t, c->app,
			 templates[i].life_s == ALARM_S ? JOBS_MAIL
							: JOBS_SIGN_IN,
			 job, c->now_ms, templates[i].life_s);
	}
}

/* A refused recipient says nothing of the server, and neither does what became
 * of a mail under settings that were changed meanwhile or are switched off. */
static bool tells(struct db *d, enum smtp_end end, const char *settings)
{
	return end != SMTP_REFUSED && mail_enabled(d) &&
	       strcmp(settings, js_dump(options_get(d, "smtp"))) == 0;
}

int mail_send(struct app *app, struct db *d, const char *to,
	      const char *subject, const char *body, const char **why)
{
	const char *settings = js_dump(options_get(d, "smtp"));
	enum smtp_end end = smtp_send(app, d, to, subject, body, why);

	if (tells(d, end, settings))
		mail_health_note(d, end == SMTP_SENT, *why);
	switch (end) {
	case SMTP_SENT:
		return 0;
	case SMTP_REFUSED:
		return -EINVAL;
	case SMTP_SILENT:
		break;
	}
	return -EIO;
}

int mail_test(struct call *c)
{
	const char *why;

	if (!call_lane(c, LANE_WORLD, "smtp"))
		return CALL_LATER;
	int r = mail_send(c->app, &c->db, js_text(c->in, "to"), "Test mail",
			  "Mail works.\r\n", &why);

	return r == 0 ? call_empty(c) : call_error(c, 400, why);
}
