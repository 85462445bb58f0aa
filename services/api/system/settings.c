#include "services/api/system/settings.h"

#include <stdio.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/base/message.h"
#include "services/api/core/auth.h"
#include "services/api/core/changes.h"
#include "services/api/core/etag.h"
#include "services/api/core/options.h"
#include "services/api/core/rows.h"
#include "services/api/core/schema.h"
#include "services/api/jobs/mail_health.h"
#include "services/api/journal/journal.h"
#include "services/api/system/settings_identity.h"

/* SET rows are what settings_show() says in place of a secret: they may come
 * back, and are not stored. */
#define SET(name) BOOL(name "_set")

static const struct schema_field general[] = { INT("session_days"),
					       INT("log_retention_days"),
					       INT("recording_retention_days"),
					       INT("device_retirement_days"),
					       STR("access_control", 16),
					       BOOL("require_deployment"),
					       STR("presets", 16),
					       LIST("preset_kinds", 20, 64),
					       BOOL("assign_on_login"),
					       BOOL("only_admin_logs"),
					       BOOL("disable_accessible"),
					       BOOL("share_outside_group"),
					       BOOL("alarm_mail"),
					       INT("max_peer_one_ab"),
					       { 0 } };
static const struct schema_field smtp[] = { BOOL("enabled"),
					    STR("host", 256),
					    INT("port"),
					    STR("security", 16),
					    STR("username", 256),
					    STR("password", 1024),
					    SET("password"),
					    STR("from", 256),
					    BOOL("tls_verify"),
					    STR("ca", 32768),
					    OBJ("templates", 64 << 10),
					    STR("auth", 16),
					    STR("oauth_token_url", 2048),
					    STR("oauth_client_id", 256),
					    STR("oauth_client_secret", 4096),
					    SET("oauth_client_secret"),
					    STR("oauth_refresh_token", 8192),
					    SET("oauth_refresh_token"),
					    STR("oauth_scope", 512),
					    { 0 } };
static const struct schema_field ldap_server[] = {
	MUST_STR("name", SCHEMA_NAME_MAX),
	BOOL("enabled"),
	MUST_STR("url", 2048),
	BOOL("starttls"),
	BOOL("tls_verify"),
	STR("ca", 32768),
	STR("bind_dn", 512),
	STR("bind_password", 1024),
	SET("bind_password"),
	MUST_STR("base_dn", 512),
	STR("scope", 16),
	STR("filter", 1024),
	LIST("username_attributes", 10, 64),
	STR("id_attribute", 64),
	STR("email_attribute", 64),
	STR("name_attribute", 64),
	STR("group_attribute", 64),
	OBJ("groups", 32 << 10),
	STR("admin_group", 512),
	BOOL("nested_groups"),
	LIST("names", 20, SCHEMA_NAME_MAX),
	{ 0 }
};
static const struct schema_field oidc_provider[] = { MUST_STR("name",
							      SCHEMA_NAME_MAX),
						     BOOL("enabled"),
						     MUST_STR("issuer", 512),
						     MUST_STR("client_id", 256),
						     STR("client_secret", 1024),
						     SET("client_secret"),
						     STR("scopes", 512),
						     BOOL("auto_create"),
						     STR("name_claim", 128),
						     STR("group_claim", 128),
						     OBJ("groups", 32 << 10),
						     STR("admin_group", 512),
						     LIST("audiences", 10, 256),
						     STR("icon", 16384),
						     STR("ca", 32768),
						     LIST("issuers", 20, 512),
						     { 0 } };

struct section {
	const char *name;
	const struct schema_field *shape;
	const char *list; /* member that is an array of objects, or NULL */
	const struct schema_field *item; /* shape of its elements */
	/* Pages need a fresh proof, auth.h: it has secrets, and another address
	 * in it is where those that are kept would be sent. */
	bool keyed;
};

static const struct section sections[] = {
	{ "general", general, NULL, NULL, false },
	{ "smtp", smtp, NULL, NULL, true },
	{ "ldap", FIELDS(ARR_OF("servers", 20, 256 << 10, ldap_server)),
	  "servers", ldap_server, true },
	{ "oidc", FIELDS(ARR_OF("providers", 20, 256 << 10, oidc_provider)),
	  "providers", oidc_provider, true },
};

static const char *const secrets[] = { "password", "bind_password",
				       "client_secret", "oauth_client_secret",
				       "oauth_refresh_token" };

static const struct section *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	return NULL;
}

/* Secrets are not shown, only whether there is one. */
static void hide(struct json_object *o)
{
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		char name[64];

		if (!js_has(o, secrets[i]))
			continue;
		snprintf(name, sizeof(name), "%s_set", secrets[i]);
		js_set_bool(o, name, *js_text(o, secrets[i]) != 0);
		js_set_str(o, secrets[i], "");
	}
}

/* A new secret of IN is sealed; an empty one, or none, means "as before",
 * which is sealed already. */
