#include "services/api/policy/strategies.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "services/api/account/users.h"
#include "services/api/device/devices.h"
#include "services/api/device/trust.h"
#include "services/api/journal/journal.h"
#include "services/api/rules/strategy.h"

enum { OPTIONS_MAX = 200 }; /* the client knows about 110 */

struct levels {
	struct strategy_ref refs[3]; /* device, user, device group */
	struct doc *docs[3];
};

static void add_level(struct db *d, struct levels *l, int i, const char *guid)
{
	struct doc *s = *guid ? doc_get(d, DOC_STRATEGY, guid) : NULL;

	if (!s)
		return;
	l->docs[i] = s;
	l->refs[i] = (struct strategy_ref){
		.guid = s->guid,
		.enabled = js_bool(s->j, "enabled", true),
		.modified = js_int(s->j, "modified_at", 0),
	};
}

static void load_levels(struct db *d, const struct doc *dev, struct levels *l)
{
	struct doc *user = doc_get(d, DOC_USER, js_text(dev->j, "owner"));
	struct doc *group =
		doc_get(d, DOC_DEVICE_GROUP, js_text(dev->j, "group"));

	memset(l, 0, sizeof(*l));
	add_level(d, l, 0, js_text(dev->j, "strategy"));
	add_level(d, l, 1, user ? js_text(user->j, "strategy") : "");
	add_level(d, l, 2, group ? js_text(group->j, "strategy") : "");
}

struct doc *strategy_effective(struct db *d, const struct doc *dev)
{
	struct levels l;

	load_levels(d, dev, &l);
	int i = strategy_pick(l.refs);
	return i < 0 ? NULL : l.docs[i];
}

static bool has_secret(const struct doc *s)
{
	struct json_object *options = js_obj(s->j, "config_options");

	for (struct js_each m = js_each(options); js_next(&m);)
		if (strategy_secret(m.key, json_object_get_string(m.value)))
			return true;
	return false;
}

/* Heartbeats carry no proof, so a stranger may be asking in its name. */
static bool withheld(struct db *d, const struct doc *dev, const struct doc *s)
{
	return has_secret(s) && !trust_proved(d, dev);
}

void strategy_reply(struct db *d, const struct doc *dev, int64_t reported,
		    struct json_object *reply)
{
	struct levels l;

	load_levels(d, dev, &l);
	int i = strategy_pick(l.refs);
	enum strategy_answer answer =
		strategy_answer(i < 0 ? NULL : &l.refs[i], reported);
	if (answer == STRATEGY_PUSH && withheld(d, dev, l.docs[i]))
		answer = strategy_answer(NULL, reported);
	switch (answer) {
	case STRATEGY_SILENT:
		return;
	case STRATEGY_FORGET:
		js_set_int(reply, "modified_at", 0);
		return;
	case STRATEGY_PUSH:
		break;
	}
	struct json_object *s = json_object_new_object();
	struct json_object *options = js_obj(l.docs[i]->j, "config_options");
	js_set(s, "config_options",
	       options ? json_object_get(options) : json_object_new_object());
	js_set(s, "extra", json_object_new_object());
	js_set_int(reply, "modified_at", l.refs[i].modified);
	js_set(reply, "strategy", s);
}

static struct json_object *view(const struct doc *s, bool full)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", s->guid);
	js_set_str(o, "name", js_text(s->j, "name"));
	js_set_str(o, "note", js_text(s->j, "note"));
	js_set_bool(o, "status", js_bool(s->j, "enabled", true));
	js_set_int(o, "modified_at", js_int(s->j, "modified_at", 0));
	if (full)
		js_copy(o, s->j, "config_options");
	return o;
}

static bool collect(void *ctx, struct doc *s)
{
	js_push(ctx, view(s, false));
	return true;
}

int strategies_list(struct call *c)
{
	struct json_object *out = json_object_new_array();

	doc_each(&c->db, DOC_STRATEGY, collect, out);
	return call_json(c, out);
}

