#include "services/api/policy/groups.h"

#include <string.h>
#include <strings.h>

#include "common/site/policy_row.h"
#include "services/api/account/users.h"
#include "services/api/core/etag.h"
#include "services/api/core/rows.h"
#include "services/api/core/target.h"
#include "services/api/device/devices.h"
#include "services/api/journal/journal.h"

/* What differs between the two kinds. */
struct groups {
	enum doc_kind kind;
	enum perm view, edit;
	unsigned in_types;  /* bits of rule types allowed as incoming */
	unsigned out_types; /* and as outgoing */
};

static const struct groups user_groups = { DOC_USER_GROUP, PERM_UGROUP_VIEW,
					   PERM_UGROUP_EDIT, BIT(0) | BIT(2),
					   BIT(0) | BIT(1) };
static const struct groups device_groups = { DOC_DEVICE_GROUP, PERM_DGROUP_VIEW,
					     PERM_DGROUP_EDIT, BIT(0) | BIT(2),
					     0 };

static const enum doc_kind rule_kinds[] = { DOC_USER_GROUP, DOC_DEVICE_GROUP,
					    DOC_USER };

static struct target target_of(const struct groups *g, const char *guid)
{
	return g->kind == DOC_USER_GROUP ? (struct target){ .ugroup = guid }
					 : (struct target){ .dgroup = guid };
}

/* What rules name, each kind of it read in one go; the rules are walked twice
 * in the same order, AT is how far. */
struct named {
	const char **guids;
	struct doc **docs;
	size_t n, at;
};

enum { RULE_KINDS = ARRAY_LEN(rule_kinds) };

/* The kind of rule R, or RULE_KINDS. */
static size_t kind_of(struct json_object *r)
{
	int64_t type = field_int(r, REF_TYPE, -1);

	return type < 0 || type > RULE_KINDS ? RULE_KINDS : (size_t)type;
}

static void collect(struct named *by, struct json_object *rules)
{
	for (size_t i = 0; i < js_len(rules); i++) {
		struct json_object *r = js_item(rules, i);
		size_t kind = kind_of(r);

		if (kind < RULE_KINDS)
			by[kind].guids[by[kind].n++] = field_text(r, REF_GUID);
	}
}

static void collect_all(struct db *d, struct named *by,
			struct doc *const *groups, size_t n)
{
	size_t most = 0;

	for (size_t i = 0; i < n; i++)
		most += js_len(doc_list(groups[i], GROUP_INCOMING)) +
			js_len(doc_list(groups[i], GROUP_OUTGOING));
	for (size_t k = 0; k < RULE_KINDS; k++)
		by[k] = (struct named){
			.guids = pool_alloc(d->pool,
					    (most + 1) * sizeof(char *)),
		};
	for (size_t i = 0; i < n; i++) {
		collect(by, doc_list(groups[i], GROUP_INCOMING));
		collect(by, doc_list(groups[i], GROUP_OUTGOING));
	}
	for (size_t k = 0; k < RULE_KINDS; k++)
		by[k].docs =
			doc_each_for(d, rule_kinds[k], by[k].guids, by[k].n);
}

/* Takes its part of BY. */
static struct json_object *show_rules(struct named *by,
				      struct json_object *rules)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < js_len(rules); i++) {
		size_t kind = kind_of(js_item(rules, i));

		if (kind == RULE_KINDS)
			continue;
		const char *name = doc_name(by[kind].docs[by[kind].at++]);
		if (!*name)
			continue; /* deleted since */
		struct json_object *o = json_object_new_object();
		js_set_int(o, "type", (int64_t)kind);
		js_set_str(o, "name", name);
		js_push(out, o);
	}
	return out;
}

static struct json_object *view(const struct groups *g, const struct doc *doc,
				struct named *by, const struct doc *strategy)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", doc->guid);
	js_set_str(o, "name", doc_text(doc, GROUP_NAME));
	js_set_str(o, "note", doc_text(doc, GROUP_NOTE));
	js_set_int(o, "created_at", doc_int(doc, ANY_CREATED_AT, 0) / 1000);
	js_set(o, "allowed_incomings",
	       show_rules(by, doc_list(doc, GROUP_INCOMING)));
	struct json_object *out = show_rules(by, doc_list(doc, GROUP_OUTGOING));
	if (g->out_types) {
		js_set(o, "allowed_outgoings", out);
	} else {
		json_object_put(out);
		js_set_str(o, "strategy_name", doc_name(strategy));
	}
	return o;
}

