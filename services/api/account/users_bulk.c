#include <string.h>

#include "services/api/account/sessions.h"
#include "services/api/account/users.h"
#include "services/api/core/base_url.h"
#include "services/api/jobs/mail.h"
#include "services/api/journal/journal.h"

/* The invited user sets a password through the one-time token. */
enum { INVITE_S = 7 * 86400 };

int users_invite(struct call *c)
{
	struct doc *u = doc_new(&c->db, DOC_USER, c->now_ms);
	const char *bad = user_fill_new(c, u);
	char token[SEAL_TOKEN], hash[SEAL_HASH];
	struct tx t;

	if (!bad && !*js_text(u->j, "email"))
		bad = "Invalid format: email";
	if (!bad && !mail_enabled(&c->db))
		bad = "SMTP is not set up";
	if (!bad && !base_url(c))
		bad = "PUBLIC_URL is not set, so a link would lead nowhere";
	if (bad)
		return call_error(c, 400, bad);
	struct target who = user_target(u);
	if (!call_may(c, PERM_USER_INVITE, &who))
		return call_forbidden(c);
	js_set_int(u->j, "status", -1); /* unverified until accepted */
	seal_token(token);
	seal_hash(token, hash);
	tx_init(&t, &c->db);
	user_save(&t, u);
	tx_do(&t, "SET", call_fmt(c, "api:invite:%s", hash), u->guid, "EX",
	      call_fmt(c, "%d", INVITE_S), NULL);
	mail_queue(&t, c, js_text(u->j, "email"), "invite",
		   call_fmt(c, "Name: %s\r\n%s/invite?token=%s",
			    js_text(u->j, "name"), base_url(c), token));
	console_log(&t, c, CONSOLE_USER, CONSOLE_ADD_USER,
		    js_text(u->j, "name"));
	int r = tx_commit(&t);
	return r ? r : user_answer(c, u);
}

int users_accept_invite(struct call *c)
{
	const char *password = js_text(c->in, "password");
	char hash[SEAL_HASH];
	struct tx t;

	seal_hash(js_text(c->in, "token"), hash);
	const char *key = call_fmt(c, "api:invite:%s", hash);
	const char *guid = db_text(db_do(&c->db, "GET", key, NULL));
	struct doc *u = guid ? doc_get(&c->db, DOC_USER, guid) : NULL;
	if (!call_lane(c, LANE_PASSWORD, ""))
		return CALL_LATER;
	if (!u || js_int(u->j, "status", 1) != -1)
		return call_error(c, 400, "The invitation has expired");
	if (strlen(password) < SEAL_PASSWORD_MIN ||
	    strlen(password) > SEAL_PASSWORD_MAX)
		return call_error(c, 400, "The password needs 8 characters");
	user_set_password(u, password);
	js_set_int(u->j, "status", 1);
	tx_init(&t, &c->db);
	tx_expect_key(&t, key, guid);
	tx_do(&t, "DEL", key, NULL);
	user_save(&t, u);
	console_log_as(&t, c, u, CONSOLE_USER, CONSOLE_UPDATE_USER,
		       js_text(u->j, "name"));
	return call_result(c, tx_commit(&t));
}

/* Runs CHANGE for each user of "user_guids" in one transaction. */
static int each(struct call *c, enum perm p, enum console_op op,
		void (*change)(struct tx *t, struct call *c, struct doc *u))
{
	struct json_object *guids = js_arr(c->in, "user_guids");
	struct tx t;

	tx_init(&t, &c->db);
	for (size_t i = 0; i < js_len(guids); i++) {
		struct doc *u = user_open(c, js_at(guids, i), p);

		if (!u)
			return 0;
		change(&t, c, u);
		console_log(&t, c, CONSOLE_USER, op, js_text(u->j, "name"));
	}
	return call_result(c, tx_commit(&t));
}

static void log_out(struct tx *t, struct call *c, struct doc *u)
{
	(void)c;
	sessions_end_all(t, u->guid);
}

int users_force_logout(struct call *c)
{
	return each(c, PERM_USER_LOGOUT, CONSOLE_LOGOUT_USER, log_out);
}

static void enforce(struct tx *t, struct call *c, struct doc *u)
{
	bool on = js_bool(c->in, "enforce", false);
	const char *url = js_text(c->in, "url");
	const char *email = js_text(u->j, "email");
	const char *base = base_url(c);

	js_set_bool(u->j, "totp_enforced", on);
	user_save(t, u);
	if (on && *email && mail_enabled(&c->db) && !*js_text(u->j, "totp") &&
	    (*url || base))
		mail_queue(t, c, email, "totp", *url ? url : base);
}

int users_enforce_totp(struct call *c)
{
	return each(c, PERM_USER_2FA, CONSOLE_UPDATE_USER, enforce);
}

static void drop_email(struct tx *t, struct call *c, struct doc *u)
{
	(void)c;
	js_set_bool(u->j, "email_verification", false);
	user_save(t, u);
}

static void drop_totp(struct tx *t, struct call *c, struct doc *u)
{
	(void)c;
	js_set_str(u->j, "totp", "");
	js_set(u->j, "recovery", json_object_new_array());
	user_save(t, u);
}

int users_disable_verification(struct call *c)
{
	const char *type = js_text(c->in, "type");

	if (strcmp(type, "email") != 0 && strcmp(type, "2fa") != 0)
		return call_error(c, 400, "Invalid format: type");
	return each(c, PERM_USER_2FA, CONSOLE_UPDATE_USER,
		    *type == 'e' ? drop_email : drop_totp);
}

/* A user changes his own password; other sessions end. */
int users_own_password(struct call *c)
{
	struct doc *u = c->who.user;
	const char *now = js_text(c->in, "password");
	struct tx t;

	if (!call_lane(c, LANE_PASSWORD, ""))
		return CALL_LATER;
	if (c->who.api || strcmp(js_text(u->j, "source"), "local") != 0)
		return call_forbidden(c);
	if (!seal_password_ok(js_text(u->j, "pw"),
			      js_text(c->in, "old_password")))
		return call_error(c, 400, "Wrong credentials");
	if (strlen(now) < SEAL_PASSWORD_MIN || strlen(now) > SEAL_PASSWORD_MAX)
		return call_error(c, 400, "The password needs 8 characters");
	user_set_password(u, now);
	tx_init(&t, &c->db);
	user_save(&t, u);
	sessions_end_all(&t, u->guid);
	console_log(&t, c, CONSOLE_USER, CONSOLE_UPDATE_USER,
		    js_text(u->j, "name"));
	return call_result(c, tx_commit(&t));
}
