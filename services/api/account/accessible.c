#include "services/api/account/accessible.h"

#include <stdlib.h>
#include <string.h>

#include "services/api/account/users.h"
#include "services/api/core/options.h"
#include "services/api/device/devices.h"

enum { REACH_GROUPS_MAX = 1000 }; /* groups one user reaches */

/* Groups of users and of devices within reach. Rules: common/site/policy.c. */
struct reach {
	struct call *c;
	const char *self;
	const char *group;       /* own user group, or "" */
	struct json_object *out; /* own group's outgoing rules */
	const char *ug[REACH_GROUPS_MAX];
	const char *dg[REACH_GROUPS_MAX];
	size_t nug, ndg;
};

static bool names(struct json_object *rules, int64_t type, const char *guid)
{
	for (size_t i = 0; *guid && i < js_len(rules); i++) {
		struct json_object *r = js_item(rules, i);

		if (field_int(r, REF_TYPE, -1) == type &&
		    strcmp(field_text(r, REF_GUID), guid) == 0)
			return true;
	}
	return false;
}

static bool lets_in(const struct reach *r, const struct doc *group)
{
	struct json_object *in = doc_list(group, GROUP_INCOMING);

	return names(in, 2, r->self) || names(in, 0, r->group);
}

static bool add_user_group(void *ctx, struct doc *g)
{
	struct reach *r = ctx;

	if ((strcmp(g->guid, r->group) == 0 || names(r->out, 0, g->guid) ||
	     lets_in(r, g)) &&
	    r->nug < REACH_GROUPS_MAX)
		r->ug[r->nug++] = pool_strdup(&r->c->pool, g->guid);
	return true;
}

static bool add_device_group(void *ctx, struct doc *g)
{
	struct reach *r = ctx;

	if ((names(r->out, 1, g->guid) || lets_in(r, g)) &&
	    r->ndg < REACH_GROUPS_MAX)
		r->dg[r->ndg++] = pool_strdup(&r->c->pool, g->guid);
	return true;
}

static struct reach *load(struct call *c)
{
	struct reach *r = pool_alloc(&c->pool, sizeof(*r));

