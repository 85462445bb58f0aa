#include "services/api/system/settings_identity.h"

#include <string.h>

static bool same(struct json_object *a, struct json_object *b, const char *name)
{
	return *js_text(a, name) &&
	       strcmp(js_text(a, name), js_text(b, name)) == 0;
}

struct json_object *settings_identity_earlier(struct json_object *item,
					      struct json_object *before)
{
	for (size_t i = 0; i < js_len(before); i++)
		if (same(item, js_item(before, i), "name"))
			return js_item(before, i);
	for (size_t i = 0; i < js_len(before); i++)
		if (same(item, js_item(before, i), "url") &&
		    same(item, js_item(before, i), "base_dn"))
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
	const char *name = same(item, was, "name") ? "" : js_text(was, "name");

	js_set(item, "names", with(js_arr(was, "names"), name));
}

static void keep_provider(struct json_object *item, struct json_object *was)
{
	struct json_object *own = js_arr(item, "issuers");
	const char *issuer =
		same(item, was, "issuer") ? "" : js_text(was, "issuer");

	js_set(item, "issuers",
	       with(own ? own : js_arr(was, "issuers"), issuer));
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
