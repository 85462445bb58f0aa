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

static struct json_object *show_rules(struct call *c, struct json_object *rules)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < js_len(rules); i++) {
		struct json_object *r = js_item(rules, i);
		int64_t type = field_int(r, REF_TYPE, -1);

		if (type < 0 || type >= (int64_t)ARRAY_LEN(rule_kinds))
			continue;
		const char *name = doc_name_of(&c->db, rule_kinds[type],
					       field_text(r, REF_GUID));
		if (!*name)
			continue; /* deleted since */
		struct json_object *o = json_object_new_object();
		js_set_int(o, "type", type);
		js_set_str(o, "name", name);
		js_push(out, o);
	}
	return out;
}

static struct json_object *view(struct call *c, const struct groups *g,
				const struct doc *doc)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", doc->guid);
	js_set_str(o, "name", doc_text(doc, GROUP_NAME));
	js_set_str(o, "note", doc_text(doc, GROUP_NOTE));
	js_set_int(o, "created_at", doc_int(doc, ANY_CREATED_AT, 0) / 1000);
	js_set(o, "allowed_incomings",
	       show_rules(c, doc_list(doc, GROUP_INCOMING)));
	if (g->out_types)
		js_set(o, "allowed_outgoings",
		       show_rules(c, doc_list(doc, GROUP_OUTGOING)));
	else
		js_set_str(o, "strategy_name",
			   doc_name_of(&c->db, DOC_STRATEGY,
				       doc_text(doc, GROUP_STRATEGY)));
	return o;
}

struct listing {
	struct call *c;
	const struct groups *g;
	struct page page;
};

static bool list_one(void *ctx, struct doc *doc)
{
	struct listing *l = ctx;
	struct target t = target_of(l->g, doc->guid);

	if (call_may(l->c, l->g->view, &t) &&
	    text_like(call_query(l->c, "name"), doc_text(doc, GROUP_NAME)) &&
	    page_take(&l->page)) {
		js_push(l->page.data, view(l->c, l->g, doc));
		etag_last(&l->page, doc->raw);
	}
	return true;
}

static int list(struct call *c, const struct groups *g)
{
	struct listing l = { .c = c, .g = g };

	page_init(c, &l.page);
	doc_each(&c->db, g->kind, list_one, &l);
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
	console_log(&t, c, CONSOLE_GROUP, op, doc_text(doc, GROUP_NAME));
	int r = tx_commit(&t);
	return r ? r : call_json(c, view(c, g, doc));
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
	console_log(&t, c, CONSOLE_GROUP, CONSOLE_DELETE_GROUP,
		    doc_text(doc, GROUP_NAME));
	return call_result(c, tx_commit(&t));
}

int user_groups_list(struct call *c)
{
	return list(c, &user_groups);
}

int user_groups_create(struct call *c)
{
	return create(c, &user_groups);
}

int user_groups_update(struct call *c)
{
	return update(c, &user_groups);
}

int user_groups_delete(struct call *c)
{
	return remove_group(c, &user_groups);
}

/* Moving users needs the right to move users, not to edit the group. */
int user_groups_add(struct call *c)
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
	console_log(&t, c, CONSOLE_GROUP, CONSOLE_UPDATE_GROUP,
		    doc_text(group, GROUP_NAME));
	return call_result(c, tx_commit(&t));
}

int device_groups_list(struct call *c)
{
	return list(c, &device_groups);
}

int device_groups_create(struct call *c)
{
	return create(c, &device_groups);
}

int device_groups_update(struct call *c)
{
	return update(c, &device_groups);
}

int device_groups_delete(struct call *c)
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
	console_log(&t, c, CONSOLE_GROUP, CONSOLE_UPDATE_GROUP,
		    doc_text(group, GROUP_NAME));
	return call_result(c, tx_commit(&t));
}

int device_groups_add(struct call *c)
{
	return move_devices(c, true);
}

int device_groups_remove(struct call *c)
{
	return move_devices(c, false);
}
