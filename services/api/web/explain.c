#include "services/api/web/explain.h"

#include <string.h>

#include "common/site/policy_row.h"
#include "common/site/policy_rule.h"
#include "services/api/account/login.h"
#include "services/api/account/users.h"
#include "services/api/core/target.h"
#include "services/api/device/devices.h"
#include "services/api/web/facts.h"

static const char *const rules[] = {
	[POLICY_RULE_NONE] = "none",
	[POLICY_RULE_OWNER] = "owner",
	[POLICY_RULE_SAME_GROUP] = "same_user_group",
	[POLICY_RULE_GROUP_OUT] = "user_group_may_reach_user_group",
	[POLICY_RULE_GROUP_IN] = "user_group_lets_in",
	[POLICY_RULE_DEVICES_OUT] = "user_group_may_reach_device_group",
	[POLICY_RULE_DEVICES_IN] = "device_group_lets_in",
};

static bool kind_of(const char *name, enum policy_kind *out)
{
	if (!*name)
		name = "remote";
	for (size_t i = 0; i <= POLICY_TERMINAL; i++) {
		*out = (enum policy_kind)i;
		if (strcmp(policy_kind_name(*out), name) == 0)
			return true;
	}
	return false;
}

/* The control role that applies: hbbs looks it up the same way. */
static const char *role_of(struct call *c, const struct doc *user)
{
	const char *role = user ? doc_text(user, USER_CONTROL_ROLE) : "";

	if (!user)
		return "not_logged";
	return *role ? doc_name_of(&c->db, DOC_CONTROL_ROLE, role) : "default";
}

static int answer(struct call *c, const struct doc *user,
		  const struct policy_facts *f, enum policy_kind kind)
{
	struct policy_verdict v = policy_decide(f, kind);
	enum policy_rule rule =
		f->user.known ? policy_rule(f) : POLICY_RULE_NONE;
	struct json_object *o = json_object_new_object();

	js_set_bool(o, "allowed", v.reason == POLICY_OK);
	js_set_str(o, "reason", v.label);
	js_set_str(o, "text", v.text);
	js_set_str(o, "rule", rules[rule]);
	js_set_bool(o, "assigned", *f->device.owner || *f->device.group);
	js_set_str(o, "role", role_of(c, user));
	js_set(o, "permissions", facts_permissions(f->permissions));
	js_set_str(o, "owner", doc_name_of(&c->db, DOC_USER, f->device.owner));
	js_set_str(o, "owner_group",
		   doc_name_of(&c->db, DOC_USER_GROUP, f->owner.group));
	js_set_str(o, "device_group",
		   doc_name_of(&c->db, DOC_DEVICE_GROUP, f->device.group));
	js_set_str(o, "user_group",
		   doc_name_of(&c->db, DOC_USER_GROUP, f->user.group));
	return call_json(c, o);
}

static bool may_ask(struct call *c, const struct doc *user,
		    const struct doc *dev)
{
	struct target none = { "", "", "", true };
	struct target d = dev ? target_device(&c->db, dev) : none;

	if (!call_may(c, PERM_DEVICE_VIEW, &d))
		return false;
	if (!user || strcmp(user->guid, call_self(c)) == 0)
		return true;
	struct target u = user_target(user);
	return call_may(c, PERM_USER_VIEW, &u);
}

int web_explain(struct call *c)
{
	const char *name = js_text(c->in, "user");
	const char *id = js_text(c->in, "device");
	struct policy_facts *f = pool_alloc(&c->pool, sizeof(*f));
	struct doc *user = *name ? login_find(c, name) : NULL;
	enum policy_kind kind;

	if (!user && *name)
		user = doc_get(&c->db, DOC_USER, name);
	if (!kind_of(js_text(c->in, "kind"), &kind))
		return call_error(c, 400, "Invalid format: kind");
	if (!text_is_id(id))
		return call_error(c, 400, "Invalid format: device");
	if (!user && *name && call_may_all(c, PERM_USER_VIEW))
		return call_error(c, 400, "Does not exist: user");
	if ((!user && *name) || !may_ask(c, user, device_by_id(&c->db, id)))
		return call_forbidden(c);
	int r = facts_read(c, user ? user->guid : "", id, f);
	if (r < 0)
		return r;
	return answer(c, user, f, kind);
}
