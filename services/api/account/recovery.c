#include "services/api/account/recovery.h"

#include <string.h>

#include "services/api/account/guard.h"
#include "services/api/account/login.h"
#include "services/api/account/totp.h"
#include "services/api/account/users.h"
#include "services/api/journal/journal.h"

enum { DIGITS = 6 };

static void mac_of(struct call *c, const struct doc *u, const char *code,
		   char mac[static SEAL_HASH])
{
	seal_hmac(&c->app->seal, call_fmt(c, "%s %s", u->guid, code), mac);
}

size_t recovery_left(const struct doc *u)
{
	return js_len(doc_list(u, USER_RECOVERY));
}

bool recovery_use(struct call *c, struct doc *u, const char *code)
{
	struct json_object *codes = doc_list(u, USER_RECOVERY);
	char mac[SEAL_HASH];

	mac_of(c, u, code, mac);
	if (!js_arr_has(codes, mac))
		return false;
	doc_set_list(u, USER_RECOVERY, js_without(codes, mac));
	return true;
}

struct json_object *recovery_new(struct call *c, struct doc *u)
{
	struct json_object *plain = call_array(c);
	struct json_object *hashed = json_object_new_array();
	char code[DIGITS + 1], mac[SEAL_HASH];

	while (js_len(plain) < RECOVERY_CODES) {
		seal_digits(DIGITS, code);
		if (js_arr_has(plain, code))
			continue;
		mac_of(c, u, code, mac);
		js_push_str(plain, code);
		js_push_str(hashed, mac);
	}
	doc_set_list(u, USER_RECOVERY, hashed);
	return plain;
}

int recovery_answer(struct call *c, struct json_object *codes)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "recovery_codes", json_object_get(codes));
	return call_json(c, o);
}

/* A session alone must not make them: they stand for the second factor. */
static bool proved(struct call *c, struct doc *u, const char **why)
{
	const char *password = js_text(c->in, "password");

	if (*doc_text(u, USER_TOTP))
		return totp_use(c, u, js_text(c->in, "code"));
	if (!*password || strlen(password) > SEAL_PASSWORD_MAX)
		return false;
	struct doc *found =
		login_check(c, doc_text(u, USER_NAME), password, why);
	return found && strcmp(found->guid, u->guid) == 0;
}

int recovery_renew(struct call *c)
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
	const char *why = NULL;
	bool right = proved(c, u, &why);
	if (c->db.away)
		return 0;
	if (why)
		return call_error(c, 400, why);
	const char *bad =
		guard_judge(c, name, right,
			    *doc_text(u, USER_TOTP) ? "wrong-2fa-code"
						    : "Wrong credentials");
	if (bad)
		return call_error(c, bad == guard_full ? 429 : 400, bad);
	struct json_object *codes = recovery_new(c, u);
	tx_init(&t, &c->db);
	user_save(&t, u);
	journal_write(&t, c, CONSOLE_USER, CONSOLE_UPDATE_USER, name);
	int r = tx_commit(&t);
	return r ? r : recovery_answer(c, codes);
}
