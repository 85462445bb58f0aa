#include "services/api/account/credentials.h"

#include <string.h>

#include "services/api/account/guard.h"
#include "services/api/account/sessions.h"
#include "services/api/account/users.h"
#include "services/api/journal/journal.h"

const char *credentials_password_wrong(const char *password)
{
	size_t n = strlen(password);

	return n < SEAL_PASSWORD_MIN   ? "The password needs 8 characters"
	       : n > SEAL_PASSWORD_MAX ? "The password is too long"
				       : NULL;
}

void credentials_set_password(struct doc *u, const char *password)
{
	char hash[SEAL_PASSWORD];

	seal_password(password, hash);
	doc_set_text(u, USER_PASSWORD, hash);
	doc_del(u, USER_FIRST_PASSWORD.of);
	doc_del(u, USER_MADE_PASSWORD.of);
}

void credentials_drop_totp(struct doc *u)
{
	doc_set_text(u, USER_TOTP, "");
	doc_set_list(u, USER_RECOVERY, json_object_new_array());
}

void credentials_drop_passkeys(struct doc *u)
{
	doc_set_list(u, USER_PASSKEYS, json_object_new_array());
}

bool credentials_proved(struct call *c, const char *password, int *r)
{
	const struct doc *u = c->who.user;
	const char *name = doc_text(u, USER_NAME);
	enum guard who = guard_open(c, name);
	const char *bad = who == GUARD_SHUT ? guard_full : NULL;

	*r = 0;
	if (!bad && !guard_lane(c, who, false)) {
		*r = CALL_LATER;
		return false;
	}
	if (!bad)
		bad = guard_judge(
			c, name,
			seal_password_ok(doc_text(u, USER_PASSWORD), password),
			"Wrong credentials");
	if (bad)
		call_error(c, bad == guard_full ? 429 : 400, bad);
	return !bad;
}

int credentials_own_password(struct call *c)
{
	struct doc *u = c->who.user;
	const char *name = doc_text(u, USER_NAME);
	const char *now = js_text(c->in, "password");
	struct tx t;
	int r;

	if (c->who.api || strcmp(doc_text(u, USER_SOURCE), "local") != 0)
		return call_forbidden(c);
	const char *bad = credentials_password_wrong(now);
	if (bad)
		return call_error(c, 400, bad);
	if (!credentials_proved(c, js_text(c->in, "old_password"), &r))
		return r;
	credentials_set_password(u, now);
	tx_init(&t, &c->db);
	user_save(&t, u);
	sessions_end_all(&t, u->guid);
	guard_passed(&t, c, name);
	journal_write(&t, c, CONSOLE_USER, CONSOLE_UPDATE_USER, name);
	return call_result(c, tx_commit(&t));
}
