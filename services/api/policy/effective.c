#include "services/api/policy/effective.h"

#include <string.h>

#include "services/api/core/target.h"
#include "services/api/device/devices.h"
#include "services/api/device/trust.h"
#include "services/api/policy/strategies.h"
#include "services/api/rules/client_options.h"
#include "services/api/rules/strategy.h"

enum { LEVELS = 3 };

static const char *const level_names[LEVELS] = { "device", "user",
						 "device_group" };

struct levels {
	struct strategy_ref refs[LEVELS];
	struct doc *docs[LEVELS];
	int pick; /* the one that applies, or -1 */
};

static void add_level(struct db *d, struct levels *l, int i, const char *guid)
{
	struct doc *s = *guid ? doc_get(d, DOC_STRATEGY, guid) : NULL;

	if (!s)
		return;
	l->docs[i] = s;
	l->refs[i] = (struct strategy_ref){
		.guid = s->guid,
		.enabled = doc_bool(s, STRATEGY_ENABLED, true),
		.modified = doc_int(s, STRATEGY_MODIFIED_AT, 0),
	};
}

static void load_levels(struct db *d, const struct doc *dev, struct levels *l)
{
	struct doc *user = doc_get(d, DOC_USER, doc_text(dev, DEVICE_OWNER));
	struct doc *group =
		doc_get(d, DOC_DEVICE_GROUP, doc_text(dev, DEVICE_GROUP));

	memset(l, 0, sizeof(*l));
	add_level(d, l, 0, doc_text(dev, DEVICE_STRATEGY));
	add_level(d, l, 1, user ? doc_text(user, USER_STRATEGY) : "");
	add_level(d, l, 2, group ? doc_text(group, GROUP_STRATEGY) : "");
	l->pick = strategy_pick(l->refs);
}

static struct json_object *options_of(const struct doc *s)
{
	return s ? doc_obj(s, STRATEGY_OPTIONS) : NULL;
}

static bool has_secret(const struct doc *s)
{
	for (struct js_each m = js_each(options_of(s)); js_next(&m);)
		if (strategy_secret(m.key, json_object_get_string(m.value)))
			return true;
	return false;
}

/* Heartbeats carry no proof, so a stranger may be asking in its name. */
static bool withheld(struct db *d, const struct doc *dev, const struct doc *s)
{
	return has_secret(s) && !trust_proved(d, dev);
}

/* --- heartbeats ----------------------------------------------------------- */

/* Written once for each change of the strategy, whatever devices report: a
 * heartbeat that lies again and again costs nothing. */
static void confirm(struct call *c, struct doc *dev, int64_t stamp)
{
	struct tx t;

	if (doc_int(dev, DEVICE_STRATEGY_AT, 0) == stamp)
		return;
	doc_set_int(dev, DEVICE_STRATEGY_AT, stamp);
	doc_set_int(dev, DEVICE_STRATEGY_SEEN, (int64_t)(c->now_ms / 1000));
	tx_init(&t, &c->db);
	doc_save(&t, dev);
	/* Somebody else changes it: the next heartbeat is soon enough. */
	(void)!tx_commit(&t);
}

static void push(const struct levels *l, struct json_object *reply)
{
	const struct strategy_ref *ref = &l->refs[l->pick];
	struct json_object *options = options_of(l->docs[l->pick]);
	struct json_object *s = json_object_new_object();

	js_set(s, "config_options",
	       options ? json_object_get(options) : json_object_new_object());
	js_set(s, "extra", json_object_new_object());
	js_set_int(reply, "modified_at", ref->modified);
	js_set(reply, "strategy", s);
}

void effective_reply(struct call *c, struct doc *dev, int64_t reported,
		     struct json_object *reply)
{
	struct levels l;

	load_levels(&c->db, dev, &l);
	const struct strategy_ref *ref = l.pick < 0 ? NULL : &l.refs[l.pick];
	enum strategy_answer answer = strategy_answer(ref, reported);
	if (answer == STRATEGY_PUSH && withheld(&c->db, dev, l.docs[l.pick]))
		answer = strategy_answer(NULL, reported);
	switch (answer) {
	case STRATEGY_SILENT:
		if (ref && ref->modified == reported)
			confirm(c, dev, reported);
		return;
	case STRATEGY_FORGET:
		js_set_int(reply, "modified_at", 0);
		return;
	case STRATEGY_PUSH:
		push(&l, reply);
	}
}

/* --- what comes from where ------------------------------------------------ */

static void describe(struct json_object *o, const struct client_option *known)
{
	struct json_object *values = json_object_new_array();

	js_set_str(o, "group", known->group);
	js_set_str(o, "kind", client_option_kind(known));
	js_set_str(o, "default", known->fallback);
	for (const char *p = known->values; *p;) {
		size_t n = strcspn(p, " ");

		js_push(values, json_object_new_string_len(p, (int)n));
		p += n + strspn(p + n, " ");
	}
	js_set(o, "values", values);
	js_set_str(o, "text", known->text);
}

