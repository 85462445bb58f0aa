#include "services/api/web/signin.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "services/api/account/challenge.h"
#include "services/api/account/guard.h"
#include "services/api/account/login.h"
#include "services/api/account/oidc.h"
#include "services/api/account/passkey.h"
#include "services/api/account/sessions.h"
#include "services/api/account/totp.h"
#include "services/api/account/users.h"
#include "services/api/core/auth.h"
#include "services/api/core/options.h"
#include "services/api/core/origin.h"
#include "services/api/journal/journal.h"

/* A log-in made by another site's page would sign the visitor in as somebody
 * else; one over plain http would show the cookie to the network. */
static bool turned_away(struct call *c)
{
	if (!origin_secure(c))
		call_error(c, 403, "Open this page by https");
	else if (!call_reads(c) && !origin_ours(c))
		call_error(c, 403, "Origin does not match");
	else
		return false;
	return true;
}

/* The answer of a client's log-in with its token moved into the cookie. */
static int into_cookie(struct call *c, int r)
{
	bool ok;

	if (r != 0 || c->status != 200)
		return r;
	struct json_object *o = js_parse(&c->pool, c->out, c->out_len, &ok);
	const char *token = js_str(o, "access_token");
	if (!token)
		return 0;
	origin_set_cookie(c, token, options_session_s(&c->db));
	js_del(o, "access_token");
	return call_json(c, json_object_get(o));
}

int web_login(struct call *c)
{
	return turned_away(c) ? 0 : into_cookie(c, login(c));
}

int web_oidc_auth(struct call *c)
{
	return turned_away(c) ? 0 : oidc_auth(c);
}

int web_oidc_query(struct call *c)
{
	return turned_away(c) ? 0 : into_cookie(c, oidc_query(c));
}

/* For signing in, as the second step of it, and for a fresh proof. */
int web_passkey_challenge(struct call *c)
{
	struct json_object *o = json_object_new_object();
	const char *rp = passkey_rp(c);
	bool second = *js_text(c->in, "secret");

	pool_json(&c->pool, o);
	if (turned_away(c))
		return 0;
	if (!rp)
		return call_error(c, 400,
				  "Passkeys do not work at this address");
	if (second && !guard_rate(c))
		return call_error(c, 429, guard_full);
	struct doc *u = second ? challenge_user(c) : NULL;
	if (second && !u)
		return call_error(c, 400, passkey_refused);
	js_set_str(o, "challenge", passkey_challenge(c, "get", ""));
	js_set_str(o, "rpId", rp);
	js_set_int(o, "timeout", PASSKEY_S * 1000);
	js_set_str(o, "userVerification", "required");
	js_set(o, "allowCredentials", passkey_allowed(u));
	return call_json(c, json_object_get(o));
}

/* Whose sign-in it is, and under which name its failures count. */
static struct doc *passkey_person(struct call *c, const char **account)
{
	const char *id = js_text(js_obj(c->in, "passkey"), "id");
	struct doc *u = *js_text(c->in, "secret") ? challenge_user(c)
						  : passkey_owner(c, id);

	*account = u ? doc_text(u, USER_NAME) : id;
	return u;
}

static int passkey_session(struct call *c, struct doc *u, const char *mark)
{
	struct json_object *o;
	struct tx t;

	tx_init(&t, &c->db);
	passkey_spend(&t, c, mark);
	if (*js_text(c->in, "secret"))
		challenge_end(&t, c, u);
	guard_passed(&t, c, doc_text(u, USER_NAME));
	user_save(&t, u); /* the counter */
	int r = login_session(c, &t, u, &o);
	return into_cookie(c, r ? r : call_json(c, json_object_get(o)));
}

int web_passkey_login(struct call *c)
{
	const char *account, *mark = NULL;

	if (turned_away(c))
		return 0;
	struct doc *u = passkey_person(c, &account);
	if (guard_open(c, account) == GUARD_SHUT)
		return call_error(c, 429, guard_full);
	bool right = passkey_use(c, u, &mark);
	if (c->db.away)
		return -EIO;
	const char *bad = guard_judge(c, account, right, passkey_refused);
	if (bad)
		return call_error(c, bad == guard_full ? 429 : 400, bad);
	if (doc_int(u, USER_STATUS, 1) == 0)
		return call_error(c, 400, "The account is disabled");
	return passkey_session(c, u, mark);
}

int web_logout(struct call *c)
{
	struct doc *u = c->who.user;
	struct tx t;

	if (c->who.api)
		return call_forbidden(c);
	tx_init(&t, &c->db);
	session_end(&t, u->guid, c->who.token);
	if (js_bool(c->in, "everywhere", false)) {
		sessions_end_all(&t, u->guid);
		journal_write(&t, c, CONSOLE_USER, CONSOLE_LOGOUT_USER,
			      doc_text(u, USER_NAME));
	}
	int r = tx_commit(&t);
	if (r < 0)
		return r;
	origin_set_cookie(c, "", 0);
	return call_empty(c);
}

/* Where the account lives; true if it is still the same account. *WHY: it
 * could not be asked there. */
static bool password_ok(struct call *c, const struct doc *u,
			const char *password, const char **why)
{
	const char *name = doc_text(u, USER_NAME);

	if (!*password || strlen(password) > SEAL_PASSWORD_MAX)
		return false;
	struct doc *found = login_check(c, name, password, why);
	return found && strcmp(found->guid, u->guid) == 0;
}

/* *MARK: the challenge of a passkey, to be used up. */
static bool proof_ok(struct call *c, struct doc *u, const char **why,
		     const char **mark)
{
	const char *code = js_text(c->in, "tfaCode");

	if (js_has(c->in, "passkey"))
		return passkey_use(c, u, mark);
	if (*code)
		return *doc_text(u, USER_TOTP) && totp_use(c, u, code);
	return password_ok(c, u, js_text(c->in, "password"), why);
}

int web_reauth(struct call *c)
{
	struct doc *u = c->who.user;
	const char *name = doc_text(u, USER_NAME);
	struct tx t;

	if (c->who.api)
		return call_forbidden(c);
	enum guard who = guard_open(c, name);
	if (who == GUARD_SHUT)
		return call_error(c, 429, guard_full);
	if (!login_lane(c, name, who))
		return CALL_LATER;
	const char *why = NULL, *mark = NULL;
	bool ok = proof_ok(c, u, &why, &mark);
	if (c->db.away)
		return -EIO;
	if (why)
		return call_error(c, 400, why);
	const char *bad = guard_judge(c, name, ok, "Wrong credentials");
	if (bad)
		return call_error(c, bad == guard_full ? 429 : 400, bad);
	tx_init(&t, &c->db);
	guard_passed(&t, c, name);
	if (mark)
		passkey_spend(&t, c, mark);
	if (doc_changed(u))
		user_save(&t, u); /* the code is used up; the counter */
	const char *key = auth_token_key(&c->db, c->who.token);
	tx_expect(&t, key, SESSION_USER, u->guid);
	tx_do(&t, "HSET", key, SESSION_PROVED,
	      call_fmt(c, "%" PRIu64, c->now_ms / 1000), NULL);
	return call_result(c, tx_commit(&t));
}