	r->c = c;
	r->self = call_self(c);
	r->group = doc_text(c->who.user, USER_GROUP);
	struct doc *mine = doc_get(&c->db, DOC_USER_GROUP, r->group);
	r->out = mine ? doc_list(mine, GROUP_OUTGOING) : NULL;
	doc_each(&c->db, DOC_USER_GROUP, add_user_group, r);
	doc_each(&c->db, DOC_DEVICE_GROUP, add_device_group, r);
	return r;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The members of all KEYS, sorted. */
static const char **members(struct call *c, const char **keys, size_t nkeys,
			    size_t *n)
{
	const char **argv = pool_alloc(&c->pool, (nkeys + 1) * sizeof(char *));
	size_t *lens = pool_alloc(&c->pool, (nkeys + 1) * sizeof(size_t));

	argv[0] = "SUNION";
	lens[0] = strlen("SUNION");
	for (size_t i = 0; i < nkeys; i++) {
		argv[i + 1] = keys[i];
		lens[i + 1] = strlen(keys[i]);
	}
	const struct redis_reply *r =
		nkeys ? db_argv(&c->db, (int)nkeys + 1, argv, lens) : NULL;
	*n = db_count(r);
	const char **out = pool_alloc(&c->pool, (*n + 1) * sizeof(char *));
	for (size_t i = 0; i < *n; i++)
		out[i] = db_text(db_item(r, i));
	qsort(out, *n, sizeof(char *), by_text);
	return out;
}

/* Users in reach; the caller is always one of them. */
static const char **reached_users(struct call *c, const struct reach *r,
				  size_t *n)
{
	const char **keys = pool_alloc(&c->pool, (r->nug + 1) * sizeof(char *));

	for (size_t i = 0; i < r->nug; i++)
		keys[i] = user_group_members_key(&c->db, r->ug[i]);
	const char **found = members(c, keys, r->nug, n);
	for (size_t i = 0; i < *n; i++)
		if (strcmp(found[i], r->self) == 0)
			return found;
	const char **out = pool_alloc(&c->pool, (*n + 1) * sizeof(char *));
	out[0] = r->self;
	if (*n)
		memcpy(out + 1, found, *n * sizeof(char *));
	(*n)++;
	return out;
}

/* True if the panel is switched off; answered then. The client clears its
 * lists when it sees the word "disabled". */
static bool switched_off(struct call *c)
{
	if (!field_bool(options_get(&c->db, "general"), GENERAL_NO_ACCESSIBLE,
			false))
		return false;
	call_error(c, 200, "Retrieving accessible devices is disabled.");
	return true;
}

static bool status_ok(struct call *c, int64_t status)
{
	const char *want = call_query(c, "status");

	return !want || !*want || status == call_query_int(c, "status", 1);
}

int accessible_users(struct call *c)
{
	struct page p;
	size_t n;

	if (switched_off(c))
		return 0;
	page_init(c, &p);
	const char **guids = reached_users(c, load(c), &n);
	struct doc **users = doc_many(&c->db, DOC_USER, guids, n, &n);
	for (size_t i = 0; i < n; i++)
		if (status_ok(c, doc_int(users[i], USER_STATUS, 1)) &&
		    page_take(&p))
			js_push(p.data, user_payload(users[i]));
	return page_answer(c, &p);
}

static struct json_object *peer_payload(const struct doc *dev,
					const struct doc *owner,
					const struct doc *group)
{
	struct json_object *o = json_object_new_object();
	struct json_object *info = json_object_new_object();
	struct json_object *sys = doc_obj(dev, DEVICE_INFO);
	const char *name = doc_text(dev, DEVICE_NAME);
	const char *user = doc_text(dev, DEVICE_USERNAME);

	doc_show(o, dev, DEVICE_ID.of);
	js_set_str(info, "device_name",
		   *name ? name : field_text(sys, INFO_HOSTNAME));
	js_set_str(info, "username",
		   *user ? user : field_text(sys, INFO_USERNAME));
	js_set_str(info, "os", field_text(sys, INFO_OS));
	js_set(o, "info", info);
	js_set_int(o, "status", doc_int(dev, DEVICE_STATUS, 1));
	js_set_str(o, "user", owner ? owner->guid : "");
	js_set_str(o, "user_name", doc_name(owner));
	js_set_str(o, "device_group_name", doc_name(group));
	js_set_str(o, "note", doc_text(dev, DEVICE_NOTE));
	return o;
}

static const char **reached_devices(struct call *c, const struct reach *r,
				    size_t *n)
{
	size_t nusers;
	const char **users = reached_users(c, r, &nusers);
	const char **keys =
		pool_alloc(&c->pool, (nusers + r->ndg) * sizeof(char *));

	for (size_t i = 0; i < nusers; i++)
		keys[i] = devices_owner_key(&c->db, users[i]);
	for (size_t i = 0; i < r->ndg; i++)
		keys[nusers + i] = devices_group_key(&c->db, r->dg[i]);
	return members(c, keys, nusers + r->ndg, n);
}

int accessible_peers(struct call *c)
{
	struct page p;
	size_t n;

	if (switched_off(c))
		return 0;
	page_init(c, &p);
	const char **guids = reached_devices(c, load(c), &n);
	struct doc **devs = doc_many(&c->db, DOC_DEVICE, guids, n, &n);
	struct doc **owners =
		doc_named(&c->db, DOC_USER, devs, n, DEVICE_OWNER);
	struct doc **groups =
		doc_named(&c->db, DOC_DEVICE_GROUP, devs, n, DEVICE_GROUP);
	for (size_t i = 0; i < n; i++) {
		const struct doc *owner = owners[i];
		bool off = owner && doc_int(owner, USER_STATUS, 1) == 0;

		if (status_ok(c, doc_int(devs[i], DEVICE_STATUS, 1)) && !off &&
		    page_take(&p))
			js_push(p.data,
				peer_payload(devs[i], owner, groups[i]));
	}
	return page_answer(c, &p);
}

/* The groups of the caller's own devices are his to see as well. */
static void add_own_groups(struct call *c, struct reach *r)
{
	const char *key = devices_owner_key(&c->db, r->self);
	size_t n;
	const char **guids = members(c, &key, 1, &n);
	struct doc **devs = doc_many(&c->db, DOC_DEVICE, guids, n, &n);

	for (size_t i = 0; i < n && r->ndg < REACH_GROUPS_MAX; i++) {
		const char *group = doc_text(devs[i], DEVICE_GROUP);
		size_t k = 0;

		while (k < r->ndg && strcmp(r->dg[k], group) != 0)
			k++;
		if (*group && k == r->ndg)
			r->dg[r->ndg++] = group;
	}
}

int accessible_device_groups(struct call *c)
{
	struct page p;

	if (switched_off(c))
		return 0;
	page_init(c, &p);
	struct reach *r = load(c);
	add_own_groups(c, r);
	for (size_t i = 0; i < r->ndg; i++) {
		if (!page_take(&p))
			continue;
		struct json_object *o = json_object_new_object();
		js_set_str(o, "name",
			   doc_name_of(&c->db, DOC_DEVICE_GROUP, r->dg[i]));
		js_push(p.data, o);
	}
	return page_answer(c, &p);
}
