#include "services/api/account/login.h"

#include <errno.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/account/challenge.h"
#include "services/api/account/guard.h"
#include "services/api/account/ldap.h"
#include "services/api/account/oidc.h"
#include "services/api/account/recovery.h"
#include "services/api/account/sessions.h"
#include "services/api/account/users.h"
#include "services/api/device/devices.h"
#include "services/api/jobs/mail.h"
#include "services/api/jobs/mail_health.h"
#include "services/api/journal/journal.h"

static const char wrong[] = "Wrong credentials";

struct doc *login_find(struct call *c, const char *name)
{
	struct doc *u = doc_by_name(&c->db, DOC_USER, name);
	char low[256];

	if (u || !strchr(name, '@') || strlen(name) >= sizeof(low))
		return u;
	text_lower(low, sizeof(low), name);
	return doc_get(
		&c->db, DOC_USER,
		db_text(db_do(&c->db, "HGET", KEY_USER_EMAIL, low, NULL)));
}

const char *login_account(struct call *c, const char *name)
{
	struct doc *u = login_find(c, name);

	return u ? doc_text(u, USER_NAME) : name;
}

int login_session(struct call *c, struct tx *t, struct doc *u,
		  struct json_object **out)
{
	struct json_object *o = call_object(c);
	char token[SEAL_TOKEN];

	/* The file with his first password goes with this (bootstrap.c). */
	if (doc_has(u, USER_FIRST_PASSWORD.of)) {
		doc_del(u, USER_FIRST_PASSWORD.of);
		user_save(t, u);
	}
	session_add(t, c, u, token);
	devices_claim(t, c, u);
	journal_write_as(t, c, u, CONSOLE_USER, CONSOLE_LOGIN,
			 doc_text(u, USER_NAME));
	int r = tx_commit(t);
	if (r < 0)
		return r;
	metric_add(&c->app->metrics, M_LOGINS, 1);
	js_set_str(o, "type", "access_token");
	js_set_str(o, "access_token", token);
	js_set(o, "user", user_payload(u));
	*out = o;
	return 0;
}

int login_finish(struct call *c, struct doc *u)
{
	struct json_object *o;
	struct tx t;

	tx_init(&t, &c->db);
	guard_passed(&t, c, doc_text(u, USER_NAME));
	/* The second step changed the user (used code): save with it. */
	if (doc_changed(u))
		user_save(&t, u);
	int r = login_session(c, &t, u, &o);
	return r ? r : call_json(c, json_object_get(o));
}

/* He lives in a directory, or may be taken over by one. */
static bool asks_directory(struct call *c, const struct doc *u)
{
	return u ? strcmp(doc_text(u, USER_SOURCE), "ldap") == 0 ||
			       strncmp(doc_text(u, USER_RELINK), "ldap:", 5) ==
				       0
		 : ldap_enabled(c);
}

bool login_lane(struct call *c, const char *name, enum guard who)
{
	return guard_lane(c, who, asks_directory(c, login_find(c, name)));
}

struct doc *login_check(struct call *c, const char *name, const char *password,
			const char **why)
{
	struct doc *u = login_find(c, name);

	if (u && strcmp(doc_text(u, USER_SOURCE), "local") == 0 &&
	    !asks_directory(c, u))
		return seal_password_ok(doc_text(u, USER_PASSWORD), password)
			       ? u
			       : NULL;
	if (asks_directory(c, u)) {
		struct doc *found = ldap_login(c, name, password, why);

		if (found || *why)
			return found;
	}
	seal_password_waste(password);
	return NULL;
}

/* While mail fails, who has no recovery code is told so, once a minute of his
 * tries excepted: that one finds out whether it works again. */
static int mailed_step(struct call *c, struct doc *u)
{
	struct mail_health h = mail_health(&c->db);
	int64_t ago_s = (int64_t)(c->now_ms / 1000) - h.failed_s;

	if (h.failing && ago_s < MAIL_HEALTH_S && recovery_left(u) == 0)
		return call_error(c, 200,
				  "The mail server does not work, so no code "
				  "can be sent. Try again in a few minutes, or "
				  "ask your administrator");
	return challenge_start(c, u, CHALLENGE_EMAIL);
}

/* After the right password: a second factor, or the token. */
static int second_step(struct call *c, struct doc *u)
{
	bool mail = doc_bool(u, USER_EMAIL_VERIFICATION, false) &&
		    *doc_text(u, USER_EMAIL) && mail_enabled(&c->db);

	if (*doc_text(u, USER_TOTP))
		return challenge_start(c, u, CHALLENGE_TOTP);
	if (doc_bool(u, USER_TOTP_ENFORCED, false))
		return call_error(c, 200,
				  "Two-factor authentication must be set up "
				  "before signing in");
	return mail ? mailed_step(c, u) : login_finish(c, u);
}

static int first_step(struct call *c)
{
	const char *name = js_text(c->in, "username");
	const char *password = js_text(c->in, "password");

	if (!*name || !*password || strlen(password) > SEAL_PASSWORD_MAX)
		return call_error(c, 200, wrong);
	const char *account = login_account(c, name);
	const char *why = NULL;
	enum guard who = guard_open(c, account);
	if (who == GUARD_SHUT)
		return call_error(c, 200, guard_full);
	if (!login_lane(c, name, who))
		return CALL_LATER;
	struct doc *u = login_check(c, name, password, &why);
	if (c->db.away)
		return -EIO;
	if (why)
		return call_error(c, 200, why);
	const char *bad = guard_judge(c, account, u, wrong);
	if (bad)
		return call_error(c, 200, bad);
	if (doc_int(u, USER_STATUS, 1) == 0)
		return call_error(c, 200, "The account is disabled");
	return second_step(c, u);
}

int login(struct call *c)
{
	if (strcmp(js_text(c->in, "type"), "email_code") == 0)
		return challenge_answer(c);
	return first_step(c);
}

int login_logout(struct call *c)
{
	struct tx t;

	if (c->who.api)
		return call_empty(c);
	tx_init(&t, &c->db);
	session_end(&t, call_self(c), c->who.token);
	return call_result(c, tx_commit(&t));
}

int login_options(struct call *c)
{
	return call_json(c, oidc_options(c));
}
