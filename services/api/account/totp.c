#include "services/api/account/totp.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/account/credentials.h"
#include "services/api/account/guard.h"
#include "services/api/account/login.h"
#include "services/api/account/qr.h"
#include "services/api/account/recovery.h"
#include "services/api/account/sessions.h"
#include "services/api/account/users.h"
#include "services/api/base/httpc.h"
#include "services/api/core/auth.h"
#include "services/api/journal/journal.h"

enum { SECRET_LEN = 20, PENDING_S = 900 };

static bool six_digits(const char *code)
{
	size_t n = strlen(code);

	return n == 6 && strspn(code, "0123456789") == n;
}

/* The counter that CODE belongs to, or -1. */
static int64_t match(struct call *c, const char *base32, const char *code)
{
	char *secret = NULL;
	size_t len = 0;
	uint64_t counter = 0;

	if (oath_base32_decode(base32, strlen(base32), &secret, &len) != 0)
		return -1;
	int r = oath_totp_validate3(secret, len, (time_t)(c->now_ms / 1000),
				    TOTP_STEP_S, 0, TOTP_WINDOW, NULL, &counter,
				    code);
	sodium_memzero(secret, len);
	free(secret);
	return r >= 0 ? (int64_t)counter : -1;
}

bool totp_use(struct call *c, struct doc *u, const char *code)
{
	char *base32 =
		seal_open(&c->app->seal, &c->pool, doc_text(u, USER_TOTP));

	if (!base32 || !six_digits(code))
		return false;
	int64_t counter = match(c, base32, code);
	if (counter < 0)
		return recovery_use(c, u, code);
	if (counter <= doc_int(u, USER_TOTP_LAST, 0))
		return false; /* seen over a shoulder and typed again */
	doc_set_int(u, USER_TOTP_LAST, counter);
	return true;
}

/* One who gives name and password because an enforced second factor keeps him
 * from signing in. Everybody else signs in first: the password alone must not
 * put a new second factor in the place of a mailed one. */
static struct doc *kept_out(struct call *c)
{
	const char *name = js_text(c->in, "username");
	const char *password = js_text(c->in, "password");
	const char *account = login_account(c, name);

	const char *why = NULL;
	enum guard who = guard_open(c, account);
	if (who == GUARD_SHUT) {
		call_error(c, 429, guard_full);
		return NULL;
	}
	/* Where the password is checked: see call_lane(). */
	if (!login_lane(c, name, who))
		return NULL;
	bool sane = *name && *password && strlen(password) <= SEAL_PASSWORD_MAX;
	struct doc *u = sane ? login_check(c, name, password, &why) : NULL;
	if (why) {
		call_error(c, 503, why);
		return NULL;
	}
	bool right = u && doc_int(u, USER_STATUS, 1) != 0;
	const char *bad = guard_judge(c, account, right, "Wrong credentials");
	if (bad) {
		call_error(c, bad == guard_full ? 429 : 401, bad);
		return NULL;
	}
	if (u && doc_bool(u, USER_TOTP_ENFORCED, false))
		return u;
	call_error(c, 403, "Sign in first");
	return NULL;
}

/* Who sets it up: the signed-in user, or one who cannot sign in yet. */
static struct doc *owner(struct call *c)
{
	if (!c->bearer && !c->cookie)
		return kept_out(c);
	auth_load(c);
	call_error(c, 401, "Invalid token");
	return c->who.user && !c->who.api ? c->who.user : NULL;
}

/* Is CODE right, now and for U? Else answered. */
static bool proved(struct call *c, struct doc *u, const char *code)
{
	const char *name = doc_text(u, USER_NAME);

	if (!guard_open(c, name)) {
		call_error(c, 429, guard_full);
		return false;
	}
	const char *bad =
		guard_judge(c, name, totp_use(c, u, code), "wrong-2fa-code");
	if (bad)
		call_error(c, bad == guard_full ? 429 : 400, bad);
	return !bad;
}

static const char *pending_key(struct call *c, const struct doc *u)
{
	return call_fmt(c, KEY_TOTP_PENDING, u->guid);
}

/* What the app needs: to type, to open, to scan. */
static int answer_setup(struct call *c, const struct doc *u, const char *secret)
{
	struct json_object *o = json_object_new_object();
	const char *url = call_fmt(
		c, "otpauth://totp/%s?secret=%s&issuer=RustDesk",
		httpc_escape(&c->pool, doc_text(u, USER_NAME)), secret);
	const char *svg = qr_svg(&c->pool, url);

	js_set_str(o, "secret", secret);
	js_set_str(o, "url", url);
	if (svg)
		js_set_str(o, "qr", svg);
	return call_json(c, o);
}

int totp_setup(struct call *c)
{
	struct doc *u = owner(c);
	uint8_t raw[SECRET_LEN];
	char *base32 = NULL;
	struct tx t;

	if (!u)
		return 0;
	if (*doc_text(u, USER_TOTP))
		return call_error(c, 400, "It is already on");
	randombytes_buf(raw, sizeof(raw));
	oath_base32_encode((char *)raw, sizeof(raw), &base32, NULL);
	const char *secret = pool_strdup(&c->pool, base32);
	free(base32);
	tx_init(&t, &c->db);
	tx_do(&t, "SET", pending_key(c, u),
	      seal_close(&c->app->seal, &c->pool, secret), "EX",
	      call_fmt(c, "%d", PENDING_S), NULL);
	int r = tx_commit(&t);
	if (r < 0)
		return r;
	return answer_setup(c, u, secret);
}

int totp_confirm(struct call *c)
{
	struct doc *u = owner(c);
	struct tx t;

	if (!u)
		return 0;
	const char *key = pending_key(c, u);
	const char *sealed = db_text(db_do(&c->db, "GET", key, NULL));
	if (!sealed)
		return call_error(c, 400, "Start the set-up again");
	doc_set_text(u, USER_TOTP, sealed);
	if (!proved(c, u, js_text(c->in, "code")))
		return 0;
	struct json_object *codes = recovery_new(c, u);
	tx_init(&t, &c->db);
	tx_expect_key(&t, key, sealed);
	tx_do(&t, "DEL", key, NULL);
	user_save(&t, u);
	journal_write_as(&t, c, u, CONSOLE_USER, CONSOLE_UPDATE_USER,
			 doc_text(u, USER_NAME));
	int r = tx_commit(&t);
	return r ? r : recovery_answer(c, codes);
}

int totp_disable(struct call *c)
{
	struct doc *u = c->who.user;
	struct tx t;

	if (c->who.api)
		return call_forbidden(c);
	if (doc_bool(u, USER_TOTP_ENFORCED, false))
		return call_error(c, 400, "Your administrator requires it");
	if (!proved(c, u, js_text(c->in, "code")))
		return 0;
	credentials_drop_totp(u);
	tx_init(&t, &c->db);
	user_save(&t, u);
	journal_write(&t, c, CONSOLE_USER, CONSOLE_UPDATE_USER,
		      doc_text(u, USER_NAME));
	return call_result(c, tx_commit(&t));
}
