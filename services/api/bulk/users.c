#include "services/api/bulk/users.h"

#include <string.h>

#include "services/api/account/sessions.h"
#include "services/api/account/users.h"
#include "services/api/bulk/ops.h"

#define SETS(name, perm, field, ref)                                           \
	{                                                                      \
		name, PERM_USER_##perm, CONSOLE_UPDATE_USER, &USER_##field,    \
			ref, NULL, false, false                                \
	}

/* The names are those of PUT /api/users/{guid}. */
static const struct bulk_op ops[] = {
	{ "enable", PERM_USER_ENABLE, CONSOLE_ENABLE_USER, NULL, DOC_KINDS, "1",
	  false, false },
	{ "disable", PERM_USER_ENABLE, CONSOLE_DISABLE_USER, NULL, DOC_KINDS,
	  "0", false, false },
	SETS("group_name", GROUP, GROUP, DOC_USER_GROUP),
	SETS("control_role_name", ROLE, CONTROL_ROLE, DOC_CONTROL_ROLE),
	SETS("strategy_name", STRATEGY, STRATEGY, DOC_STRATEGY),
	{ "delete", PERM_USER_DELETE, CONSOLE_DELETE_USER, NULL, DOC_KINDS,
	  NULL, true, true },
};

static bool is_self(struct call *c, const struct doc *u)
{
	return strcmp(u->guid, call_self(c)) == 0;
}

static void change_one(struct call *c, struct tx *t, const struct bulk_op *op,
		       const struct bulk_job *j, struct bulk_row *r,
		       struct doc *u)
{
	if (!bulk_op_apply(c, op, j, r, u, USER_STATUS))
		return;
	bool off = !op->field && doc_int(u, USER_STATUS, 1) == 0;
	if (off && is_self(c, u)) {
		bulk_refuse(r, "You cannot disable yourself");
		return;
	}
	user_save(t, u);
	if (off)
		sessions_end_all(t, u->guid);
	enum console_op iop = op->field ? op->iop
			      : off     ? CONSOLE_DISABLE_USER
					: CONSOLE_ENABLE_USER;
	journal_write(t, c, CONSOLE_USER, iop, doc_text(u, USER_NAME));
}

static void remove_one(struct call *c, struct tx *t, struct bulk_row *r,
		       struct doc *u)
{
	struct target to = user_target(u);
	bool enabled = doc_int(u, USER_STATUS, 1) != 0;

	if (enabled && is_self(c, u))
		bulk_refuse(r, "You cannot disable yourself");
	else if (enabled && !call_may(c, PERM_USER_ENABLE, &to))
		bulk_refuse(r, "Disable the user first");
	else if (!bulk_refuse(r, user_remove(t, c, u)))
		r->result = BULK_CHANGED;
}

void bulk_users_plan(struct call *c, struct tx *t, const struct bulk_job *j,
		     struct bulk_row *rows, size_t n)
{
	const struct bulk_op *op = bulk_op_find(ops, ARRAY_LEN(ops), j->op);

	if (!op || bulk_op_gone(c, op, j, rows, n))
		return;
	struct doc **users =
		doc_each_for(&c->db, DOC_USER, bulk_guids_of(c, rows, n), n);
	for (size_t i = 0; i < n; i++) {
		struct bulk_row *r = &rows[i];
		struct doc *u = users[i];

		r->guid = r->name = js_text(r->in, "guid");
		if (!u) {
			bulk_refuse(r, "Not found");
			continue;
		}
		r->name = doc_text(u, USER_NAME);
		struct target to = user_target(u);
		if (!call_may(c, op->perm, &to) || !user_may_touch(c, u))
			bulk_refuse(r, "Permission denied");
		else if (op->removes)
			remove_one(c, t, r, u);
		else
			change_one(c, t, op, j, r, u);
	}
}

int bulk_users(struct call *c)
{
	const struct bulk_op *op =
		bulk_op_find(ops, ARRAY_LEN(ops), js_text(c->in, "op"));

	return bulk_op_run(c, "users", op, bulk_guid_rows);
}
