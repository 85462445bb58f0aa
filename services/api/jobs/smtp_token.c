#include "services/api/jobs/smtp_token.h"

#include <inttypes.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/base/httpc.h"

enum { SPARE_S = 60, LIFE_S = 3600 }; /* before its end; if none is told */

static const char *secret(struct app *app, struct db *d,
			  struct json_object *smtp, struct field_text f)
{
	char *plain = seal_open(&app->seal, d->pool, field_text(smtp, f));

	return plain ? plain : "";
}

static const char *key_of(struct db *d, struct json_object *smtp)
{
	char hash[SEAL_HASH];

	/* Settings that change make another token. */
	seal_hash(js_dump(smtp), hash);
	return pool_printf(d->pool, KEY_SMTP_TOKEN, hash);
}

static const char *form_of(struct app *app, struct db *d,
			   struct json_object *smtp)
{
	const char *refresh = secret(app, d, smtp, SMTP_REFRESH_TOKEN);
	const char *scope = field_text(smtp, SMTP_TOKEN_SCOPE);
	struct pool *p = d->pool;

	return pool_printf(
		p, "grant_type=%s&client_id=%s&client_secret=%s%s%s%s%s",
		*refresh ? "refresh_token" : "client_credentials",
		httpc_escape(p, field_text(smtp, SMTP_CLIENT_ID)),
		httpc_escape(p, secret(app, d, smtp, SMTP_CLIENT_SECRET)),
		*refresh ? "&refresh_token=" : "", httpc_escape(p, refresh),
		*scope ? "&scope=" : "", httpc_escape(p, scope));
}

const char *smtp_token(struct app *app, struct db *d, struct json_object *smtp,
		       const char **why)
{
	const char *key = key_of(d, smtp);
	const char *kept = db_text(db_do(d, "GET", key, NULL));

	kept = kept ? seal_open(&app->seal, d->pool, kept) : NULL;
	if (kept)
		return kept;
	struct httpc rq = {
		.url = field_text(smtp, SMTP_TOKEN_URL),
		.form = form_of(app, d, smtp),
		.ca = field_text(smtp, SMTP_CA),
	};
	struct json_object *o = httpc_json(d->pool, &rq, why);
	const char *token = js_text(o, "access_token");
	int64_t life = js_int(o, "expires_in", LIFE_S) - SPARE_S;
	if (!*token) {
		*why = pool_printf(d->pool, "No access token for mail: %s",
				   o ? "the answer has none" : *why);
		return NULL;
	}
	if (life > 0)
		db_do(d, "SET", key, seal_close(&app->seal, d->pool, token),
		      "EX", pool_printf(d->pool, "%" PRId64, life), NULL);
	return token;
}
