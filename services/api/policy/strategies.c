#include "services/api/policy/strategies.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/site/keynames.h"
#include "services/api/account/users.h"
#include "services/api/core/etag.h"
#include "services/api/core/target.h"
#include "services/api/device/devices.h"
#include "services/api/journal/journal.h"
#include "services/api/policy/versions.h"
#include "services/api/rules/client_options.h"

enum { OPTIONS_MAX = 200 }; /* the client knows about 110 */

struct json_object *strategies_view(const struct doc *s, bool full)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", s->guid);
	js_set_str(o, "name", doc_text(s, STRATEGY_NAME));
	js_set_str(o, "note", doc_text(s, STRATEGY_NOTE));
	js_set_bool(o, "status", doc_bool(s, STRATEGY_ENABLED, true));
	js_set_int(o, "modified_at", doc_int(s, STRATEGY_MODIFIED_AT, 0));
	if (full)
		doc_show(o, s, STRATEGY_OPTIONS.of);
	return o;
}

static bool collect(void *ctx, struct doc *s)
{
	js_push(ctx, strategies_view(s, false));
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

	if (!s)
		return call_missing(c);
	etag_show(c, s->raw);
	return call_json(c, strategies_view(s, true));
}

/* Values are texts: the client drops a strategy with anything else. */
static const char *check_option(struct call *c, const char *name,
				struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string) ||
	    json_object_get_string_len(value) > 4096 || !text_is_id(name))
		return call_fmt(c, "Invalid format: config_options: %.64s",
				name);
	const char *must =
		client_option_refuses(name, json_object_get_string(value));

	return must ? call_fmt(c,
			       "Invalid format: config_options: %s must be %s",
			       name, must)
		    : NULL;
}

static const char *check_options(struct call *c, struct json_object *options)
{
	const char *bad = NULL;

	if (options && js_size(options) > OPTIONS_MAX)
		return "Too many options";
	if (!options)
		return NULL;
	for (struct js_each m = js_each(options); !bad && js_next(&m);)
		bad = check_option(c, m.key, m.value);
	return bad;
}

static int save(struct call *c, struct doc *s)
{
	const char *name = js_str(c->in, "name");
	struct json_object *options = js_obj(c->in, "config_options");
	const char *bad = check_options(c, options);
	struct tx t;

	if (!bad)
		bad = doc_rename(&c->db, s, name, "Strategy already exists");
	if (bad)
		return call_error(c, 400, bad);
	doc_take(s, c->in, STRATEGY_NAME.of);
	doc_take(s, c->in, STRATEGY_NOTE.of);
	if (js_has(c->in, "enabled"))
		doc_take(s, c->in, STRATEGY_ENABLED.of);
	tx_init(&t, &c->db);
	/* What is as it was is not pushed again. */
	if (options && json_object_equal(options, doc_obj(s, STRATEGY_OPTIONS)))
		options = NULL;
	if (options || !s->raw) {
		/* Unique, so that a device which changes from one strategy to
		 * another sees a new time stamp. */
		const char *unique =
			db_text(db_do(&c->db, "GET", KEY_STRATEGY_STAMP, NULL));
		int64_t last = unique ? strtoll(unique, NULL, 10) : 0;
		int64_t now = (int64_t)c->now_ms;

		if (now <= last)
			now = last + 1;
		tx_expect_key(&t, KEY_STRATEGY_STAMP, unique);
		tx_do(&t, "SET", KEY_STRATEGY_STAMP,
		      call_fmt(c, "%" PRId64, now), NULL);
		doc_set_int(s, STRATEGY_MODIFIED_AT, now);
		doc_set_obj(s, STRATEGY_OPTIONS,
			    options ? json_object_get(options)
				    : json_object_new_object());
	}
	versions_keep(&t, c, s);
	doc_save(&t, s);
	journal_write(&t, c, CONSOLE_STRATEGY, CONSOLE_CHANGE_STRATEGY,
		      doc_text(s, STRATEGY_NAME));
	int r = tx_commit(&t);
	return r ? r : call_json(c, strategies_view(s, true));
}

int strategies_create(struct call *c)
{
	return save(c, doc_new(&c->db, DOC_STRATEGY, c->now_ms));
}

int strategies_update(struct call *c)
{
	struct doc *s = doc_get(&c->db, DOC_STRATEGY, c->param[0]);

	if (!s)
		return call_missing(c);
	return etag_matches(c, s->raw) ? save(c, s) : 0;
}

int strategies_status(struct call *c)
{
	struct doc *s = doc_get(&c->db, DOC_STRATEGY, c->param[0]);
	struct tx t;

	if (!s)
		return call_missing(c);
	doc_set_bool(s, STRATEGY_ENABLED, json_object_get_boolean(c->in));
	tx_init(&t, &c->db);
	doc_save(&t, s);
	journal_write(&t, c, CONSOLE_STRATEGY, CONSOLE_CHANGE_STRATEGY,
		      doc_text(s, STRATEGY_NAME));
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
	versions_forget(&t, s);
	doc_delete(&t, s);
	journal_write(&t, c, CONSOLE_STRATEGY, CONSOLE_CHANGE_STRATEGY,
		      doc_text(s, STRATEGY_NAME));
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
	struct target t = device && doc ? target_device(&c->db, doc)
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

static struct field_text strategy_of(enum doc_kind kind)
{
	return kind == DOC_USER     ? USER_STRATEGY
	       : kind == DOC_DEVICE ? DEVICE_STRATEGY
				    : GROUP_STRATEGY;
}

/* Sets the strategy of one object; false: answered with an error. */
static bool assign_one(struct call *c, struct tx *t, enum doc_kind kind,
		       const char *guid, const char *strategy)
{
	struct doc *doc = open_one(c, kind, guid);

	if (!doc)
		return false;
	doc_set_text(doc, strategy_of(kind), strategy);
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
	journal_write(&t, c, CONSOLE_STRATEGY, CONSOLE_CHANGE_STRATEGY,
		      doc_name_of(&c->db, DOC_STRATEGY, guid));
	return call_result(c, tx_commit(&t));
}
