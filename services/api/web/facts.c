#include "services/api/web/facts.h"

#include <errno.h>
#include <string.h>

#include "common/site/policy_lookup.lua.h"
#include "common/site/policy_row.h"
#include "common/site/statekey.h"

int facts_read(struct call *c, const char *user, const char *device,
	       struct policy_facts *f)
{
	const char *rows[POLICY_ROWS];
	char bucket[STATEKEY_MAX];

	statekey_peer(device, strlen(device), bucket);
	const struct redis_reply *r = db_eval(&c->db, &policy_lookup_lua, 0, "",
					      device, bucket, user, NULL);

	if (!r)
		return -EIO;
	for (size_t i = 0; i < POLICY_ROWS; i++)
		rows[i] = db_text(db_item(r, i));
	return policy_read(f, rows);
}

bool facts_reach(struct call *c, const char *user, const char *device,
		 uint64_t *permissions)
{
	struct policy_facts *f = pool_alloc(&c->pool, sizeof(*f));

	if (facts_read(c, user, device, f) < 0 || !f->user.known)
		return false;
	if (permissions)
		*permissions = f->permissions;
	return policy_decide(f, POLICY_REMOTE).reason == POLICY_OK;
}

struct json_object *facts_permissions(uint64_t bits)
{
	static const char *const words[] = { "unset", "disable", "enable",
					     "unset" };
	struct json_object *o = json_object_new_object();

	for (unsigned p = 0; p < POLICY_PERMISSIONS; p++)
		js_set_str(o, policy_permission_name((enum policy_permission)p),
			   words[bits >> (2 * p) & 3]);
	return o;
}