static struct json_object *view_one(struct call *c, const struct groups *g,
				    struct doc *doc)
{
	struct named by[RULE_KINDS];

	collect_all(&c->db, by, &doc, 1);
	return view(g, doc, by,
		    *doc_named(&c->db, DOC_STRATEGY, &doc, 1, GROUP_STRATEGY));
}

static void push_all(struct call *c, const struct groups *g, struct page *p,
		     struct doc *const *list, size_t n)
{
	struct named by[RULE_KINDS];

	collect_all(&c->db, by, list, n);
	struct doc **strategies =
		doc_named(&c->db, DOC_STRATEGY, list, n, GROUP_STRATEGY);
	for (size_t i = 0; i < n; i++) {
		js_push(p->data, view(g, list[i], by, strategies[i]));
		etag_last(p, list[i]->raw);
	}
}

struct listing {
	struct call *c;
	const struct groups *g;
	struct page page;
	const char **guids; /* of those on the page */
	size_t n;
};

static bool list_one(void *ctx, struct doc *doc)
{
	struct listing *l = ctx;
	struct target t = target_of(l->g, doc->guid);

	if (call_may(l->c, l->g->view, &t) &&
	    text_like(call_query(l->c, "name"), doc_text(doc, GROUP_NAME)) &&
	    page_take(&l->page))
		l->guids[l->n++] = pool_strdup(&l->c->pool, doc->guid);
	return true;
}

static int list(struct call *c, const struct groups *g)
{
	struct listing l = { .c = c, .g = g };
	size_t n;

	page_init(c, &l.page);
	l.guids = pool_alloc(&c->pool, (l.page.size + 1) * sizeof(char *));
	doc_each(&c->db, g->kind, list_one, &l);
	struct doc **groups = doc_many(&c->db, g->kind, l.guids, l.n, &n);
	push_all(c, g, &l.page, groups, n);
	return page_answer(c, &l.page);
}

/* Turns names into guids. NULL: ok. */
static const char *take_rules(struct call *c, struct doc *doc,
			      struct field_list rules, unsigned types)
{
	const char *member = rules.of.name;
	struct json_object *in = js_arr(c->in, member);
	struct json_object *out;

	if (!in)
		return NULL;
	if (js_len(in) > POLICY_RULES_MAX)
		return "Too many rules";
	out = json_object_new_array();
	doc_set_list(doc, rules, out);
	for (size_t i = 0; i < js_len(in); i++) {
		struct json_object *r = js_item(in, i);
		int64_t type = js_int(r, "type", -1);

		if (type < 0 || type > 2 || !(types & BIT(type)))
			return call_fmt(c, "Invalid format: %s", member);
		const char *guid = doc_guid_by_name(&c->db, rule_kinds[type],
						    js_text(r, "name"));
		if (!guid)
			return call_fmt(c, "Does not exist: %s",
					js_text(r, "name"));
		struct json_object *o = json_object_new_object();
		field_set_int(o, REF_TYPE, type);
		field_set_text(o, REF_GUID, guid);
		js_push(out, o);
	}
	return NULL;
}

static const char *take(struct call *c, const struct groups *g, struct doc *doc)
{
	const char *name = js_str(c->in, "name");
	const char *bad = doc_rename(&c->db, doc, name, "Group already exists");

	if (bad)
		return bad;
	doc_take(doc, c->in, GROUP_NAME.of);
	doc_take(doc, c->in, GROUP_NOTE.of);
	bad = take_rules(c, doc, GROUP_INCOMING, g->in_types);
	if (!bad && g->out_types)
		bad = take_rules(c, doc, GROUP_OUTGOING, g->out_types);
	return bad;
}

static int save(struct call *c, const struct groups *g, struct doc *doc,
		enum console_op op)
{
	const char *bad = take(c, g, doc);
	struct tx t;

	if (bad)
		return call_error(c, 400, bad);
	tx_init(&t, &c->db);
	doc_save(&t, doc);
	rows_group(&t, doc);
	journal_write(&t, c, CONSOLE_GROUP, op, doc_text(doc, GROUP_NAME));
	int r = tx_commit(&t);
	return r ? r : call_json(c, view_one(c, g, doc));
}

/* A new group is nobody's: only a global right makes one. */
static int create(struct call *c, const struct groups *g)
{
	if (!call_may_all(c, g->edit))
		return call_forbidden(c);
	return save(c, g, doc_new(&c->db, g->kind, c->now_ms),
		    CONSOLE_ADD_GROUP);
}

