#include "services/api/policy/control_roles.h"

#include <string.h>
#include <strings.h>

#include "common/site/policy_row.h"
#include "services/api/core/etag.h"
#include "services/api/core/rows.h"
#include "services/api/journal/journal.h"

void control_roles_builtin(struct tx *t, uint64_t now_ms)
{
	static const struct {
		const char *builtin, *name;
	} roles[] = { { "not_logged", "Not Logged" },
		      { "default", "Default" } };

	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		struct doc *r = doc_new(t->db, DOC_CONTROL_ROLE, now_ms + i);

		doc_set_text(r, CROLE_NAME, roles[i].name);
		doc_set_text(r, CROLE_BUILTIN, roles[i].builtin);
		doc_set_bool(r, CROLE_ENABLED, true);
		doc_set_obj(r, CROLE_PERMISSIONS, json_object_new_object());
		doc_save(t, r);
		rows_role(t, r);
	}
}

static struct json_object *view(const struct doc *r)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", r->guid);
	js_set_str(o, "name", doc_text(r, CROLE_NAME));
	js_set_str(o, "note", doc_text(r, CROLE_NOTE));
	js_set_str(o, "builtin", doc_text(r, CROLE_BUILTIN));
	js_set_bool(o, "enabled", doc_bool(r, CROLE_ENABLED, true));
	doc_show(o, r, CROLE_PERMISSIONS.of);
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

int control_roles_list(struct call *c)
{
	struct page p;

	page_init(c, &p);
	doc_each(&c->db, DOC_CONTROL_ROLE, collect, &p);
	return page_answer(c, &p);
}

int control_roles_show(struct call *c)
{
	struct doc *r = doc_get(&c->db, DOC_CONTROL_ROLE, c->param[0]);

	if (!r)
		return call_missing(c);
	etag_show(c, r->raw);
	return call_json(c, view(r));
}

static bool known(const char *name)
{
	for (unsigned p = 0; p < POLICY_PERMISSIONS; p++)
		if (strcmp(policy_permission_name(p), name) == 0)
			return true;
	return false;
}

static const char *check(struct call *c, const struct doc *r)
{
	const char *name = js_str(c->in, "name");
	struct json_object *perms = js_obj(c->in, "permissions");
	bool renamed = name && strcmp(name, doc_text(r, CROLE_NAME)) != 0;
	const char *bad = doc_rename(&c->db, r, name, "Role already exists");

	if (renamed && *doc_text(r, CROLE_BUILTIN))
		return "A built-in role keeps its name";
	if (bad)
		return bad;
	if (!perms)
		return NULL;
	for (struct js_each m = js_each(perms); js_next(&m);) {
		const char *v = json_object_get_string(m.value);

		if (!known(m.key) || !v ||
		    (strcmp(v, "enable") && strcmp(v, "disable") &&
		     strcmp(v, "unset")))
			return "Invalid format: permissions";
	}
	return NULL;
}

static int save(struct call *c, struct doc *r)
{
	const char *bad = check(c, r);
	struct tx t;

	if (bad)
		return call_error(c, 400, bad);
	doc_take(r, c->in, CROLE_NAME.of);
	doc_take(r, c->in, CROLE_NOTE.of);
	doc_take(r, c->in, CROLE_ENABLED.of);
	doc_take(r, c->in, CROLE_PERMISSIONS.of);
	tx_init(&t, &c->db);
	doc_save(&t, r);
	rows_role(&t, r);
	journal_write(&t, c, CONSOLE_ROLE, CONSOLE_CHANGE_ROLE,
		      doc_text(r, CROLE_NAME));
	int e = tx_commit(&t);
	return e ? e : call_json(c, view(r));
}

int control_roles_create(struct call *c)
{
	struct doc *r = doc_new(&c->db, DOC_CONTROL_ROLE, c->now_ms);

	doc_set_bool(r, CROLE_ENABLED, true);
	doc_set_obj(r, CROLE_PERMISSIONS, json_object_new_object());
	return save(c, r);
}

int control_roles_update(struct call *c)
{
	struct doc *r = doc_get(&c->db, DOC_CONTROL_ROLE, c->param[0]);

	if (!r)
		return call_missing(c);
	return etag_matches(c, r->raw) ? save(c, r) : 0;
}

/* Users that still name it have a role without a row: nothing applies. */
int control_roles_delete(struct call *c)
{
	struct doc *r = doc_get(&c->db, DOC_CONTROL_ROLE, c->param[0]);
	struct tx t;

	if (!r)
		return call_missing(c);
	if (*doc_text(r, CROLE_BUILTIN))
		return call_error(c, 400, "A built-in role cannot be deleted");
	tx_init(&t, &c->db);
	doc_delete(&t, r);
	rows_role_gone(&t, r->guid);
	journal_write(&t, c, CONSOLE_ROLE, CONSOLE_CHANGE_ROLE,
		      doc_text(r, CROLE_NAME));
	return call_result(c, tx_commit(&t));
}
