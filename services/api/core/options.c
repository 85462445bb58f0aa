#include "services/api/core/options.h"

#include <string.h>

#include "common/base/attr.h"
#include "common/site/keynames.h"

static const struct {
	const char *name;
	const char *defaults;
} sections[] = {
	{ "general",
	  "{\"session_days\":30,\"log_retention_days\":365,"
	  "\"recording_retention_days\":30,\"device_retirement_days\":0,"
	  "\"access_control\":\"assigned\","
	  "\"require_deployment\":false,\"presets\":\"approved\","
	  "\"preset_kinds\":[\"user_name\",\"strategy_name\","
	  "\"device_group_name\",\"note\",\"address_book_name\"],"
	  "\"assign_on_login\":true,\"only_admin_logs\":false,"
	  "\"disable_accessible\":false,\"share_outside_group\":true,"
	  "\"alarm_mail\":true,\"max_peer_one_ab\":0}" },
	{ "smtp",
	  "{\"enabled\":false,\"host\":\"\",\"port\":587,"
	  "\"security\":\"starttls\",\"username\":\"\",\"password\":\"\","
	  "\"from\":\"\",\"tls_verify\":true,\"templates\":{},"
	  "\"auth\":\"password\"}" },
	{ "ldap", "{\"servers\":[]}" },
	{ "oidc", "{\"providers\":[]}" },
};

static const char *defaults_of(const char *section)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (strcmp(sections[i].name, section) == 0)
			return sections[i].defaults;
	return "{}";
}

static struct json_object *parse(struct db *d, const char *text)
{
	bool ok;
	struct json_object *o = js_parse(d->pool, text, strlen(text), &ok);

	return o ? o : pool_json(d->pool, json_object_new_object());
}

struct json_object *options_default(struct db *d, const char *section,
				    const char *stored)
{
	struct json_object *out = parse(d, defaults_of(section));

	struct json_object *o = stored ? parse(d, stored) : NULL;
	for (struct js_each m = js_each(o); js_next(&m);)
		js_set(out, m.key, json_object_get(m.value));
	/* It was a switch once: who had presets off keeps them off. */
	if (!field_bool(out, GENERAL_ALLOW_PRESETS, true))
		field_set_text(out, GENERAL_PRESETS, "off");
	field_del(out, GENERAL_ALLOW_PRESETS.of);
	return out;
}

struct json_object *options_get(struct db *d, const char *section)
{
	return options_default(
		d, section,
		db_text(db_do(d, "HGET", KEY_SETTINGS, section, NULL)));
}

int64_t options_session_s(struct db *d)
{
	return field_int(options_get(d, "general"), GENERAL_SESSION_DAYS, 30) *
	       86400;
}
