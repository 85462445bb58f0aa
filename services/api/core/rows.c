#include "services/api/core/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/site/policy_row.h"
#include "services/api/core/app.h"
#include "services/api/core/changes.h"

static void changed(struct tx *t, const char *what, const char *key)
{
	char text[160];

	snprintf(text, sizeof(text), "%s %s", what, key);
	tx_do(t, "INCR", POLICY_REV_KEY, NULL);
	tx_do(t, "PUBLISH", POLICY_CHANNEL, text, NULL);
}

static void put(struct tx *t, const char *key, const char *field,
		const char *row, const char *what)
{
	tx_do(t, "HSET", key, field, row, NULL);
	changed(t, what, field);
}

static void drop(struct tx *t, const char *key, const char *field,
		 const char *what)
{
	tx_do(t, "HDEL", key, field, NULL);
	changed(t, what, field);
}

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}

void rows_user(struct tx *t, const struct doc *user)
{
	struct policy_user u = { .disabled =
					 doc_int(user, USER_STATUS, 1) == 0 };
	const char *shown = doc_text(user, USER_DISPLAY_NAME);
	char row[POLICY_NAME_MAX + 128];

	copy(u.group, sizeof(u.group), doc_text(user, USER_GROUP));
	copy(u.role, sizeof(u.role), doc_text(user, USER_CONTROL_ROLE));
	copy(u.name, sizeof(u.name),
	     *shown ? shown : doc_text(user, USER_NAME));
	put(t, POLICY_USERS, user->guid,
	    policy_write_user(&u, row, sizeof(row)), "user");
}

void rows_user_gone(struct tx *t, const char *guid)
{
	drop(t, POLICY_USERS, guid, "user");
}

/* Stored rules are {"type":0 user group|1 device group|2 user,"guid"}. */
static size_t refs(struct json_object *rules, struct policy_ref *out)
{
	static const char kinds[] = { POLICY_USER_GROUP, POLICY_DEVICE_GROUP,
				      POLICY_USER };
	size_t n = 0;

	for (size_t i = 0; i < js_len(rules) && n < POLICY_RULES_MAX; i++) {
		struct json_object *r = js_item(rules, i);
		int64_t type = field_int(r, REF_TYPE, -1);

		if (type < 0 || type > 2)
			continue;
		out[n].kind = kinds[type];
		copy(out[n].guid, sizeof(out[n].guid), field_text(r, REF_GUID));
		n++;
	}
	return n;
}

void rows_group(struct tx *t, const struct doc *group)
{
	struct policy_group *g = pool_alloc(t->db->pool, sizeof(*g));
	char *row = pool_alloc(t->db->pool, POLICY_ROW_MAX);

	g->nin = refs(doc_list(group, GROUP_INCOMING), g->in);
	g->nout = refs(doc_list(group, GROUP_OUTGOING), g->out);
	put(t, POLICY_GROUPS, group->guid,
	    policy_write_group(g, row, POLICY_ROW_MAX), "group");
}

void rows_group_gone(struct tx *t, const char *guid)
{
	drop(t, POLICY_GROUPS, guid, "group");
}

void rows_device(struct tx *t, const struct doc *device)
{
	struct policy_device d = { .disabled = doc_int(device, DEVICE_STATUS,
						       1) == 0 };
	char row[POLICY_NAME_MAX + 128];

	copy(d.owner, sizeof(d.owner), doc_text(device, DEVICE_OWNER));
	copy(d.group, sizeof(d.group), doc_text(device, DEVICE_GROUP));
	put(t, POLICY_DEVICES, doc_text(device, DEVICE_ID),
	    policy_write_device(&d, row, sizeof(row)), "device");
}

void rows_device_gone(struct tx *t, const char *id)
{
	struct policy_device d = { .deleted = true };
	char row[POLICY_NAME_MAX + 128];

	put(t, POLICY_DEVICES, id, policy_write_device(&d, row, sizeof(row)),
	    "device");
	tx_do(t, "HDEL", POLICY_DEPLOYED, id, NULL);
}

