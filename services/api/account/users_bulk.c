#include <string.h>

#include "common/site/keynames.h"
#include "services/api/account/credentials.h"
#include "services/api/account/links.h"
#include "services/api/account/passkey.h"
#include "services/api/account/sessions.h"
#include "services/api/account/users.h"
#include "services/api/core/rows.h"
#include "services/api/device/devices.h"
#include "services/api/jobs/mail.h"
#include "services/api/journal/journal.h"

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
		journal_write(&t, c, CONSOLE_USER, op, doc_text(u, USER_NAME));
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
	const char *email = doc_text(u, USER_EMAIL);

	doc_set_bool(u, USER_TOTP_ENFORCED, on);
	user_save(t, u);
	if (on && *email && mail_enabled(&c->db) && !*doc_text(u, USER_TOTP) &&
	    (*url || *links_base(c)))
		mail_queue(t, c, email, "totp",
			   *url ? url
				: call_fmt(c, "%s/two-factor", links_base(c)));
}

int users_enforce_totp(struct call *c)
{
	return each(c, PERM_USER_2FA, CONSOLE_UPDATE_USER, enforce);
}

static void drop_email(struct tx *t, struct call *c, struct doc *u)
{
	(void)c;
	doc_set_bool(u, USER_EMAIL_VERIFICATION, false);
	user_save(t, u);
}

static void drop_totp(struct tx *t, struct call *c, struct doc *u)
{
	(void)c;
	credentials_drop_totp(u);
	user_save(t, u);
}

static void drop_passkeys(struct tx *t, struct call *c, struct doc *u)
{
	(void)c;
	credentials_drop_passkeys(u);
	user_save(t, u);
}

int users_disable_verification(struct call *c)
{
	static const struct {
		const char *type;
		void (*change)(struct tx *t, struct call *c, struct doc *u);
	} kinds[] = { { "email", drop_email },
		      { "2fa", drop_totp },
		      { "passkeys", drop_passkeys } };
	const char *type = js_text(c->in, "type");

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(type, kinds[i].type) == 0)
			return each(c, PERM_USER_2FA, CONSOLE_UPDATE_USER,
				    kinds[i].change);
	return call_error(c, 400, "Invalid format: type");
}

const char *user_remove(struct tx *t, struct call *c, struct doc *u)
{
	const char *group = doc_text(u, USER_GROUP);
	char email[256];

	if (devices_release(t, u->guid) < 0)
		return "Assign the user's devices to somebody else first";
	text_lower(email, sizeof(email), doc_text(u, USER_EMAIL));
	doc_delete(t, u);
	passkey_index(t, NULL, u);
	if (*email)
		tx_do(t, "HDEL", KEY_USER_EMAIL, email, NULL);
	if (*group)
		tx_do(t, "SREM", user_group_members_key(&c->db, group), u->guid,
		      NULL);
	tx_do(t, "HDEL", KEY_USER_SIGNED_IN, u->guid, NULL);
	if (*doc_text(u, USER_EXT))
		tx_do(t, "HDEL", KEY_USER_EXT, doc_text(u, USER_EXT), NULL);
	sessions_end_all(t, u->guid);
	rows_user_gone(t, u->guid);
	journal_write(t, c, CONSOLE_USER, CONSOLE_DELETE_USER,
		      doc_text(u, USER_NAME));
	return NULL;
}

int users_delete(struct call *c)
{
	struct doc *u = user_open(c, c->param[0], PERM_USER_DELETE);
	struct tx t;

	if (!u)
		return 0;
	/* A dry run tells what disabling and deleting do together. */
	if (!c->db.dry && doc_int(u, USER_STATUS, 1) != 0)
		return call_error(c, 400, "Disable the user first");
	tx_init(&t, &c->db);
	const char *bad = user_remove(&t, c, u);
	if (bad)
		return call_error(c, 400, bad);
	return call_result(c, tx_commit(&t));
}
