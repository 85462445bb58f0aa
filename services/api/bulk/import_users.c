#include <string.h>

#include "services/api/account/credentials.h"
#include "services/api/account/users.h"
#include "services/api/bulk/import.h"
#include "services/api/core/schema.h"
#include "services/api/journal/journal.h"

/* As POST and PUT /api/users take them; the password is for new users. */
const struct schema_field import_user[] = { MUST_STR("name", SCHEMA_NAME_MAX),
					    STR("display_name", 128),
					    STR("email", 256),
					    STR("group_name", 128),
					    STR("control_role_name", 128),
					    STR("strategy_name", 128),
					    STR("note", SCHEMA_NOTE_MAX),
					    STR("password", 1024),
					    { 0 } };

static const struct {
	const char *member;
	const struct field_text *field;
	enum doc_kind ref; /* DOC_KINDS: a text */
} told[] = {
	{ "display_name", &USER_DISPLAY_NAME, DOC_KINDS },
	{ "email", &USER_EMAIL, DOC_KINDS },
	{ "group_name", &USER_GROUP, DOC_USER_GROUP },
	{ "control_role_name", &USER_CONTROL_ROLE, DOC_CONTROL_ROLE },
	{ "strategy_name", &USER_STRATEGY, DOC_STRATEGY },
	{ "note", &USER_NOTE, DOC_KINDS },
};

/* What the preview says of a user who was OLD; NULL: he is new. */
static void tell(struct call *c, struct bulk_row *r, const struct doc *old,
		 const struct doc *u)
{
	for (size_t i = 0; r->changes && i < ARRAY_LEN(told); i++) {
		const char *was = doc_text(old, *told[i].field);

		if (strcmp(was, doc_text(u, *told[i].field)) == 0)
			continue;
		bulk_note(r, told[i].member,
			  told[i].ref == DOC_KINDS
				  ? was
				  : doc_name_of(&c->db, told[i].ref, was),
			  js_text(r->in, told[i].member));
	}
}

static struct json_object *only(struct call *c, struct json_object *in,
				const char *const *names, size_t n)
{
	struct json_object *o = call_object(c);

	for (size_t i = 0; i < n; i++)
		js_copy(o, in, names[i]);
	return o;
}

static const char *create(struct call *c, struct tx *t, struct bulk_row *r)
{
	static const char *const later[] = { "control_role_name",
					     "strategy_name" };
	struct doc *u = doc_new(&c->db, DOC_USER, c->now_ms);
	const char *password = js_text(r->in, "password");

	c->in = r->in;
	const char *bad = user_fill_new(c, u);
	struct target to = user_target(u);
	if (!bad)
		bad = credentials_password_wrong(password);
	if (!bad && !call_may(c, PERM_USER_CREATE, &to))
		bad = "Permission denied";
	c->in = only(c, r->in, later, ARRAY_LEN(later));
	if (!bad && !user_changes_allowed(c, u))
		bad = "Permission denied";
	if (!bad)
		bad = user_apply(c, u);
	if (bad)
		return bad;
	tell(c, r, NULL, u);
	r->guid = u->guid;
	r->result = BULK_CREATED;
	if (!r->changes) /* 50 ms, for nothing in a preview */
		credentials_set_password(u, password);
	user_save(t, u);
	journal_write(t, c, CONSOLE_USER, CONSOLE_ADD_USER,
		      doc_text(u, USER_NAME));
	return NULL;
}

static const char *change(struct call *c, struct tx *t, struct bulk_row *r,
			  struct doc *u)
{
	const char *members[ARRAY_LEN(told)];
	const struct doc *old = doc_old(&c->db, u);

	for (size_t i = 0; i < ARRAY_LEN(told); i++)
		members[i] = told[i].member;
	r->guid = u->guid;
	c->in = only(c, r->in, members, ARRAY_LEN(told));
	const char *bad = user_apply(c, u);
	if (bad || !doc_changed(u))
		return bad;
	if (!user_changes_allowed(c, old) || !user_may_touch(c, old))
		return "Permission denied";
	tell(c, r, old, u);
	r->result = BULK_CHANGED;
	user_save(t, u);
	journal_write(t, c, CONSOLE_USER, CONSOLE_UPDATE_USER,
		      doc_text(u, USER_NAME));
	return NULL;
}

void import_users_plan(struct call *c, struct tx *t, const struct bulk_job *j,
		       struct bulk_row *rows, size_t n)
{
	(void)j;
	for (size_t i = 0; i < n; i++) {
		struct bulk_row *r = &rows[i];
		struct doc *u;

		r->name = js_text(r->in, "name");
		if (bulk_refuse(r, schema_check(&c->pool, import_user, r->in,
						true)))
			continue;
		u = doc_by_name(&c->db, DOC_USER, r->name);
		struct target to = u ? user_target(u) : (struct target){ 0 };
		/* Who may not see him does not learn what he has. */
		if (u && !call_may(c, PERM_USER_VIEW, &to))
			bulk_refuse(r, "Permission denied");
		else
			bulk_refuse(r,
				    u ? change(c, t, r, u) : create(c, t, r));
	}
}
