#include "services/api/system/settings_identity.h"

#include <string.h>

#include "services/api/core/fields.h"

static bool same(struct json_object *a, struct json_object *b,
		 struct field_text f)
{
	return *field_text(a, f) &&
	       strcmp(field_text(a, f), field_text(b, f)) == 0;
}

/* Providers have a name as servers have one. */
struct json_object *settings_identity_earlier(struct json_object *item,
					      struct json_object *before)
{
	for (size_t i = 0; i < js_len(before); i++)
		if (same(item, js_item(before, i), SERVER_NAME))
			return js_item(before, i);
	for (size_t i = 0; i < js_len(before); i++)
		if (same(item, js_item(before, i), SERVER_URL) &&
		    same(item, js_item(before, i), SERVER_BASE_DN))
			return js_item(before, i);
	return NULL;
}

/* LIST, or an empty one, as an own array with TEXT in it. */
static struct json_object *with(struct json_object *list, const char *text)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < js_len(list); i++)
		js_push_str(out, js_at(list, i));
	if (*text && !js_arr_has(out, text))
		js_push_str(out, text);
	return out;
}

static void keep_directory(struct json_object *item, struct json_object *was)
{
	const char *name = same(item, was, SERVER_NAME)
				   ? ""
				   : field_text(was, SERVER_NAME);

	field_set_list(item, SERVER_NAMES,
		       with(field_list(was, SERVER_NAMES), name));
}

static void keep_provider(struct json_object *item, struct json_object *was)
{
	struct json_object *own = field_list(item, IDP_ISSUERS);
	const char *issuer =
		same(item, was, IDP_ISSUER) ? "" : field_text(was, IDP_ISSUER);

	field_set_list(item, IDP_ISSUERS,
		       with(own ? own : field_list(was, IDP_ISSUERS), issuer));
}

void settings_identity_keep(const char *section, struct json_object *item,
			    struct json_object *before)
{
	struct json_object *was = settings_identity_earlier(item, before);

	if (strcmp(section, "ldap") == 0)
		keep_directory(item, was);
	if (strcmp(section, "oidc") == 0)
		keep_provider(item, was);
}