int strategies_show(struct call *c)
{
	struct doc *s = doc_get(&c->db, DOC_STRATEGY, c->param[0]);

	return s ? call_json(c, view(s, true)) : call_missing(c);
}

/* Values are texts: the client drops a strategy with anything else. */
static const char *check_options(struct json_object *options)
{
	if (options && js_size(options) > OPTIONS_MAX)
		return "Too many options";
	if (!options)
		return NULL;
	for (struct js_each m = js_each(options); js_next(&m);) {
		if (!json_object_is_type(m.value, json_type_string) ||
		    json_object_get_string_len(m.value) > 4096 ||
		    !text_is_id(m.key))
			return "Invalid format: config_options";
	}
	return NULL;
}

static int save(struct call *c, struct doc *s)
{
	const char *name = js_str(c->in, "name");
	struct json_object *options = js_obj(c->in, "config_options");
	const char *bad = check_options(options);
	struct tx t;

	if (!bad)
		bad = doc_rename(&c->db, s, name, "Strategy already exists");
	if (bad)
		return call_error(c, 400, bad);
	js_copy(s->j, c->in, "name");
	js_copy(s->j, c->in, "note");
	if (js_has(c->in, "enabled"))
		js_copy(s->j, c->in, "enabled");
	tx_init(&t, &c->db);
	/* What is as it was is not pushed again. */
	if (options &&
	    json_object_equal(options, js_obj(s->j, "config_options")))
		options = NULL;
	if (options || !s->raw) {
		/* Unique, so that a device which changes from one strategy to
		 * another sees a new time stamp. */
		const char *unique = db_text(
			db_do(&c->db, "GET", "api:strategy:stamp", NULL));
		int64_t last = unique ? strtoll(unique, NULL, 10) : 0;
		int64_t now = (int64_t)c->now_ms;

		if (now <= last)
			now = last + 1;
		tx_expect_key(&t, "api:strategy:stamp", unique);
		tx_do(&t, "SET", "api:strategy:stamp",
		      call_fmt(c, "%" PRId64, now), NULL);
		js_set_int(s->j, "modified_at", now);
		js_set(s->j, "config_options",
		       options ? json_object_get(options)
			       : json_object_new_object());
	}
	doc_save(&t, s);
	console_log(&t, c, CONSOLE_STRATEGY, CONSOLE_CHANGE_STRATEGY,
		    js_text(s->j, "name"));
	int r = tx_commit(&t);
	return r ? r : call_json(c, view(s, true));
}

int strategies_create(struct call *c)
{
	return save(c, doc_new(&c->db, DOC_STRATEGY, c->now_ms));
}

int strategies_update(struct call *c)
{
	struct doc *s = doc_get(&c->db, DOC_STRATEGY, c->param[0]);

	return s ? save(c, s) : call_missing(c);
}

int strategies_status(struct call *c)
{
	struct doc *s = doc_get(&c->db, DOC_STRATEGY, c->param[0]);
	struct tx t;

	if (!s)
		return call_missing(c);
	js_set_bool(s->j, "enabled", json_object_get_boolean(c->in));
	tx_init(&t, &c->db);
	doc_save(&t, s);
	console_log(&t, c, CONSOLE_STRATEGY, CONSOLE_CHANGE_STRATEGY,
		    js_text(s->j, "name"));
	return call_result(c, tx_commit(&t));
}

/* References to a deleted strategy mean "none": nothing else to change. */
int strategies_delete(struct call *c)
{
	struct doc *s = doc_get(&c->db, DOC_STRATEGY, c->param[0]);
	struct tx t;

	if (!s)
		return call_missing(c);
	tx_init(&t, &c->db);
	doc_delete(&t, s);
	console_log(&t, c, CONSOLE_STRATEGY, CONSOLE_CHANGE_STRATEGY,
		    js_text(s->j, "name"));
	return call_result(c, tx_commit(&t));
}

