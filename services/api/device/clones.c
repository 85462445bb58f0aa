#include "services/api/device/clones.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "common/site/policy_row.h"
#include "services/api/core/target.h"
#include "services/api/device/clone.h"
#include "services/api/device/device_admin.h"
#include "services/api/device/devices.h"
#include "services/api/journal/journal.h"

/* --- find ----------------------------------------------------------------- */

static struct json_object *machine_of(struct call *c, const struct doc *dev)
{
	struct json_object *m = js_clone(doc_obj(dev, DEVICE_INFO));
	char key[GUID_TEXT];

	text_guid7(c->now_ms, key);
	field_set_text(m, MACHINE_KEY, key);
	return m;
}

static struct json_object *reporting(struct call *c, const struct doc *dev)
{
	struct json_object *m = machine_of(c, dev);
	char ip[ADDR_TEXT_MAX];

	field_set_text(m, MACHINE_ADDRESS, addr_format_ip(&c->client, ip));
	field_set_int(m, MACHINE_SEEN, (int64_t)(c->now_ms / 1000));
	return m;
}

static const char *watch_key(struct db *d, const char *guid)
{
	return pool_printf(d->pool, KEY_CLONE_WATCH, guid);
}

static void watch_save(struct tx *t, const char *guid, const char *json)
{
	tx_do(t, "SET", watch_key(t->db, guid), json, "EX",
	      pool_printf(t->db->pool, "%d", CLONE_WATCH_S), NULL);
}

/* What the device was before it was watched may have been a former name. */
static struct json_object *who_reported(struct json_object *watch)
{
	struct json_object *all = field_list(watch, CLONE_MACHINES);
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < js_len(all); i++)
		if (field_int(js_item(all, i), MACHINE_SEEN, 0) > 0)
			js_push(list, json_object_get(js_item(all, i)));
	return list;
}

/* Several machines have shown themselves. */
static void note_found(struct tx *t, struct call *c, struct doc *clone,
		       const char *guid, struct json_object *watch)
{
	if (!clone) {
		if (doc_total(&c->db, DOC_CLONE) >= CLONES_MAX) {
			log_warn("clones_full", "more ids of several machines "
						"than are listed");
			return;
		}
		clone = doc_new(&c->db, DOC_CLONE, c->now_ms);
		strcpy(clone->guid, guid);
		doc_set_text(clone, ANY_GUID, guid);
	}
	doc_set_list(clone, CLONE_MACHINES, who_reported(watch));
	doc_set_bool(clone, CLONE_IGNORED, false);
	doc_save(t, clone);
	tx_do(t, "DEL", watch_key(t->db, guid), NULL);
}

/* It is known already: whoever reports is shown as he is now. */
static void refresh(struct tx *t, struct call *c, struct doc *clone,
		    const struct doc *dev)
{
	clone_observe(clone->j, reporting(c, dev));
	doc_save(t, clone);
}

/* What is known of the machines of a device; RAW may be NULL. */
static struct json_object *read_watch(struct call *c, const char *raw)
{
	bool ok = false;
	struct json_object *watch =
		raw ? js_parse(&c->pool, raw, strlen(raw), &ok) : NULL;

	return ok && watch ? watch : call_object(c);
}

void clones_note(struct tx *t, struct call *c, const struct doc *dev)
{
	const struct doc *was = doc_old(&c->db, dev);
	struct json_object *info = doc_obj(dev, DEVICE_INFO);

	if (!was || !doc_has(was, DEVICE_INFO.of) ||
	    clone_same(doc_obj(was, DEVICE_INFO), info))
		return;
	struct doc *clone = doc_get(&c->db, DOC_CLONE, dev->guid);
	const char *key = watch_key(&c->db, dev->guid);
	const char *raw = db_text(db_do(&c->db, "GET", key, NULL));
	if (!raw && clone && clone_find(clone->j, info) >= 0) {
		refresh(t, c, clone, dev);
		return;
	}
	struct json_object *watch = read_watch(c, raw);
	tx_expect_key(t, key, raw);
	if (js_len(field_list(watch, CLONE_MACHINES)) == 0)
		clone_observe(watch, machine_of(c, was));
	clone_observe(watch, reporting(c, dev));
	watch_save(t, dev->guid, js_dump(watch));
	if (clone_found(watch))
		note_found(t, c, clone, dev->guid, watch);
}

