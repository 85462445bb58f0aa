#include "services/api/system/settings.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "services/api/audit/console.h"
#include "services/api/core/schema.h"
#include "services/api/policy/rows.h"

struct section {
	const char *name;
	const char *defaults;
	const char *shape; /* of the section */
	const char *list;  /* member that is an array of objects, or NULL */
	const char *item;  /* shape of its elements */
};

static const struct section sections[] = {
	{ "general",
	  "{\"session_days\":30,\"log_retention_days\":365,"
	  "\"recording_retention_days\":30,\"access_control\":\"assigned\","
	  "\"require_deployment\":false,\"allow_presets\":true,"
	  "\"assign_on_login\":true,\"only_admin_logs\":false,"
	  "\"disable_accessible\":false,\"share_outside_group\":true,"
	  "\"alarm_mail\":true,\"max_peer_one_ab\":0}",
	  "session_days:i log_retention_days:i recording_retention_days:i "
	  "access_control:s require_deployment:b allow_presets:b "
	  "assign_on_login:b only_admin_logs:b disable_accessible:b "
	  "share_outside_group:b alarm_mail:b max_peer_one_ab:i",
	  NULL, NULL },
	{ "smtp",
	  "{\"enabled\":false,\"host\":\"\",\"port\":587,"
	  "\"security\":\"starttls\",\"username\":\"\",\"password\":\"\","
	  "\"from\":\"\",\"tls_verify\":true,\"templates\":{}}",
	  "enabled:b host:s port:i security:s username:s password:s from:s "
	  "tls_verify:b templates:o",
	  NULL, NULL },
	{ "ldap", "{\"servers\":[]}", "servers:a", "servers",
	  "name:s! enabled:b url:s! starttls:b tls_verify:b ca:t bind_dn:s "
	  "bind_password:s base_dn:s! scope:s filter:s username_attributes:l "
	  "id_attribute:s email_attribute:s name_attribute:s "
	  "group_attribute:s groups:o admin_group:s" },
	{ "oidc", "{\"providers\":[]}", "providers:a", "providers",
	  "name:s! enabled:b issuer:s! client_id:s! client_secret:s scopes:s "
	  "auto_create:b name_claim:s group_claim:s groups:o admin_group:s "
	  "audiences:l icon:t ca:t" },
};

static const char *const secrets[] = { "password", "bind_password",
				       "client_secret" };

static const struct section *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	return NULL;
}

static struct json_object *parse(struct db *d, const char *text)
{
	bool ok;
	struct json_object *o = js_parse(d->pool, text, strlen(text), &ok);

	return o ? o : pool_json(d->pool, json_object_new_object());
}

static struct json_object *with_defaults(struct db *d, const struct section *s,
					 const char *raw)
{
	struct json_object *out = parse(d, s->defaults);

	if (raw) {
		json_object_object_foreach(parse(d, raw), key, value)
			js_set(out, key, json_object_get(value));
	}
	return out;
}

struct json_object *settings_get(struct db *d, const char *section)
{
	const struct section *s = find(section);

	assert(s);
	return with_defaults(
		d, s, db_text(db_do(d, "HGET", SETTINGS_KEY, section, NULL)));
}

int64_t settings_session_s(struct db *d)
{
	return js_int(settings_get(d, "general"), "session_days", 30) * 86400;
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

/* A new secret is sealed; an empty one means "as before". */
static void seal_all(struct call *c, struct json_object *o,
		     struct json_object *before)
{
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		const char *plain = js_text(o, secrets[i]);

		if (*plain)
			js_set_str(o, secrets[i],
				   seal_close(&c->app->seal, &c->pool, plain));
		else if (js_has(before, secrets[i]))
			js_copy(o, before, secrets[i]);
	}
}

static struct json_object *by_name(struct json_object *list, const char *name)
{
	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		if (strcmp(js_text(o, "name"), name) == 0)
			return o;
	}
	return NULL;
}

int settings_show(struct call *c)
{
	const struct section *s = find(c->param[0]);

	if (!s)
		return call_missing(c);
	struct json_object *o = settings_get(&c->db, s->name);
	struct json_object *list = s->list ? js_arr(o, s->list) : NULL;
	hide(o);
	for (size_t i = 0; i < js_len(list); i++)
		hide(json_object_array_get_idx(list, i));
	return call_json(c, json_object_get(o));
}

/* Words that only have a few meanings, and numbers with bounds. */
static const char *check_values(struct json_object *in)
{
	static const char *const numbers[] = { "session_days",
					       "log_retention_days",
					       "recording_retention_days",
					       "max_peer_one_ab" };
	const char *mode = js_str(in, "access_control");
	const char *security = js_str(in, "security");
	int64_t port = js_int(in, "port", 587);

	if (mode && strcmp(mode, "off") && strcmp(mode, "assigned") &&
	    strcmp(mode, "strict"))
		return "access_control";
	if (security && strcmp(security, "none") &&
	    strcmp(security, "starttls") && strcmp(security, "tls"))
		return "security";
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
	struct schema_field f;
	const char *bad = schema_check(s->shape, c->in, &f);
	struct json_object *list = s->list ? js_arr(c->in, s->list) : NULL;

	for (size_t i = 0; !bad && i < js_len(list); i++)
		bad = schema_check(s->item, json_object_array_get_idx(list, i),
				   &f);
	bad = bad ? bad : check_values(c->in);
	return bad ? pool_strdup(&c->pool, bad) : NULL;
}

/* Takes only members that the shape names: nothing else is stored. */
static void take(struct json_object *to, struct json_object *from,
		 const char *shape)
{
	struct schema_field f;

	while (schema_next(&shape, &f))
		js_copy(to, from, f.name);
}

static struct json_object *merge(struct call *c, const struct section *s,
				 const char *raw)
{
	struct json_object *before = with_defaults(&c->db, s, raw);
	struct json_object *out = with_defaults(&c->db, s, raw);
	struct json_object *list = s->list ? js_arr(c->in, s->list) : NULL;

	take(out, c->in, s->shape);
	seal_all(c, out, before);
	if (!list)
		return out;
	struct json_object *items = json_object_new_array();
	js_set(out, s->list, items);
	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *in = json_object_array_get_idx(list, i);
		struct json_object *item = json_object_new_object();

		take(item, in, s->item);
		seal_all(c, item,
			 by_name(js_arr(before, s->list), js_text(in, "name")));
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
		return call_error(c, 400,
				  call_fmt(c, "Invalid format: %s", bad));
	const char *raw =
		db_text(db_do(&c->db, "HGET", SETTINGS_KEY, s->name, NULL));
	struct json_object *now = merge(c, s, raw);

	tx_init(&t, &c->db);
	tx_expect(&t, SETTINGS_KEY, s->name, raw);
	tx_do(&t, "HSET", SETTINGS_KEY, s->name, js_dump(now), NULL);
	if (strcmp(s->name, "general") == 0)
		rows_settings(&t, now);
	console_log(&t, c, CONSOLE_SETTINGS, CONSOLE_CHANGE_SETTINGS, s->name);
	return call_result(c, tx_commit(&t));
}
