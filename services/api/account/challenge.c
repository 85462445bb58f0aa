#include "services/api/account/challenge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/proto/keys.h"
#include "common/site/keynames.h"
#include "services/api/account/guard.h"
#include "services/api/account/login.h"
#include "services/api/account/recovery.h"
#include "services/api/account/totp.h"
#include "services/api/account/users.h"
#include "services/api/jobs/mail.h"
#include "services/api/jobs/mail_health.h"

static const char refused[] =
	"The verification code is incorrect or has expired";

static const char *key_of(struct call *c, const char *secret)
{
	char hash[SEAL_HASH];

	seal_hash(secret, hash);
	return call_fmt(c, KEY_CHALLENGE, hash);
}

/* a***@example.org: enough to know which mailbox to open. */
static const char *mask_email(struct call *c, const char *email)
{
	const char *at = strchr(email, '@');

	return at ? call_fmt(c, "%c***%s", *email, at) : "";
}

/* Shown above the field for the code, so it can say more than the mailbox. */
static const char *email_text(struct call *c, const struct doc *u,
			      enum challenge_kind kind)
{
	const char *masked = mask_email(c, doc_text(u, USER_EMAIL));

	return kind == CHALLENGE_EMAIL && mail_health(&c->db).failing
		       ? call_fmt(c, "%s (mail fails: type a recovery code)",
				  masked)
		       : masked;
}

/* The challenge belongs to the device that started it. */
static const char *device_of(struct call *c)
{
	return call_fmt(c, "%s %s", js_text(c->in, "id"),
			js_text(c->in, "uuid"));
}

static int answer_started(struct call *c, const struct doc *u,
			  enum challenge_kind kind, const char *secret)
{
	struct json_object *o = json_object_new_object();
	struct json_object *user = json_object_new_object();

	js_set_str(o, "type", "email_check");
	js_set_str(o, "tfa_type",
		   kind == CHALLENGE_TOTP ? "tfa_check" : "email_check");
	js_set_str(o, "secret", secret);
	js_set_str(user, "name", doc_text(u, USER_NAME));
	js_set_str(user, "email", email_text(c, u, kind));
	js_set_int(user, "status", 1);
	js_set(user, "info", json_object_new_object());
	js_set(o, "user", user);
	return call_json(c, o);
}

int challenge_start(struct call *c, struct doc *u, enum challenge_kind kind)
{
	char secret[SEAL_TOKEN], code[CHALLENGE_DIGITS + 1], mac[SEAL_HASH];
	struct tx t;

	seal_token(secret);
	seal_digits(CHALLENGE_DIGITS, code);
	seal_hmac(&c->app->seal, code, mac);
	const char *key = key_of(c, secret);
	tx_init(&t, &c->db);
	tx_do(&t, "HSET", key, CHALLENGE_USER, u->guid, CHALLENGE_KIND,
	      kind == CHALLENGE_TOTP ? "totp" : "email", CHALLENGE_CODE, mac,
	      CHALLENGE_DEVICE, device_of(c), NULL);
	tx_do(&t, "EXPIRE", key, call_fmt(c, "%d", CHALLENGE_S), NULL);
	if (kind == CHALLENGE_EMAIL)
		mail_queue(&t, c, doc_text(u, USER_EMAIL), "code", code);
	int r = tx_commit(&t);
	return r ? r : answer_started(c, u, kind, secret);
}

static bool code_ok(struct call *c, struct doc *u, const char *kind,
		    const char *mac)
{
	const char *code = js_text(c->in, "verificationCode");
	char given[SEAL_HASH];

	if (strcmp(kind, "totp") == 0) {
		if (*js_text(c->in, "tfaCode"))
			code = js_text(c->in, "tfaCode");
		return totp_use(c, u, code);
	}
	seal_hmac(&c->app->seal, code, given);
	return keys_text_eq(given, mac) || recovery_use(c, u, code);
}

static const char *refusal(struct call *c, const char *kind)
{
	if (strcmp(kind, "totp") == 0)
		return "wrong-2fa-code";
	return mail_health(&c->db).failing
		       ? "The mail server does not work: type one of your "
			 "recovery codes instead"
		       : refused;
}

/* Counts the try before the code is looked at: parallel guesses count too. */
static bool may_try(struct call *c, const char *key)
{
	return db_num(db_do(&c->db, "HINCRBY", key, CHALLENGE_TRIED, "1",
			    NULL)) <= CHALLENGE_TRIES;
}

void challenge_end(struct tx *t, struct call *c, const struct doc *u)
{
	const char *key = key_of(c, js_text(c->in, "secret"));

	tx_expect(t, key, CHALLENGE_USER, u->guid);
	tx_do(t, "DEL", key, NULL);
}

static int finish(struct call *c, struct doc *u)
{
	struct json_object *o;
	struct tx t;

	tx_init(&t, &c->db);
	challenge_end(&t, c, u);
	guard_passed(&t, c, doc_text(u, USER_NAME));
	user_save(&t, u);
	int r = login_session(c, &t, u, &o);
	return r ? r : call_json(c, json_object_get(o));
}

/* Whose challenge the body's secret is; NULL: it is over, or another device's.
 */
static struct doc *open_for(struct call *c, const char *key, const char **kind,
			    const char **mac)
{
	const struct redis_reply *r =
		db_do(&c->db, "HMGET", key, CHALLENGE_USER, CHALLENGE_KIND,
		      CHALLENGE_CODE, CHALLENGE_DEVICE, NULL);
	const char *guid = db_text(db_item(r, 0));
	const char *device = db_text(db_item(r, 3));

	*kind = db_text(db_item(r, 1));
	*mac = db_text(db_item(r, 2));
	if (!guid || !*kind || !*mac || !device ||
	    strcmp(device, device_of(c)) != 0)
		return NULL;
	struct doc *u = doc_get(&c->db, DOC_USER, guid);
	return u && doc_int(u, USER_STATUS, 1) != 0 ? u : NULL;
}

struct doc *challenge_user(struct call *c)
{
	const char *kind, *mac;

	return open_for(c, key_of(c, js_text(c->in, "secret")), &kind, &mac);
}

int challenge_answer(struct call *c)
{
	const char *key = key_of(c, js_text(c->in, "secret"));
	const char *kind, *mac;
	struct doc *u = open_for(c, key, &kind, &mac);

	if (!u)
		return call_error(c, 200, refused);
	const char *name = doc_text(u, USER_NAME);
	if (!guard_open(c, name) || !may_try(c, key))
		return call_error(c, 200, guard_full);
	const char *bad = guard_judge(c, name, code_ok(c, u, kind, mac),
				      refusal(c, kind));
	return bad ? call_error(c, 200, bad) : finish(c, u);
}
