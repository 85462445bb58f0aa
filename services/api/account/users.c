#include "services/api/account/users.h"

#include <string.h>
#include <strings.h>

#include "common/site/keynames.h"
#include "services/api/account/credentials.h"
#include "services/api/account/passkey.h"
#include "services/api/account/sessions.h"
#include "services/api/core/auth.h"
#include "services/api/core/etag.h"
#include "services/api/core/rows.h"
#include "services/api/core/schema.h"
#include "services/api/device/devices.h"
#include "services/api/journal/journal.h"

void user_defaults(struct doc *u, const char *name)
{
	const struct field_text empty[] = { USER_DISPLAY_NAME, USER_EMAIL,
					    USER_NOTE,         USER_GROUP,
					    USER_PASSWORD,     USER_TOTP,
					    USER_CONTROL_ROLE, USER_AVATAR };

	doc_set_text(u, USER_NAME, name);
	for (size_t i = 0; i < ARRAY_LEN(empty); i++)
		doc_set_text(u, empty[i], "");
	doc_set_int(u, USER_STATUS, 1);
	doc_set_bool(u, USER_IS_ADMIN, false);
	doc_set_text(u, USER_SOURCE, "local");
}

const char *user_group_members_key(struct db *d, const char *group_guid)
{
	return pool_printf(d->pool, KEY_USER_GROUP_USERS, group_guid);
}

static void save_email(struct tx *t, struct doc *u, const struct doc *old)
{
	char was[256], now[256];

	text_lower(was, sizeof(was), doc_text(old, USER_EMAIL));
	text_lower(now, sizeof(now), doc_text(u, USER_EMAIL));
	if (strcmp(was, now) == 0)
		return;
	if (*was)
		tx_do(t, "HDEL", KEY_USER_EMAIL, was, NULL);
	if (*now) {
		tx_expect(t, KEY_USER_EMAIL, now, NULL);
		tx_do(t, "HSET", KEY_USER_EMAIL, now, u->guid, NULL);
	}
}

void user_save(struct tx *t, struct doc *u)
{
	const struct doc *old = doc_old(t->db, u);
	const char *was = doc_text(old, USER_GROUP);
	const char *now = doc_text(u, USER_GROUP);

	doc_save(t, u);
	save_email(t, u, old);
	passkey_index(t, u, old);
	if (strcmp(was, now) != 0) {
		if (*was)
			tx_do(t, "SREM", user_group_members_key(t->db, was),
			      u->guid, NULL);
		if (*now)
			tx_do(t, "SADD", user_group_members_key(t->db, now),
			      u->guid, NULL);
	}
	rows_user(t, u);
}

struct json_object *user_payload(const struct doc *u)
{
	const struct field_text shown[] = { USER_NAME, USER_DISPLAY_NAME,
					    USER_AVATAR, USER_EMAIL,
					    USER_NOTE };
	struct json_object *o = json_object_new_object();
	struct json_object *info = json_object_new_object();

	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		js_set_str(o, shown[i].of.name, doc_text(u, shown[i]));
	js_set_int(o, "status", doc_int(u, USER_STATUS, 1));
	js_set_bool(o, "is_admin", doc_bool(u, USER_IS_ADMIN, false));
	js_set_bool(info, "email_verification",
		    doc_bool(u, USER_EMAIL_VERIFICATION, false));
	js_set_bool(info, "email_alarm_notification",
		    doc_bool(u, USER_EMAIL_ALARM, false));
	js_set(o, "info", info);
	return o;
}

struct target user_target(const struct doc *u)
{
	return (struct target){ .user = u->guid,
				.ugroup = doc_text(u, USER_GROUP) };
}

/* Names an existing group; "" takes the user out. NULL: ok. */
static const char *set_group(struct call *c, struct doc *u, const char *name)
{
	const char *guid = "";

	if (*name && strcmp(name, "-") != 0)
		guid = doc_guid_by_name(&c->db, DOC_USER_GROUP, name);
	if (!guid)
		return "User group does not exist";
	doc_set_text(u, USER_GROUP, guid);
	return NULL;
}

