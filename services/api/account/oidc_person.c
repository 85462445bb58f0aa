#include "services/api/account/oidc_person.h"

#include <string.h>

#include "services/api/account/directory.h"

enum { NAME_BYTES = 64, DIGEST = 8 };

const char *oidc_person_name(struct pool *p, const char *name,
			     const char *subject)
{
	size_t len = strlen(name);
	char hash[SEAL_HASH];

	if (len <= NAME_BYTES)
		return name;
	len = NAME_BYTES - DIGEST - 1;
	/* Not within a character. */
	while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80)
		len--;
	seal_hash(subject, hash);
	return pool_printf(p, "%.*s-%.*s", (int)len, name, DIGEST, hash);
}

/* After a change of the issuer the subject is the same. */
static bool meant(struct pool *p, const struct person *who, const char *old)
{
	(void)p;
	return js_arr_has(who->ids, old);
}

static bool same_group(struct pool *p, const char *a, const char *b)
{
	(void)p;
	return strcmp(a, b) == 0;
}

/* Providers send one group as a string. */
static struct json_object *groups_of(struct call *c, const struct provider *p,
				     struct json_object *claims)
{
	const char *claim = field_text(p->cfg, IDP_GROUP_CLAIM);
	const char *name = *claim ? claim : "groups";
	const char *one = js_str(claims, name);

	if (!one)
		return js_arr(claims, name);
	struct json_object *out = call_array(c);
	js_push_str(out, one);
	return out;
}

struct doc *oidc_person(struct call *c, const struct provider *p,
			struct json_object *claims, const char **why)
{
	const char *claim = field_text(p->cfg, IDP_NAME_CLAIM);
	const char *name =
		js_text(claims, *claim ? claim : "preferred_username");
	const char *subject = js_text(claims, "sub");
	struct person who = {
		.source = "oidc",
		.directory = p->issuer,
		.title = field_text(p->cfg, IDP_NAME),
		.before = field_list(p->cfg, IDP_ISSUERS),
		.ids = call_array(c),
		.meant = meant,
		.same_group = same_group,
		.name = oidc_person_name(
			&c->pool, *name ? name : js_text(claims, "email"),
			subject),
		.email = js_text(claims, "email"),
		.display_name = js_text(claims, "name"),
		.groups = groups_of(c, p, claims),
		.mapping = field_obj(p->cfg, IDP_GROUPS),
		.admin_group = field_text(p->cfg, IDP_ADMIN_GROUP),
		.create = field_bool(p->cfg, IDP_AUTO_CREATE, true),
	};

	js_push_str(who.ids, subject);
	return directory_user(c, &who, why);
}
