#include "services/api/account/users.h"
#include "services/api/core/auth.h"

bool user_may_touch(struct call *c, const struct doc *u)
{
	struct who his = { .user = (struct doc *)(uintptr_t)u };

	if (c->who.admin)
		return true;
	auth_grants(&c->db, &his);
	return !his.admin && perm_covers(c->who.grants, c->who.ngrants,
					 call_self(c), his.grants, his.ngrants,
					 u->guid, doc_text(u, USER_GROUP));
}

struct doc *user_open(struct call *c, const char *guid, enum perm p)
{
	struct doc *u = doc_get(&c->db, DOC_USER, guid);

	if (!u) {
		call_missing(c);
		return NULL;
	}
	struct target t = user_target(u);
	if (!call_may(c, p, &t) ||
	    (p != PERM_USER_VIEW && !user_may_touch(c, u))) {
		call_forbidden(c);
		return NULL;
	}
	return u;
}

struct json_object *user_may(struct call *c, const struct doc *u)
{
	struct json_object *out = json_object_new_array();
	struct target t = user_target(u);
	bool touch = user_may_touch(c, u);

	for (enum perm p = PERM_USER_VIEW; p <= PERM_USER_ROLE; p++)
		if ((touch || p == PERM_USER_VIEW) && call_may(c, p, &t))
			js_push_str(out, perm_name(p));
	return out;
}