/* The guid of what TEXT names: a guid, or a name (a device's id). */
static const char *named(struct call *c, enum doc_kind kind, const char *text)
{
	const char *guid = text;

	if (!text_is_guid(text) || !doc_get(&c->db, kind, text))
		guid = doc_guid_by_name(&c->db, kind, text);
	return guid;
}

/* What may get a strategy, if the caller may give it one; else answered,
 * NULL. */
static struct doc *open_one(struct call *c, enum doc_kind kind,
			    const char *guid)
{
	if (kind == DOC_USER)
		return user_open(c, guid, PERM_USER_STRATEGY);
	struct doc *doc = doc_get(&c->db, kind, guid);
	bool device = kind == DOC_DEVICE;
	struct target t = device && doc ? device_target(&c->db, doc)
					: (struct target){ .dgroup = guid };

	if (!doc)
		call_missing(c);
	else if (!call_may(c,
			   device ? PERM_DEVICE_STRATEGY : PERM_DGROUP_STRATEGY,
			   &t))
		call_forbidden(c);
	else
		return doc;
	return NULL;
}

/* Sets the strategy of one object; false: answered with an error. */
static bool assign_one(struct call *c, struct tx *t, enum doc_kind kind,
		       const char *guid, const char *strategy)
{
	struct doc *doc = open_one(c, kind, guid);

	if (!doc)
		return false;
	js_set_str(doc->j, "strategy", strategy);
	doc_save(t, doc);
	return true;
}

static bool assign_named(struct call *c, struct tx *t, enum doc_kind kind,
			 const char *text, const char *strategy)
{
	const char *guid = named(c, kind, text);

	if (guid)
		return assign_one(c, t, kind, guid, strategy);
	call_error(c, 404, call_fmt(c, "Does not exist: %.64s", text));
	return false;
}

int strategies_assign(struct call *c)
{
	static const struct {
		const char *member;
		enum doc_kind kind;
	} lists[] = { { "peers", DOC_DEVICE },
		      { "users", DOC_USER },
		      { "groups", DOC_DEVICE_GROUP } };
	const char *guid = js_text(c->in, "strategy");
	struct tx t;

	if (*guid)
		guid = named(c, DOC_STRATEGY, guid);
	if (!guid)
		return call_error(c, 404,
				  "Does not exist: strategy (its guid "
				  "or its name)");
	if (!js_len(js_arr(c->in, "peers")) &&
	    !js_len(js_arr(c->in, "users")) && !js_len(js_arr(c->in, "groups")))
		return call_error(c, 400, "Nothing to assign to");
	tx_init(&t, &c->db);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct json_object *arr = js_arr(c->in, lists[i].member);

		for (size_t k = 0; k < js_len(arr); k++)
			if (!assign_named(c, &t, lists[i].kind, js_at(arr, k),
					  guid))
				return 0;
	}
	console_log(&t, c, CONSOLE_STRATEGY, CONSOLE_CHANGE_STRATEGY,
		    doc_name_of(&c->db, DOC_STRATEGY, guid));
	return call_result(c, tx_commit(&t));
}

int strategies_effect(struct call *c)
{
	static const char *const from[] = { "device", "user", "device_group" };
	struct doc *dev = doc_get(&c->db, DOC_DEVICE, c->param[0]);
	struct levels l;

	if (!dev)
		return call_missing(c);
	struct target t = device_target(&c->db, dev);
	if (!call_may(c, PERM_DEVICE_VIEW, &t))
		return call_forbidden(c);
	load_levels(&c->db, dev, &l);
	int i = strategy_pick(l.refs);
	struct json_object *o = json_object_new_object();
	if (i >= 0) {
		js_set_str(o, "from", from[i]);
		js_set(o, "strategy", view(l.docs[i], true));
		js_set_bool(o, "withheld", withheld(&c->db, dev, l.docs[i]));
	}
	return call_json(c, o);
}
