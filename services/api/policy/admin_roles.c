#include "services/api/policy/admin_roles.h"

#include <string.h>
#include <strings.h>

#include "services/api/core/etag.h"
#include "services/api/journal/journal.h"

static const struct field *const members[] = {
	&AROLE_NAME.of,        &AROLE_NOTE.of,         &AROLE_TYPE.of,
	&AROLE_ENABLED.of,     &AROLE_PERMS.of,        &AROLE_UNASSIGNED.of,
	&AROLE_USER_GROUPS.of, &AROLE_DEVICE_GROUPS.of
};

static struct json_object *view(const struct doc *r)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", r->guid);
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		doc_show(o, r, *members[i]);
	return o;
}

static bool collect(void *ctx, struct doc *r)
{
	struct page *p = ctx;

	if (page_take(p)) {
		js_push(p->data, view(r));
		etag_last(p, r->raw);
	}
	return true;
}

int admin_roles_list(struct call *c)
{
	struct page p;

	page_init(c, &p);
	doc_each(&c->db, DOC_ADMIN_ROLE, collect, &p);
	return page_answer(c, &p);
}

static bool all_exist(struct call *c, struct json_object *guids,
		      enum doc_kind kind)
{
	const char *list[GRANT_GROUPS_MAX];
	size_t n = js_len(guids), found;

	if (n > GRANT_GROUPS_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		list[i] = js_at(guids, i);
	doc_many(&c->db, kind, list, n, &found);
	return found == n;
}

static const char *check(struct call *c, const struct doc *r)
{
	const char *name = js_str(c->in, "name");
	const char *type = js_str(c->in, "type");
	struct json_object *perms = js_arr(c->in, "perms");

	const char *bad = doc_rename(&c->db, r, name, "Role already exists");

	if (bad)
		return bad;
	if (type && strcmp(type, "global") && strcmp(type, "individual") &&
	    strcmp(type, "group"))
		return "Invalid format: type";
	for (size_t i = 0; i < js_len(perms); i++)
		if (perm_parse(js_at(perms, i)) == PERM_COUNT)
			return "Invalid format: perms";
	if (!all_exist(c, js_arr(c->in, "user_groups"), DOC_USER_GROUP))
		return "User group does not exist";
	if (!all_exist(c, js_arr(c->in, "device_groups"), DOC_DEVICE_GROUP))
		return "Device group does not exist";
	return NULL;
}

static int save(struct call *c, struct doc *r)
{
	const char *bad = check(c, r);
	struct tx t;

	if (bad)
		return call_error(c, 400, bad);
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		doc_take(r, c->in, *members[i]);
	tx_init(&t, &c->db);
	doc_save(&t, r);
	journal_write(&t, c, CONSOLE_ROLE, CONSOLE_CHANGE_ROLE,
		      doc_text(r, AROLE_NAME));
	int e = tx_commit(&t);
	return e ? e : call_json(c, view(r));
}

int admin_roles_create(struct call *c)
{
	struct doc *r = doc_new(&c->db, DOC_ADMIN_ROLE, c->now_ms);

	doc_set_bool(r, AROLE_ENABLED, true);
	return save(c, r);
}

int admin_roles_update(struct call *c)
{
	struct doc *r = doc_get(&c->db, DOC_ADMIN_ROLE, c->param[0]);

	if (!r)
		return call_missing(c);
	return etag_matches(c, r->raw) ? save(c, r) : 0;
}

int admin_roles_delete(struct call *c)
{
	struct doc *r = doc_get(&c->db, DOC_ADMIN_ROLE, c->param[0]);
	struct tx t;

	if (!r)
		return call_missing(c);
	tx_init(&t, &c->db);
	doc_delete(&t, r);
	journal_write(&t, c, CONSOLE_ROLE, CONSOLE_CHANGE_ROLE,
		      doc_text(r, AROLE_NAME));
	return call_result(c, tx_commit(&t));
}
