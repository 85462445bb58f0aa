/*
 * shapes: bodies of several routes, or with many members, by name. Lengths
 * are what the clients' own fields hold, or what is stored and shown. And the
 * short forms of the route table's rows.
 */
#pragma once

#include "services/api/core/route.h"

/* The personal book in its old form, as one text; bytes. */
enum { LEGACY_BOOK_MAX = 4 << 20 };

/* {"type": 0 user group, 1 device group, 2 user, "name"} */
static const struct schema_field rule_fields[] = {
	MUST_INT("type"), MUST_STR("name", SCHEMA_NAME_MAX), { 0 }
};
static const struct schema_field book_info[] = { STR("password", 1024), { 0 } };

/* The areas of API tokens: 0 none, 1 read, 2 read and write. */
static const struct schema_field scope_fields[] = {
	INT("user"),     INT("device"),       INT("audit"), INT("group"),
	INT("strategy"), INT("address_book"), { 0 }
};

/* AuthenticatorAssertionResponse, binary members in base64url. */
static const struct schema_field passkey_fields[] = {
	MUST_STR("id", 1400),        MUST_STR("clientDataJSON", 4096),
	MUST_STR("signature", 1024), MUST_STR("authenticatorData", 4096),
	STR("userHandle", 128),      { 0 }
};

#define LOGIN_IN                                                               \
	STR("username", 256), STR("password", 1024), STR("id", 100),           \
		STR("uuid", 512), BOOL("autoLogin"), STR("type", 64),          \
		STR("verificationCode", 64), STR("tfaCode", 64),               \
		STR("secret", 512), OBJ("deviceInfo", 2048)

#define SYSINFO_IN                                                             \
	MUST_STR("id", 100), MUST_STR("uuid", 512), STR("version", 64),        \
		STR("cpu", 256), STR("memory", 64), STR("os", 256),            \
		STR("hostname", 256), STR("username", 256),                    \
		STR("preset-address-book-name", 128),                          \
		STR("preset-address-book-tag", 1024),                          \
		STR("preset-address-book-alias", 256),                         \
		STR("preset-address-book-password", 1024),                     \
		STR("preset-address-book-note", SCHEMA_NOTE_MAX),              \
		STR("preset-user-name", 128),                                  \
		STR("preset-strategy-name", 128),                              \
		STR("preset-device-group-name", 128),                          \
		STR("preset-note", SCHEMA_NOTE_MAX)

#define CONN_IN                                                                \
	MUST_STR("id", 100), STR("uuid", 512), INT("conn_id"),                 \
		INT("session_id"), STR("ip", 64), STR("action", 32),           \
		LIST("peer", 2, 256), INT("type"), INT("primary_auth"),        \
		INT("two_factor"), STR("conn_audit_ref", 128),                 \
		STR("note", SCHEMA_NOTE_MAX), STR("nonce", 64)

#define CLI_IN                                                                 \
	MUST_STR("id", 100), MUST_STR("uuid", 512), STR("user_name", 128),     \
		STR("strategy_name", 128), STR("address_book_name", 128),      \
		STR("address_book_tag", 128), STR("address_book_alias", 256),  \
		STR("address_book_password", 1024),                            \
		STR("address_book_note", SCHEMA_NOTE_MAX),                     \
		STR("device_group_name", 128), STR("note", SCHEMA_NOTE_MAX),   \
		STR("device_username", 300), STR("device_name", 300)

#define ENTRY_IN                                                               \
	MUST_STR("id", 100), STR("alias", 1024), LIST("tags", 100, 128),       \
		STR("username", 256), STR("hostname", 256),                    \
		STR("platform", 64), STR("note", SCHEMA_NOTE_MAX),             \
		STR("hash", 1024), STR("password", 1024),                      \
		STR("forceAlwaysRelay", 32), STR("rdpPort", 32),               \
		STR("rdpUsername", 256), STR("loginName", 256),                \
		STR("device_group_name", 128)

#define USER_IN                                                                \
	STR("name", SCHEMA_NAME_MAX), STR("email", 256),                       \
		STR("note", SCHEMA_NOTE_MAX), STR("display_name", 128),        \
		STR("avatar", 4096), STR("password", 1024), BOOL("is_admin"),  \
		STR("group_name", 128), STR("control_role_name", 128),         \
		STR("strategy_name", 128), BOOL("email_verification"),         \
		BOOL("email_alarm"), LIST("admin_roles", 50, 64)

#define GROUP_IN                                                               \
	STR("note", SCHEMA_NOTE_MAX),                                          \
		ARR_OF("allowed_incomings", SCHEMA_LIST_MAX, 256 << 10,        \
		       rule_fields)

#define UGROUP_IN                                                              \
	GROUP_IN, ARR_OF("allowed_outgoings", SCHEMA_LIST_MAX, 256 << 10,      \
			 rule_fields)

#define ROLE_IN                                                                \
	STR("note", SCHEMA_NOTE_MAX), BOOL("enabled"), STR("type", 64),        \
		LIST("perms", 64, 64), BOOL("unassigned"),                     \
		LIST("user_groups", 100, 64), LIST("device_groups", 100, 64)

#define IMPORT_IN STR("id", 64), MUST_STR("csv", IMPORT_MAX), BOOL("preview")

#define OPEN(m, p, a, i, q, h, s)                                              \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_NONE, .away = a,         \
		.in = i, .query = q, .handle = h, .summary = s                 \
	}
/* What a device seldom has to say, and what costs the most. */
#define DEAR(m, p, a, i, q, h, s)                                              \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_NONE, .away = a,         \
		.in = i, .query = q, .handle = h, .summary = s, .dear = true   \
	}
/* By users; CLIENT calls get 429 while Redis is away. */
#define USER(m, p, ar, a, i, q, h, s)                                          \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_USER, .area = AREA_##ar, \
		.away = a, .in = i, .query = q, .handle = h, .summary = s      \
	}
#define ROLE(m, p, r, i, q, h, s)                                              \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_ROLE, .perm = PERM_##r,  \
		.in = i, .query = q, .handle = h, .summary = s                 \
	}
#define TOKEN(m, p, ar, a, i, h, s)                                            \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_TOKEN,                   \
		.area = AREA_##ar, .away = a, .in = i, .handle = h,            \
		.summary = s                                                   \
	}
#define ADMIN(m, p, i, h, s)                                                   \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_ADMIN, .in = i,          \
		.handle = h, .summary = s                                      \
	}
/* Pages are asked for a fresh proof first. */
#define ADMIN_FRESH(m, p, i, h, s)                                             \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_ADMIN, .in = i,          \
		.handle = h, .summary = s, .fresh = true                       \
	}
#define PAGE "current pageSize"

#define AUDIT_Q PAGE " remote device operator conn_type created_at format"