static const char *check_email(struct call *c, const struct doc *u,
			       const char *email)
{
	char low[256];

	if (!*email)
		return NULL;
	if (strlen(email) >= sizeof(low) || !text_is_email(email))
		return "Invalid format: email";
	text_lower(low, sizeof(low), email);
	const char *holder =
		db_text(db_do(&c->db, "HGET", KEY_USER_EMAIL, low, NULL));
	return holder && strcmp(holder, u->guid) != 0 ? "Email already in use"
						      : NULL;
}

const char *user_name_wrong(struct call *c, const char *name)
{
	if (!text_is_name(name, 1, SCHEMA_NAME_MAX) || strcmp(name, "-") == 0)
		return "Invalid format: name";
	return doc_guid_by_name(&c->db, DOC_USER, name) ? "User already exists"
							: NULL;
}

static const char *display_name_wrong(const char *shown)
{
	return text_is_name(shown, 0, USER_SHOWN_MAX)
		       ? NULL
		       : "Invalid format: display_name";
}

const char *user_fill_new(struct call *c, struct doc *u)
{
	const char *name = js_text(c->in, "name");
	const char *email = js_text(c->in, "email");
	const char *bad = user_name_wrong(c, name);

	user_defaults(u, name);
	if (!bad)
		bad = check_email(c, u, email);
	if (!bad)
		bad = display_name_wrong(js_text(c->in, "display_name"));
	if (!bad)
		bad = set_group(c, u, js_text(c->in, "group_name"));
	doc_set_text(u, USER_EMAIL, email);
	doc_set_text(u, USER_NOTE, js_text(c->in, "note"));
	doc_set_text(u, USER_DISPLAY_NAME, js_text(c->in, "display_name"));
	return bad;
}

int user_answer(struct call *c, const struct doc *doc)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", doc->guid);
	js_set_str(o, "name", doc_text(doc, USER_NAME));
	return call_json(c, o);
}

int users_create(struct call *c)
{
	struct doc *u = doc_new(&c->db, DOC_USER, c->now_ms);
	const char *bad = user_fill_new(c, u);
	bool admin = js_bool(c->in, "is_admin", false);
	struct target t = user_target(u);
	struct tx tx;

	if (!bad)
		bad = credentials_password_wrong(js_text(c->in, "password"));
	if (bad)
		return call_error(c, 400, bad);
	if (!call_may(c, PERM_USER_CREATE, &t) || (admin && !c->who.admin))
		return call_forbidden(c);
	if (admin && !auth_fresh(c))
		return call_reauth(c);
	if (!call_lane(c, LANE_PASSWORD, ""))
		return CALL_LATER;
	credentials_set_password(u, js_text(c->in, "password"));
	doc_set_bool(u, USER_IS_ADMIN, admin);
	tx_init(&tx, &c->db);
	user_save(&tx, u);
	journal_write(&tx, c, CONSOLE_USER, CONSOLE_ADD_USER,
		      doc_text(u, USER_NAME));
	int r = tx_commit(&tx);
	return r ? r : user_answer(c, u);
}

/* One member of PUT /api/users/{guid}: needs its right, changes the user. */
struct change {
	const char *member;
	enum perm perm;
};

static const struct change changes[] = {
	{ "name", PERM_ADMIN },
	{ "is_admin", PERM_ADMIN },
	{ "admin_roles", PERM_ADMIN },
	{ "display_name", PERM_USER_NOTE },
	{ "avatar", PERM_USER_NOTE },
	{ "note", PERM_USER_NOTE },
	{ "email", PERM_USER_EMAIL },
	{ "email_alarm", PERM_USER_EMAIL },
	{ "password", PERM_USER_PASSWORD },
	{ "email_verification", PERM_USER_2FA },
	{ "group_name", PERM_USER_GROUP },
	{ "control_role_name", PERM_USER_ROLE },
	{ "strategy_name", PERM_USER_STRATEGY },
};

bool user_changes_allowed(struct call *c, const struct doc *u)
{
	struct target t = user_target(u);

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		enum perm p = changes[i].perm;

		if (!js_has(c->in, changes[i].member))
			continue;
		if (p == PERM_ADMIN ? !c->who.admin : !call_may(c, p, &t))
			return false;
	}
	return true;
}

/* A reference by name ("" clears it). NULL: ok. */
static const char *set_ref(struct call *c, struct doc *u, const char *member,
			   struct field_text field, enum doc_kind kind)
{
	const char *name = js_str(c->in, member);
	const char *guid = "";

