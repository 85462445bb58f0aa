#include "services/api/jobs/smtp.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "services/api/base/message.h"
#include "services/api/base/trust.h"
#include "services/api/core/options.h"
#include "services/api/core/outside.h"
#include "services/api/jobs/smtp_token.h"

enum { REPLY_MAX = 400 };

struct conversation {
	CURL *h;
	struct app *app;
	struct db *d;
	struct json_object *cfg;
	struct curl_slist *to;
	const char *text; /* of the mail */
	size_t at, len;
	char reply[REPLY_MAX]; /* the server's last refusal */
};

static size_t give(char *out, size_t size, size_t n, void *ctx)
{
	struct conversation *m = ctx;
	size_t len = m->len - m->at < size * n ? m->len - m->at : size * n;

	memcpy(out, m->text + m->at, len);
	m->at += len;
	return len;
}

/* Lines of the server: "535 5.7.8 Authentication failed", without control
 * characters. */
static size_t on_reply(char *data, size_t size, size_t n, void *ctx)
{
	struct conversation *m = ctx;
	size_t len = size * n < REPLY_MAX - 1 ? size * n : REPLY_MAX - 1;

	if (len < 3 || (data[0] != '4' && data[0] != '5'))
		return size * n;
	for (size_t i = 0; i < len; i++)
		m->reply[i] = iscntrl((unsigned char)data[i]) ? ' ' : data[i];
	while (len > 0 && m->reply[len - 1] == ' ')
		len--;
	m->reply[len] = 0;
	return size * n;
}

static bool sign_in(struct conversation *m, const char **why)
{
	struct json_object *s = m->cfg;
	const char *user = field_text(s, SMTP_USERNAME);

	if (!*user)
		return true;
	curl_easy_setopt(m->h, CURLOPT_USERNAME, user);
	if (strcmp(field_text(s, SMTP_AUTH), "xoauth2") == 0) {
		const char *token = smtp_token(m->app, m->d, s, why);

		if (!token)
			return false;
		curl_easy_setopt(m->h, CURLOPT_XOAUTH2_BEARER, token);
		curl_easy_setopt(m->h, CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2");
		return true;
	}
	char *password = seal_open(&m->app->seal, m->d->pool,
				   field_text(s, SMTP_PASSWORD));
	curl_easy_setopt(m->h, CURLOPT_PASSWORD, password ? password : "");
	return true;
}

static bool set_server(struct conversation *m, const char **why)
{
	struct json_object *s = m->cfg;
	const char *security = field_text(s, SMTP_SECURITY);
	bool tls = strcmp(security, "tls") == 0;

	curl_easy_setopt(m->h, CURLOPT_URL,
			 pool_printf(m->d->pool, "%s://%s:%d",
				     tls ? "smtps" : "smtp",
				     field_text(s, SMTP_HOST),
				     (int)field_int(s, SMTP_PORT, 587)));
	curl_easy_setopt(m->h, CURLOPT_USE_SSL,
			 strcmp(security, "none") == 0 ? (long)CURLUSESSL_NONE
						       : (long)CURLUSESSL_ALL);
	curl_easy_setopt(m->h, CURLOPT_TIMEOUT_MS, (long)SMTP_MS);
	curl_easy_setopt(m->h, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)SMTP_CONNECT_MS);
	curl_easy_setopt(m->h, CURLOPT_NOSIGNAL, 1L);
	if (!field_bool(s, SMTP_TLS_VERIFY, true)) {
		curl_easy_setopt(m->h, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(m->h, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	*why = "ca: it is neither PEM nor a file that can be read";
	return trust_curl(m->h, field_text(s, SMTP_CA)) == 0 && sign_in(m, why);
}

static void set_mail(struct conversation *m, const struct mailbox *from)
{
	curl_easy_setopt(m->h, CURLOPT_MAIL_FROM, from->address);
	curl_easy_setopt(m->h, CURLOPT_MAIL_RCPT, m->to);
	curl_easy_setopt(m->h, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(m->h, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(m->h, CURLOPT_READDATA, m);
	curl_easy_setopt(m->h, CURLOPT_HEADERFUNCTION, on_reply);
	curl_easy_setopt(m->h, CURLOPT_HEADERDATA, m);
}

/* 5xx after signing in is about this mail; everything else is about the
 * server, and the next mail would fare no better. */
static enum smtp_end judge(struct conversation *m, CURLcode rc,
			   const char **why)
{
	if (rc == CURLE_OK)
		return SMTP_SENT;
	*why = *m->reply ? pool_strdup(m->d->pool, m->reply)
			 : curl_easy_strerror(rc);
	return m->reply[0] == '5' && rc != CURLE_LOGIN_DENIED &&
			       rc != CURLE_USE_SSL_FAILED
		       ? SMTP_REFUSED
		       : SMTP_SILENT;
}

static enum smtp_end talk(struct conversation *m, const struct mailbox *from,
			  const char **why)
{
	enum smtp_end end = SMTP_SILENT;

	if (set_server(m, why)) {
		set_mail(m, from);
		end = judge(m, curl_easy_perform(m->h), why);
	}
	return end;
}

enum smtp_end smtp_send(struct app *app, struct db *d, const char *to,
			const char *subject, const char *body, const char **why)
{
	struct conversation m = { .app = app,
				  .d = d,
				  .cfg = options_get(d, "smtp") };
	struct message mail = {
		.to = to, .subject = subject, .body = body, .date_s = time(NULL)
	};
	uint64_t began = app_tick_ms();
	char id[SEAL_TOKEN];

	*why = "SMTP is not set up";
	if (!field_bool(m.cfg, SMTP_ENABLED, false) ||
	    !*field_text(m.cfg, SMTP_HOST))
		return SMTP_SILENT;
	*why = "The sender or the recipient is no mail address";
	if (mailbox_parse(field_text(m.cfg, SMTP_FROM), &mail.from) < 0 ||
	    !text_is_email(to))
		return SMTP_REFUSED;
	seal_token(id);
	mail.id = id;
	m.text = message_compose(d->pool, &mail);
	m.len = strlen(m.text);
	m.h = curl_easy_init();
	m.to = curl_slist_append(NULL, to);
	enum smtp_end end = talk(&m, &mail.from, why);
	outside_note(app, OUTSIDE_SMTP, field_text(m.cfg, SMTP_HOST), began,
		     end == SMTP_SILENT ? *why : NULL);
	curl_slist_free_all(m.to);
	curl_easy_cleanup(m.h);
	return end;
}
