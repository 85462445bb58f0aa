#include "services/api/account/directory.h"

#include <string.h>

#include "services/api/account/users.h"
#include "services/api/journal/journal.h"

#define EXT_KEY "api:user:ext"

/* The first mapped group decides. Without a match the group is left alone. */
static void set_group(struct call *c, struct doc *u, const struct person *p)
{
	for (size_t i = 0; i < js_len(p->groups); i++) {
		const char *name = js_str(p->mapping, js_at(p->groups, i));
		const char *guid =
			doc_guid_by_name(&c->db, DOC_USER_GROUP, name);

		if (guid) {
			js_set_str(u->j, "group", guid);
			return;
		}
	}
}

static struct doc *make(struct call *c, const struct person *p,
			const char **why)
{
	if (!p->create) {
		*why = "There is no account for you";
		return NULL;
	}
	if (!text_is_name(p->name, 1, 64) || strcmp(p->name, "-") == 0) {
		*why = "The directory gave no usable name";
		return NULL;
	}
	if (doc_guid_by_name(&c->db, DOC_USER, p->name)) {
		*why = "Another account has this name";
		return NULL;
	}
	struct doc *u = doc_new(&c->db, DOC_USER, c->now_ms);
	user_defaults(u, p->name);
	js_set_str(u->j, "source", p->source);
	js_set_str(u->j, "ext", p->ext);
	return u;
}

static void refresh(struct call *c, struct doc *u, const struct person *p)
{
	char low[256];

	if (*p->display_name && text_is_name(p->display_name, 1, 128))
		js_set_str(u->j, "display_name", p->display_name);
	if (*p->email && text_is_email(p->email) &&
	    strlen(p->email) < sizeof(low)) {
		text_lower(low, sizeof(low), p->email);
		const char *holder = db_text(
			db_do(&c->db, "HGET", "api:user:email", low, NULL));

		if (!holder || strcmp(holder, u->guid) == 0)
			js_set_str(u->j, "email", p->email);
	}
	if (*p->admin_group)
		js_set_bool(u->j, "is_admin",
			    js_arr_has(p->groups, p->admin_group));
	set_group(c, u, p);
}

struct doc *directory_user(struct call *c, const struct person *p,
			   const char **why)
{
	const char *guid =
		db_text(db_do(&c->db, "HGET", EXT_KEY, p->ext, NULL));
	struct doc *u =
		guid ? doc_get(&c->db, DOC_USER, guid) : make(c, p, why);
	struct tx t;

	if (!u)
		return NULL;
	refresh(c, u, p);
	if (u->raw && strcmp(u->raw, js_dump(u->j)) == 0)
		return u;
	tx_init(&t, &c->db);
	user_save(&t, u);
	if (!u->raw) {
		tx_expect(&t, EXT_KEY, p->ext, NULL);
		tx_do(&t, "HSET", EXT_KEY, p->ext, u->guid, NULL);
		console_log_as(&t, c, u, CONSOLE_USER, CONSOLE_ADD_USER,
			       js_text(u->j, "name"));
	}
	if (tx_commit(&t) < 0) {
		*why = "Try again";
		return NULL;
	}
	return doc_get(&c->db, DOC_USER, u->guid);
}