	if (!name)
		return NULL;
	if (*name && strcmp(name, "-") != 0)
		guid = doc_guid_by_name(&c->db, kind, name);
	if (!guid)
		return call_fmt(c, "Does not exist: %s", member);
	doc_set_text(u, field, guid);
	return NULL;
}

const char *user_apply_texts(struct call *c, struct doc *u)
{
	const struct field plain[] = {
		USER_DISPLAY_NAME.of, USER_AVATAR.of,
		USER_NOTE.of,         USER_EMAIL_ALARM.of,
		USER_IS_ADMIN.of,     USER_EMAIL_VERIFICATION.of,
		USER_ADMIN_ROLES.of
	};
	const char *name = js_str(c->in, "name");
	const char *email = js_str(c->in, "email");
	const char *bad = NULL;

	bad = doc_rename(&c->db, u, name, "User already exists");
	if (!bad && email)
		bad = check_email(c, u, email);
	if (!bad)
		bad = display_name_wrong(js_text(c->in, "display_name"));
	if (bad)
		return bad;
	doc_take(u, c->in, USER_NAME.of);
	doc_take(u, c->in, USER_EMAIL.of);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		doc_take(u, c->in, plain[i]);
	return NULL;
}

const char *user_apply(struct call *c, struct doc *u)
{
	const char *password = js_str(c->in, "password");
	const char *group = js_str(c->in, "group_name");
	const char *bad = user_apply_texts(c, u);

	if (!bad && password)
		bad = credentials_password_wrong(password);
	if (!bad && group)
		bad = set_group(c, u, group);
	if (!bad)
		bad = set_ref(c, u, "control_role_name", USER_CONTROL_ROLE,
			      DOC_CONTROL_ROLE);
	if (!bad)
		bad = set_ref(c, u, "strategy_name", USER_STRATEGY,
			      DOC_STRATEGY);
	if (!bad && password)
		credentials_set_password(u, password);
	return bad;
}

/* What lets somebody in, or makes more of him. */
static bool empowers(const struct call *c)
{
	return js_has(c->in, "password") || js_has(c->in, "is_admin") ||
	       js_has(c->in, "admin_roles");
}

int users_update(struct call *c)
{
	struct doc *u = user_open(c, c->param[0], PERM_USER_VIEW);
	struct tx t;

	if (!u)
		return 0;
	if (!user_changes_allowed(c, u) || !user_may_touch(c, u))
		return call_forbidden(c);
	if (empowers(c) && !auth_fresh(c))
		return call_reauth(c);
	if (!etag_matches(c, u->raw))
		return 0;
	if (strcmp(u->guid, call_self(c)) == 0 &&
	    !js_bool(c->in, "is_admin", true))
		return call_error(c, 400, "You cannot demote yourself");
	if (js_has(c->in, "password") && !call_lane(c, LANE_PASSWORD, ""))
		return CALL_LATER;
	const char *bad = user_apply(c, u);
	if (bad)
		return call_error(c, 400, bad);
	tx_init(&t, &c->db);
	user_save(&t, u);
	if (js_has(c->in, "password"))
		sessions_end_all(&t, u->guid);
	journal_write(&t, c, CONSOLE_USER, CONSOLE_UPDATE_USER,
		      doc_text(u, USER_NAME));
	return call_result(c, tx_commit(&t));
}

static int set_status(struct call *c, int status)
{
	struct doc *u = user_open(c, c->param[0], PERM_USER_ENABLE);
	struct tx t;

	if (!u)
		return 0;
	if (status == 0 && strcmp(u->guid, call_self(c)) == 0)
		return call_error(c, 400, "You cannot disable yourself");
	doc_set_int(u, USER_STATUS, status);
	tx_init(&t, &c->db);
	user_save(&t, u);
	if (status == 0)
		sessions_end_all(&t, u->guid);
	journal_write(&t, c, CONSOLE_USER,
		      status ? CONSOLE_ENABLE_USER : CONSOLE_DISABLE_USER,
		      doc_text(u, USER_NAME));
	return call_result(c, tx_commit(&t));
}

int users_enable(struct call *c)
{
	return set_status(c, 1);
}

int users_disable(struct call *c)
{
	return set_status(c, 0);
}