void rows_device_forget(struct tx *t, const char *id)
{
	drop(t, POLICY_DEVICES, id, "device");
}

uint64_t rows_permissions(struct json_object *perms)
{
	uint64_t bits = 0;

	for (unsigned p = 0; p < POLICY_PERMISSIONS; p++) {
		const char *v = js_text(perms, policy_permission_name(p));

		if (strcmp(v, "enable") == 0)
			bits = policy_permission(bits, p, POLICY_ENABLE);
		else if (strcmp(v, "disable") == 0)
			bits = policy_permission(bits, p, POLICY_DISABLE);
	}
	return bits;
}

void rows_role(struct tx *t, const struct doc *role)
{
	const char *builtin = doc_text(role, CROLE_BUILTIN);
	const char *field = *builtin ? builtin : role->guid;
	char row[64];

	if (!doc_bool(role, CROLE_ENABLED, true)) {
		drop(t, POLICY_ROLES, field, "role");
		return;
	}
	policy_write_role(rows_permissions(doc_obj(role, CROLE_PERMISSIONS)),
			  row, sizeof(row));
	put(t, POLICY_ROLES, field, row, "role");
}

void rows_role_gone(struct tx *t, const char *guid)
{
	drop(t, POLICY_ROLES, guid, "role");
}

void rows_settings(struct tx *t, struct json_object *general)
{
	const char *mode = field_text(general, GENERAL_ACCESS_CONTROL);
	struct policy_settings s = {
		.mode = strcmp(mode, "off") == 0      ? POLICY_OFF
			: strcmp(mode, "strict") == 0 ? POLICY_STRICT
						      : POLICY_ASSIGNED,
		.require_deployment =
			field_bool(general, GENERAL_REQUIRE_DEPLOYMENT, false),
	};
	char row[64];

	put(t, POLICY_SETTINGS, "row",
	    policy_write_settings(&s, row, sizeof(row)), "settings");
}

void rows_deployed(struct tx *t, const char *id, const char *uuid,
		   const char *pk)
{
	put(t, POLICY_DEPLOYED, id, pool_printf(t->db->pool, "%s %s", uuid, pk),
	    "device");
}

/* A number would come twice after Redis has lost its memory. */
static void bans_changed(struct tx *t)
{
	char rev[GUID_TEXT];

	text_guid7(app_now_ms(), rev);
	tx_do(t, "SET", POLICY_BANS_REV, rev, NULL);
}

void rows_ban(struct tx *t, const struct doc *ban)
{
	char row[32];

	snprintf(row, sizeof(row), "1 %" PRId64,
		 doc_int(ban, BAN_EXPIRES_AT, 0));
	put(t, POLICY_BANS, doc_text(ban, BAN_OF), row, "ban");
	bans_changed(t);
}

void rows_ban_gone(struct tx *t, const struct doc *ban)
{
	drop(t, POLICY_BANS, doc_text(ban, BAN_OF), "ban");
	bans_changed(t);
}

void rows_guest(struct tx *t, const struct doc *link)
{
	struct policy_link l = {
		.revoked = doc_int(link, GUEST_REVOKED_AT, 0) != 0,
		.expires_s = doc_int(link, GUEST_EXPIRES_AT, 0),
		.uses = doc_int(link, GUEST_USES, 0),
	};
	char row[128];

	copy(l.role, sizeof(l.role), doc_text(link, GUEST_ROLE));
	put(t, POLICY_GUESTS, link->guid,
	    policy_write_guest(&l, row, sizeof(row)), "guest");
}

void rows_guest_gone(struct tx *t, const char *guid)
{
	drop(t, POLICY_GUESTS, guid, "guest");
}

void rows_token_gone(struct tx *t, const char *hash)
{
	changed(t, "token", hash);
	changes_add(t, "session", hash, "delete");
}