/* The group of the path, if the caller may edit it; else answered, NULL. */
static struct doc *open_group(struct call *c, const struct groups *g)
{
	struct doc *doc = doc_get(&c->db, g->kind, c->param[0]);
	struct target t = target_of(g, c->param[0]);

	if (!doc)
		call_missing(c);
	else if (!call_may(c, g->edit, &t))
		call_forbidden(c);
	else
		return doc;
	return NULL;
}

static int update(struct call *c, const struct groups *g)
{
	struct doc *doc = open_group(c, g);

	return doc && etag_matches(c, doc->raw)
		       ? save(c, g, doc, CONSOLE_UPDATE_GROUP)
		       : 0;
}

static int remove_group(struct call *c, const struct groups *g)
{
	struct doc *doc = open_group(c, g);
	struct tx t;

	if (!doc)
		return 0;
	tx_init(&t, &c->db);
	if (g->kind == DOC_DEVICE_GROUP && devices_ungroup(&t, doc->guid) < 0)
		return call_error(c, 400, "Move the devices first");
	if (g->kind == DOC_USER_GROUP &&
	    db_num(db_do(&c->db, "SCARD",
			 user_group_members_key(&c->db, doc->guid), NULL)) > 0)
		return call_error(c, 400, "Move the members first");
	doc_delete(&t, doc);
	rows_group_gone(&t, doc->guid);
	journal_write(&t, c, CONSOLE_GROUP, CONSOLE_DELETE_GROUP,
		      doc_text(doc, GROUP_NAME));
	return call_result(c, tx_commit(&t));
}

int groups_user_list(struct call *c)
{
	return list(c, &user_groups);
}

int groups_user_create(struct call *c)
{
	return create(c, &user_groups);
}

int groups_user_update(struct call *c)
{
	return update(c, &user_groups);
}

int groups_user_delete(struct call *c)
{
	return remove_group(c, &user_groups);
}

/* Moving users needs the right to move users, not to edit the group. */
int groups_user_add(struct call *c)
{
	struct doc *group = doc_get(&c->db, DOC_USER_GROUP, c->param[0]);
	struct tx t;

	if (!group)
		return call_missing(c);
	tx_init(&t, &c->db);
	for (size_t i = 0; i < js_len(c->in); i++) {
		struct doc *u = user_open(c, js_at(c->in, i), PERM_USER_GROUP);

		if (!u)
			return 0;
		doc_set_text(u, USER_GROUP, group->guid);
		user_save(&t, u);
	}
	journal_write(&t, c, CONSOLE_GROUP, CONSOLE_UPDATE_GROUP,
		      doc_text(group, GROUP_NAME));
	return call_result(c, tx_commit(&t));
}

int groups_device_list(struct call *c)
{
	return list(c, &device_groups);
}

int groups_device_create(struct call *c)
{
	return create(c, &device_groups);
}

int groups_device_update(struct call *c)
{
	return update(c, &device_groups);
}

int groups_device_delete(struct call *c)
{
	return remove_group(c, &device_groups);
}

static int move_devices(struct call *c, bool add)
{
	struct doc *group = doc_get(&c->db, DOC_DEVICE_GROUP, c->param[0]);
	struct tx t;

	if (!group)
		return call_missing(c);
	tx_init(&t, &c->db);
	for (size_t i = 0; i < js_len(c->in); i++) {
		struct doc *dev = device_by_id(&c->db, js_at(c->in, i));

		if (!dev)
			return call_missing(c);
		struct target who = target_device(&c->db, dev);
		if (!call_may(c, PERM_DEVICE_GROUP, &who))
			return call_forbidden(c);
		if (add)
			doc_set_text(dev, DEVICE_GROUP, group->guid);
		else if (strcmp(doc_text(dev, DEVICE_GROUP), group->guid) == 0)
			doc_set_text(dev, DEVICE_GROUP, "");
		device_save(&t, dev);
	}
	journal_write(&t, c, CONSOLE_GROUP, CONSOLE_UPDATE_GROUP,
		      doc_text(group, GROUP_NAME));
	return call_result(c, tx_commit(&t));
}

int groups_device_add(struct call *c)
{
	return move_devices(c, true);
}

int groups_device_remove(struct call *c)
{
	return move_devices(c, false);
}