/* Secrets are for those who may read strategies. */
static void set_value(struct call *c, struct json_object *o, const char *name,
		      const char *value)
{
	bool hidden = strategy_secret(name, value) &&
		      !call_may_all(c, PERM_STRATEGY_VIEW);

	js_set_str(o, "value", hidden ? "" : value);
	js_set_bool(o, "hidden", hidden);
}

static const char *value_at(const struct levels *l, int i, const char *name)
{
	const struct doc *s = l->docs[i];

	return s ? js_str(options_of(s), name) : NULL;
}

/* What the levels that do not apply would have said. */
static struct json_object *others(struct call *c, const struct levels *l,
				  const char *name)
{
	struct json_object *out = json_object_new_array();

	for (int i = 0; i < LEVELS; i++) {
		const struct doc *s = l->docs[i];
		const char *value = value_at(l, i, name);

		if (!s || !value || i == l->pick)
			continue;
		struct json_object *o = json_object_new_object();
		js_set_str(o, "from", level_names[i]);
		js_set_str(o, "strategy", doc_text(s, STRATEGY_NAME));
		set_value(c, o, name, value);
		js_push(out, o);
	}
	return out;
}

static void add_option(struct call *c, const struct levels *l, const char *name,
		       struct json_object *out)
{
	const struct client_option *known = client_option_find(name);
	const char *value = l->pick < 0 ? NULL : value_at(l, l->pick, name);
	struct json_object *o = json_object_new_object();

	js_set_str(o, "name", name);
	/* Whoever uses the device may have set what no strategy fixes. */
	js_set_str(o, "from", value ? level_names[l->pick] : "client");
	if (value)
		set_value(c, o, name, value);
	if (known)
		describe(o, known);
	js_set(o, "others", others(c, l, name));
	js_push(out, o);
}

/* Did a level before I name it already? */
static bool named_before(const struct levels *l, int i, const char *name)
{
	while (i-- > 0)
		if (value_at(l, i, name))
			return true;
	return false;
}

static struct json_object *all_options(struct call *c, const struct levels *l)
{
	struct json_object *out = json_object_new_array();
	const struct client_option *known;

	for (size_t i = 0; (known = client_option_at(i)); i++)
		add_option(c, l, known->name, out);
	for (int i = 0; i < LEVELS; i++)
		for (struct js_each m = js_each(options_of(l->docs[i]));
		     js_next(&m);)
			if (!client_option_find(m.key) &&
			    !named_before(l, i, m.key))
				add_option(c, l, m.key, out);
	return out;
}

static struct json_object *all_levels(const struct levels *l)
{
	struct json_object *out = json_object_new_array();

	for (int i = 0; i < LEVELS; i++) {
		if (!l->docs[i])
			continue;
		struct json_object *o = json_object_new_object();
		js_set_str(o, "from", level_names[i]);
		js_set_str(o, "guid", l->docs[i]->guid);
		js_set_str(o, "name", doc_text(l->docs[i], STRATEGY_NAME));
		js_set_bool(o, "enabled", l->refs[i].enabled);
		js_set_bool(o, "applies", i == l->pick);
		js_push(out, o);
	}
	return out;
}

int effective_show(struct call *c)
{
	struct doc *dev = doc_get(&c->db, DOC_DEVICE, c->param[0]);
	struct levels l;

	if (!dev)
		return call_missing(c);
	struct target t = target_device(&c->db, dev);
	if (!call_may(c, PERM_DEVICE_VIEW, &t))
		return call_forbidden(c);
	load_levels(&c->db, dev, &l);
	struct json_object *o = json_object_new_object();
	if (l.pick >= 0) {
		struct doc *s = l.docs[l.pick];
		bool has = doc_int(dev, DEVICE_STRATEGY_AT, 0) ==
			   l.refs[l.pick].modified;

		js_set_str(o, "from", level_names[l.pick]);
		js_set(o, "strategy",
		       strategies_view(s, call_may_all(c, PERM_STRATEGY_VIEW)));
		js_set_bool(o, "withheld", withheld(&c->db, dev, s));
		js_set_bool(o, "confirmed", has);
		if (has)
			js_set_int(o, "confirmed_at",
				   doc_int(dev, DEVICE_STRATEGY_SEEN, 0));
	}
	js_set(o, "levels", all_levels(&l));
	js_set(o, "options", all_options(c, &l));
	return call_json(c, o);
}

int effective_options(struct call *c)
{
	struct json_object *out = json_object_new_array();
	const struct client_option *known;

	for (size_t i = 0; (known = client_option_at(i)); i++) {
		struct json_object *o = json_object_new_object();

		js_set_str(o, "name", known->name);
		describe(o, known);
		js_push(out, o);
	}
	return call_json(c, out);
}