static void seal_all(struct call *c, struct json_object *o,
		     struct json_object *in, struct json_object *before)
{
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		const char *plain = js_text(in, secrets[i]);

		if (*plain)
			js_set_str(o, secrets[i],
				   seal_close(&c->app->seal, &c->pool, plain));
		else if (js_has(before, secrets[i]))
			js_copy(o, before, secrets[i]);
	}
}

int settings_show(struct call *c)
{
	const struct section *s = find(c->param[0]);

	if (!s)
		return call_missing(c);
	const char *raw =
		db_text(db_do(&c->db, "HGET", KEY_SETTINGS, s->name, NULL));
	struct json_object *o = options_default(&c->db, s->name, raw);
	struct json_object *list = s->list ? js_arr(o, s->list) : NULL;
	hide(o);
	for (size_t i = 0; i < js_len(list); i++)
		hide(js_item(list, i));
	etag_show(c, raw);
	return call_json(c, json_object_get(o));
}

/* Words that only have a few meanings, and numbers with bounds. */
static const char *check_values(struct json_object *in)
{
	static const char *const numbers[] = { "session_days",
					       "log_retention_days",
					       "recording_retention_days",
					       "device_retirement_days",
					       "max_peer_one_ab" };
	const char *mode = js_str(in, "access_control");
	const char *presets = js_str(in, "presets");
	const char *security = js_str(in, "security");
	const char *from = js_text(in, "from");
	const char *auth = js_text(in, "auth");
	int64_t port = js_int(in, "port", 587);
	struct mailbox box;

	if (mode && strcmp(mode, "off") && strcmp(mode, "assigned") &&
	    strcmp(mode, "strict"))
		return "access_control";
	if (js_has(in, "allow_presets"))
		return "allow_presets (it is presets now: off, approved, all)";
	if (presets && strcmp(presets, "off") && strcmp(presets, "approved") &&
	    strcmp(presets, "all"))
		return "presets";
	if (security && strcmp(security, "none") &&
	    strcmp(security, "starttls") && strcmp(security, "tls"))
		return "security";
	if (*from && mailbox_parse(from, &box) < 0)
		return "from";
	if (*auth && strcmp(auth, "password") && strcmp(auth, "xoauth2"))
		return "auth";
	if (port < 1 || port > 65535)
		return "port";
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		int64_t v = js_int(in, numbers[i], 0);

		if (v < 0 || v > 100000)
			return numbers[i];
	}
	return NULL;
}

static const char *check(struct call *c, const struct section *s)
{
	const char *bad = schema_check(&c->pool, s->shape, c->in, true);

	if (!bad && (bad = check_values(c->in)))
		bad = call_fmt(c, "Invalid format: %s", bad);
	return bad;
}

/* Takes only members that the shape names: nothing else is stored. */
static void take(struct json_object *to, struct json_object *from,
		 const struct schema_field *f)
{
	for (; f->name; f++)
		js_copy(to, from, f->name);
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s_set", secrets[i]);
		js_del(to, name);
	}
}

static struct json_object *merge(struct call *c, const struct section *s,
				 const char *raw)
{
	struct json_object *before = options_default(&c->db, s->name, raw);
	struct json_object *out = options_default(&c->db, s->name, raw);
	struct json_object *list = s->list ? js_arr(c->in, s->list) : NULL;

	take(out, c->in, s->shape);
	seal_all(c, out, c->in, before);
	if (!list)
		return out;
	struct json_object *items = json_object_new_array();
	js_set(out, s->list, items);
	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *in = js_item(list, i);
		struct json_object *item = json_object_new_object();

		take(item, in, s->item);
		seal_all(
			c, item, in,
			settings_identity_earlier(in, js_arr(before, s->list)));
		settings_identity_keep(s->name, item, js_arr(before, s->list));
		js_push(items, item);
	}
	return out;
}

int settings_change(struct call *c)
{
	const struct section *s = find(c->param[0]);
	struct tx t;

	if (!s)
		return call_missing(c);
	const char *bad = check(c, s);
	if (bad)
		return call_error(c, 400, bad);
	if (s->keyed && !auth_fresh(c))
		return call_reauth(c);
	const char *raw =
		db_text(db_do(&c->db, "HGET", KEY_SETTINGS, s->name, NULL));
	if (!etag_matches(c, raw))
		return 0;
	struct json_object *now = merge(c, s, raw);

	tx_init(&t, &c->db);
	tx_expect(&t, KEY_SETTINGS, s->name, raw);
	tx_do(&t, "HSET", KEY_SETTINGS, s->name, js_dump(now), NULL);
	changes_add(&t, "settings", s->name, "save");
	if (strcmp(s->name, "general") == 0)
		rows_settings(&t, now);
	if (strcmp(s->name, "smtp") == 0)
		mail_health_forget(&t);
	journal_write(&t, c, CONSOLE_SETTINGS, CONSOLE_CHANGE_SETTINGS,
		      s->name);
	return call_result(c, tx_commit(&t));
}