void clones_forget(struct tx *t, const char *guid)
{
	tx_do(t, "HDEL", doc_key(DOC_CLONE), guid, NULL);
	tx_do(t, "ZREM", doc_order_key(DOC_CLONE), guid, NULL);
}

/* --- show ----------------------------------------------------------------- */

static bool count_open(void *ctx, struct doc *clone)
{
	*(size_t *)ctx += !doc_bool(clone, CLONE_IGNORED, false);
	return true;
}

size_t clones_open(struct db *d)
{
	size_t n = 0;

	doc_each(d, DOC_CLONE, count_open, &n);
	return n;
}

static struct json_object *view(const struct doc *clone, const struct doc *dev)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", clone->guid);
	doc_show(o, dev, DEVICE_ID.of);
	js_set_str(o, "device_name", device_title(dev));
	js_set_bool(o, "ignored", doc_bool(clone, CLONE_IGNORED, false));
	js_set_int(o, "created_at", doc_int(clone, ANY_CREATED_AT, 0) / 1000);
	js_set(o, "machines", json_object_get(doc_list(clone, CLONE_MACHINES)));
	return o;
}

struct listing {
	struct call *c;
	const char *device; /* guid, or NULL: all */
	struct page page;
};

static bool list_some(void *ctx, struct doc **clones, size_t n)
{
	struct listing *l = ctx;
	struct call *c = l->c;
	const char **guids = pool_alloc(&c->pool, (n + 1) * sizeof(*guids));

	for (size_t i = 0; i < n; i++)
		guids[i] = clones[i]->guid;
	struct doc **devs = doc_each_for(&c->db, DOC_DEVICE, guids, n);
	struct doc **owners =
		doc_named(&c->db, DOC_USER, devs, n, DEVICE_OWNER);
	for (size_t i = 0; i < n; i++) {
		if (!devs[i] || (l->device && strcmp(l->device, guids[i]) != 0))
			continue;
		struct target t = target_owned(devs[i], owners[i]);
		if (call_may(c, PERM_DEVICE_VIEW, &t) && page_take(&l->page))
			js_push(l->page.data, view(clones[i], devs[i]));
	}
	return true;
}

int clones_list(struct call *c)
{
	struct listing l = { .c = c, .device = call_query(c, "device") };

	page_init(c, &l.page);
	doc_chunks(&c->db, DOC_CLONE, list_some, &l);
	return page_answer(c, &l.page);
}

/* --- resolve -------------------------------------------------------------- */

struct order {
	struct call *c;
	struct doc *dev;
	struct doc *clone;
	struct tx t;
};

/* False: answered. */
static bool open_order(struct order *o, struct call *c)
{
	*o = (struct order){ .c = c };
	o->dev = device_open(c, PERM_DEVICE_ASSIGN);
	if (!o->dev)
		return false;
	o->clone = doc_get(&c->db, DOC_CLONE, o->dev->guid);
	if (!o->clone) {
		call_missing(c);
		return false;
	}
	tx_init(&o->t, &c->db);
	return true;
}

static int commit(struct order *o, const char *what)
{
	struct call *c = o->c;

	journal_write(
		&o->t, c, CONSOLE_DEVICE, CONSOLE_UPDATE_DEVICE,
		call_fmt(c, "%s (%s)", doc_text(o->dev, DEVICE_ID), what));
	return call_result(c, tx_commit(&o->t));
}

