#include "services/api/account/totp.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "services/api/account/guard.h"
#include "services/api/account/login.h"
#include "services/api/account/sessions.h"
#include "services/api/account/users.h"
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

static bool use_recovery(struct call *c, struct doc *u, const char *code)
{
	struct json_object *codes = js_arr(u->j, "recovery");
	char mac[SEAL_HASH];

	seal_hmac(&c->app->seal, call_fmt(c, "%s %s", u->guid, code), mac);
	if (!js_arr_has(codes, mac))
		return false;
	js_set(u->j, "recovery", js_without(codes, mac));
	return true;
}

bool totp_use(struct call *c, struct doc *u, const char *code)
{
	char *base32 =
		seal_open(&c->app->seal, &c->pool, js_text(u->j, "totp"));

	if (!base32 || !six_digits(code))
		return false;
	int64_t counter = match(c, base32, code);
	if (counter < 0)
		return use_recovery(c, u, code);
	if (counter <= js_int(u->j, "totp_last", 0))
		return false; /* seen over a shoulder and typed again */
	js_set_int(u->j, "totp_last", counter);
	return true;
}

/* Who sets it up: the signed-in user, or one who gives name and password
 * because an enforced second factor keeps him from signing in. */
static struct doc *owner(struct call *c)
{
	const char *name = js_text(c->in, "username");
	const char *password = js_text(c->in, "password");

	/* By his password: that takes a while, see call_lane(). */
	if (!c->bearer && !c->cookie && !call_lane(c, LANE_PASSWORD, ""))
		return NULL;
	if (c->bearer || c->cookie) {
		auth_load(c);
		call_error(c, 401, "Invalid token");
		return c->who.user && !c->who.api ? c->who.user : NULL;
	}
	if (!guard_open(c, name)) {
		call_error(c, 429, "Too frequent");
		return NULL;
	}
	struct doc *u = login_find(c, name);
	if (u && js_int(u->j, "status", 1) != 0 &&
	    strlen(password) <= SEAL_PASSWORD_MAX &&
	    seal_password_ok(js_text(u->j, "pw"), password))
		return u;
	guard_failed(c, name);
	call_error(c, 401, "Wrong credentials");
	return NULL;
}

static const char *pending_key(struct call *c, const struct doc *u)
{
	return call_fmt(c, "api:totp:pending:%s", u->guid);
}

int totp_setup(struct call *c)
{
	struct doc *u = owner(c);
	uint8_t raw[SECRET_LEN];
	char *base32 = NULL;
	struct tx t;

	if (!u)
		return 0;
	if (*js_text(u->j, "totp"))
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
	struct json_object *o = json_object_new_object();
	js_set_str(o, "secret", secret);
	js_set_str(o, "url",
		   call_fmt(c, "otpauth://totp/%s?secret=%s&issuer=RustDesk",
			    js_text(u->j, "name"), secret));
	return call_json(c, o);
}

/* Sets fresh recovery codes; returns them in plain, once. */
static struct json_object *new_recovery(struct call *c, struct doc *u)
{
	struct json_object *plain = call_array(c);
	struct json_object *hashed = json_object_new_array();
	char code[7], mac[SEAL_HASH];

	for (int i = 0; i < TOTP_RECOVERY; i++) {
		seal_digits(6, code);
		seal_hmac(&c->app->seal, call_fmt(c, "%s %s", u->guid, code),
			  mac);
		js_push_str(plain, code);
		js_push_str(hashed, mac);
	}
	js_set(u->j, "recovery", hashed);
	return plain;
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
	js_set_str(u->j, "totp", sealed);
	if (!totp_use(c, u, js_text(c->in, "code"))) {
		guard_failed(c, js_text(u->j, "name"));
		return call_error(c, 400, "wrong-2fa-code");
	}
	struct json_object *codes = new_recovery(c, u);
	tx_init(&t, &c->db);
	tx_expect_key(&t, key, sealed);
	tx_do(&t, "DEL", key, NULL);
	user_save(&t, u);
	console_log_as(&t, c, u, CONSOLE_USER, CONSOLE_UPDATE_USER,
		       js_text(u->j, "name"));
	int r = tx_commit(&t);
	if (r < 0)
		return r;
	struct json_object *o = json_object_new_object();
	js_set(o, "recovery_codes", json_object_get(codes));
	return call_json(c, o);
}

int totp_disable(struct call *c)
{
	struct doc *u = c->who.user;
	struct tx t;

	if (c->who.api)
		return call_forbidden(c);
	if (js_bool(u->j, "totp_enforced", false))
		return call_error(c, 400, "Your administrator requires it");
	if (!guard_open(c, js_text(u->j, "name")))
		return call_error(c, 429, "Too frequent");
	if (!totp_use(c, u, js_text(c->in, "code"))) {
		guard_failed(c, js_text(u->j, "name"));
		return call_error(c, 400, "wrong-2fa-code");
	}
	js_set_str(u->j, "totp", "");
	js_set(u->j, "recovery", json_object_new_array());
	tx_init(&t, &c->db);
	user_save(&t, u);
	console_log(&t, c, CONSOLE_USER, CONSOLE_UPDATE_USER,
		    js_text(u->j, "name"));
	return call_result(c, tx_commit(&t));
}
