#include "services/api/jobs/mail.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "services/api/core/options.h"
#include "services/api/jobs/jobs.h"
#include "services/api/jobs/mail_health.h"

static const struct {
	const char *name, *subject, *body;
} templates[] = {
	{ "code", "Your log-in code",
	  "Your verification code is {value}\r\n"
	  "It is valid for ten minutes. If you did not try to sign in, "
	  "change your password.\r\n" },
	{ "invite", "Your account",
	  "An account was made for you.\r\n"
	  "{value}\r\n" },
	{ "alarm", "Security alarm", "{value}\r\n" },
	{ "totp", "Two-factor authentication is required",
	  "Your administrator requires two-factor authentication. Set it up "
	  "here: {value}\r\n" },
	{ "reset", "Set a new password",
	  "Somebody, probably you, asked for a new password.\r\n{value}\r\n"
	  "It is valid for an hour. If it was not you, ignore this mail.\r\n" },
	{ "test", "Test mail", "Mail works. {value}\r\n" },
};

enum { MAIL_MS = 15000 };

bool mail_enabled(struct db *d)
{
	struct json_object *s = options_get(d, "smtp");

	return js_bool(s, "enabled", false) && *js_text(s, "host");
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
	struct json_object *own = js_obj(
		js_obj(options_get(&c->db, "smtp"), "templates"), template);
	struct json_object *job = call_object(c);

	for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
		if (strcmp(templates[i].name, template) != 0)
			continue;
		const char *subject = js_str(own, "subject");
		const char *body = js_str(own, "body");

		js_set_str(job, "type", "mail");
		js_set_str(job, "to", to);
		js_set_str(job, "subject",
			   subject ? subject : templates[i].subject);
		js_set_str(
			job, "body",
			fill(&c->pool, body ? body : templates[i].body, value));
		jobs_add(t, c, job);
	}
}

struct message {
	const char *text;
	size_t at;
	size_t len;
};

static size_t read_message(char *out, size_t size, size_t n, void *ctx)
{
	struct message *m = ctx;
	size_t len = m->len - m->at < size * n ? m->len - m->at : size * n;

	memcpy(out, m->text + m->at, len);
	m->at += len;
	return len;
}

/* A subject in RFC 2047 base64, so that no byte of it can end the line. */
static const char *subject_word(struct pool *p, const char *subject)
{
	size_t n = strlen(subject) * 4 / 3 + 8;
	char *b64 = pool_alloc(p, n);

	text_base64(subject, strlen(subject), b64, n);
	return pool_printf(p, "=?UTF-8?B?%s?=", b64);
}

static const char *compose(struct pool *p, const char *from, const char *to,
			   const char *subject, const char *body)
{
	char date[64], id[SEAL_TOKEN];
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	seal_token(id);
	const char *at = strchr(from, '@');
	return pool_printf(p,
			   "Date: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\n"
			   "Message-ID: <%s%s>\r\nMIME-Version: 1.0\r\n"
			   "Content-Type: text/plain; charset=utf-8\r\n"
			   "Content-Transfer-Encoding: 8bit\r\n"
			   "Auto-Submitted: auto-generated\r\n\r\n%s",
			   date, from, to, subject_word(p, subject), id,
			   at ? at : "@localhost", body);
}

static void set_server(CURL *h, struct app *app, struct db *d,
		       struct json_object *s)
{
	const char *security = js_text(s, "security");
	const char *user = js_text(s, "username");
	bool tls = strcmp(security, "tls") == 0;
	char *password = seal_open(&app->seal, d->pool, js_text(s, "password"));

	curl_easy_setopt(h, CURLOPT_URL,
			 pool_printf(d->pool, "%s://%s:%d",
				     tls ? "smtps" : "smtp", js_text(s, "host"),
				     (int)js_int(s, "port", 587)));
	curl_easy_setopt(h, CURLOPT_USE_SSL,
			 strcmp(security, "none") == 0 ? (long)CURLUSESSL_NONE
						       : (long)CURLUSESSL_ALL);
	if (*user) {
		curl_easy_setopt(h, CURLOPT_USERNAME, user);
		curl_easy_setopt(h, CURLOPT_PASSWORD, password ? password : "");
	}
	if (!js_bool(s, "tls_verify", true)) {
		curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

int mail_send(struct app *app, struct db *d, const char *to,
	      const char *subject, const char *body, const char **why)
{
	struct json_object *s = options_get(d, "smtp");
	const char *from = js_text(s, "from");
	struct message m = { .text = compose(d->pool, from, to, subject,
					     body) };
	CURL *h = curl_easy_init();

	*why = "SMTP is not set up";
	if (!mail_enabled(d) || !text_is_email(to) || !text_is_email(from)) {
		curl_easy_cleanup(h);
		return -EINVAL;
	}
	m.len = strlen(m.text);
	struct curl_slist *rcpt = curl_slist_append(NULL, to);
	set_server(h, app, d, s);
	curl_easy_setopt(h, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(h, CURLOPT_MAIL_RCPT, rcpt);
	curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(h, CURLOPT_READFUNCTION, read_message);
	curl_easy_setopt(h, CURLOPT_READDATA, &m);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)MAIL_MS);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	CURLcode rc = curl_easy_perform(h);
	*why = curl_easy_strerror(rc);
	/* A refused recipient says nothing of the server. */
	if (rc != CURLE_SEND_ERROR)
		mail_health_note(d, rc == CURLE_OK, *why);
	curl_slist_free_all(rcpt);
	curl_easy_cleanup(h);
	return rc == CURLE_OK ? 0 : -EIO;
}

int mail_test(struct call *c)
{
	const char *why;
	int r = mail_send(c->app, &c->db, js_text(c->in, "to"), "Test mail",
			  "Mail works.\r\n", &why);

	return r == 0 ? call_empty(c) : call_error(c, 400, why);
}