/* What was found is forgotten; who is still there is found again. */
static void look_again(struct order *o)
{
	doc_delete(&o->t, o->clone);
	watch_save(&o->t, o->dev->guid, "{}");
}

static const char *name_of(struct json_object *machine)
{
	return field_text(machine, INFO_HOSTNAME);
}

/* NULL, or why OTHER cannot be sent away without KEEP. */
static const char *tell_apart(struct order *o, struct json_object *keep,
			      struct json_object *other)
{
	const char *a = field_text(keep, MACHINE_ADDRESS);
	const char *b = field_text(other, MACHINE_ADDRESS);

	if (*a && *b && strcmp(a, b) != 0)
		return NULL;
	return call_fmt(o->c,
			"%s and %s come from the same address %s: the server "
			"cannot tell them apart. Give the copy a new ID there",
			name_of(keep), name_of(other), a);
}

/* How many orders are under way; those that are over are dropped. */
static size_t under_way(struct order *o)
{
	const struct redis_reply *all =
		db_do(&o->c->db, "HGETALL", POLICY_LEAVE, NULL);
	uint64_t now_s = o->c->now_ms / 1000;
	size_t n = 0;

	for (size_t i = 0; i + 1 < db_count(all); i += 2) {
		const char *row = db_text(db_item(all, i + 1));

		if (strtoull(row + strcspn(row, " "), NULL, 10) > now_s)
			n++;
		else
			tx_do(&o->t, "HDEL", POLICY_LEAVE,
			      db_text(db_item(all, i)), NULL);
	}
	return n;
}

static void send_away(struct order *o, struct json_object *machine)
{
	struct call *c = o->c;
	const char *row = call_fmt(c, "%s %s", doc_text(o->dev, DEVICE_ID),
				   field_text(machine, MACHINE_ADDRESS));

	tx_do(&o->t, "HSET", POLICY_LEAVE, row,
	      call_fmt(c, "1 %" PRIu64, c->now_ms / 1000 + CLONES_LEAVE_S),
	      NULL);
	tx_do(&o->t, "EXPIRE", POLICY_LEAVE, call_fmt(c, "%d", CLONES_LEAVE_S),
	      NULL);
}

static struct json_object *by_key(struct json_object *list, const char *key)
{
	for (size_t i = 0; i < js_len(list); i++)
		if (strcmp(field_text(js_item(list, i), MACHINE_KEY), key) == 0)
			return js_item(list, i);
	return NULL;
}

/* NULL, or why not. */
static const char *send_others(struct order *o)
{
	struct json_object *list = doc_list(o->clone, CLONE_MACHINES);
	const char *key = js_text(o->c->in, "machine");
	struct json_object *keep = by_key(list, key);

	if (!keep)
		return call_fmt(o->c, "Does not exist: %s", key);
	if (under_way(o) + CLONE_MACHINES_MAX > CLONES_LEAVE_MAX)
		return "Too many copies are being sent away: try again in five "
		       "minutes";
	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *other = js_item(list, i);
		const char *bad =
			other == keep ? NULL : tell_apart(o, keep, other);

		if (bad)
			return bad;
		if (other != keep)
			send_away(o, other);
	}
	return NULL;
}

int clones_keep(struct call *c)
{
	struct order o;

	if (!open_order(&o, c))
		return 0;
	const char *bad = send_others(&o);
	if (bad)
		return call_error(c, 400, bad);
	look_again(&o);
	return commit(&o, "copies take another ID");
}

int clones_ignore(struct call *c)
{
	struct order o;
	bool on = js_bool(c->in, "ignored", true);

	if (!open_order(&o, c))
		return 0;
	doc_set_bool(o.clone, CLONE_IGNORED, on);
	doc_save(&o.t, o.clone);
	return commit(&o, on ? "no copy" : "copied");
}

int clones_check(struct call *c)
{
	struct order o;

	if (!open_order(&o, c))
		return 0;
	look_again(&o);
	return commit(&o, "looking for copies");
}
