#include "services/api/client/sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/site/keynames.h"
#include "services/api/client/connections.h"
#include "services/api/client/heartbeat.lua.h"
#include "services/api/client/presets.h"
#include "services/api/client/record.h"
#include "services/api/core/rows.h"
#include "services/api/device/clones.h"
#include "services/api/device/devices.h"
#include "services/api/device/trust.h"
#include "services/api/policy/effective.h"

enum { CONNS_MAX = 500 }; /* live sessions of one device */

/* All that a heartbeat needs to know, in one round trip: the document, how
 * many audit rows are open, what is to be disconnected, and whether several
 * machines may have the id. */
static const struct redis_reply *load(struct call *c, const char *id)
{
	char low[DOC_NAME_MAX];

	text_lower(low, sizeof(low), id);
	return db_eval(&c->db, &heartbeat_lua, 0, low, NULL);
}

static struct doc *device_of(struct call *c, const struct redis_reply *r)
{
	struct doc *dev = doc_of(&c->pool, DOC_DEVICE, db_text(db_item(r, 0)),
				 db_text(db_item(r, 1)));

	return dev && strcmp(doc_text(dev, DEVICE_UUID),
			     js_text(c->in, "uuid")) == 0
		       ? dev
		       : NULL;
}

static bool lists(struct json_object *conns, long long id)
{
	size_t n = js_len(conns) < CONNS_MAX ? js_len(conns) : CONNS_MAX;

	for (size_t i = 0; i < n; i++)
		if (json_object_get_int64(js_item(conns, i)) == id)
			return true;
	return false;
}

/* What is still connected is told to disconnect again; what is gone is
 * forgotten. */
static void add_disconnects(struct call *c, const struct doc *dev,
			    const struct redis_reply *kicks,
			    struct json_object *reply)
{
	struct json_object *conns = js_arr(c->in, "conns");
	struct json_object *out = call_array(c);
	const char *key = call_fmt(c, KEY_KICK, dev->guid);

	for (size_t i = 0; i < db_count(kicks); i++) {
		const char *text = db_text(db_item(kicks, i));
		long long id = strtoll(text, NULL, 10);

		if (lists(conns, id))
			js_push(out, json_object_new_int64(id));
		else
			db_do(&c->db, "SREM", key, text, NULL);
	}
	if (js_len(out))
		js_set(reply, "disconnect", json_object_get(out));
}

/* Known to hbbs, but not in the inventory: ask for its data. */
static bool wants_sysinfo(struct call *c)
{
	struct peer p;

	return peer_load(&c->db, js_text(c->in, "id"), &p) && !p.no_register &&
	       peer_same_machine(&p, js_text(c->in, "uuid")) &&
	       !device_deleted(&c->db, p.guid);
}

int sync_heartbeat(struct call *c)
{
	struct json_object *reply = json_object_new_object();
	const char *id = js_text(c->in, "id");

	pool_json(&c->pool, reply);
	metric_add(&c->app->metrics, M_HEARTBEATS, 1);
	if (!text_is_id(id))
		return call_json(c, json_object_get(reply));
	const struct redis_reply *r = load(c, id);
	struct doc *dev = device_of(c, r);
	if (!dev) {
		if (wants_sysinfo(c))
			js_set_bool(reply, "sysinfo", true);
		return call_json(c, json_object_get(reply));
	}
	record_here(c, dev->guid);
	add_disconnects(c, dev, db_item(r, 3), reply);
	if (db_num(db_item(r, 2)) > 0)
		connections_sweep(c, dev->guid, js_arr(c->in, "conns"));
	if (db_num(db_item(r, 4)) > 0)
		js_set_bool(reply, "sysinfo", true);
	effective_reply(c, dev, js_int(c->in, "modified_at", 0), reply);
	return call_json(c, json_object_get(reply));
}

/* The reported facts, under the names of the client. */
static void take_info(struct call *c, struct doc *dev)
{
	const struct field_text facts[] = { INFO_HOSTNAME, INFO_USERNAME,
					    INFO_OS,       INFO_CPU,
					    INFO_MEMORY,   INFO_VERSION };
	struct json_object *info = json_object_new_object();

	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		field_copy(info, c->in, facts[i].of);
	doc_set_obj(dev, DEVICE_INFO, info);
}

/* Another inventory entry still has this id: the record of hbbs is right. */
static void evict(struct tx *t, struct call *c, const char *id, struct doc *dev)
{
	struct doc *other = device_by_id(&c->db, id);

	if (!other || strcmp(other->guid, dev->guid) == 0)
		return;
	device_remove(t, other);
	dev->name_from = other->guid;
}

static int update(struct call *c, const char *id, const struct peer *p)
{
	struct doc *dev = doc_get(&c->db, DOC_DEVICE, p->guid);
	struct tx t;

	tx_init(&t, &c->db);
	if (!dev)
		dev = device_new(c, id, p);
	if (strcasecmp(dev->name, id) != 0)
		evict(&t, c, id, dev);
	doc_set_text(dev, DEVICE_ID, id);
	doc_set_text(dev, DEVICE_UUID, js_text(c->in, "uuid"));
	take_info(c, dev);
	clones_note(&t, c, dev);
	presets_take(&t, c, dev, p);
	if (t.ops.n == 0 && !doc_changed(dev))
		return call_text(c, "SYSINFO_UPDATED");
	if (trust_no_room(c, p))
		return 0;
	device_save(&t, dev);
	int r = tx_commit(&t);
	return r ? r : call_text(c, "SYSINFO_UPDATED");
}

int sync_sysinfo(struct call *c)
{
	const char *id = js_text(c->in, "id");
	struct peer p;

	if (!peer_load(&c->db, id, &p) || p.no_register ||
	    !peer_same_machine(&p, js_text(c->in, "uuid")))
		return call_text(c, "ID_NOT_FOUND");
	if (device_deleted(&c->db, p.guid))
		return call_text(c, "DELETED"); /* asks again in 120 s */
	return update(c, id, &p);
}

/* Constant until the device table is reset: made with the first call. */
int sync_sysinfo_version(struct call *c)
{
	static const char key[] = KEY_SYSINFO_VERSION;
	char guid[GUID_TEXT];

	text_guid7(c->now_ms, guid);
	db_do(&c->db, "SETNX", key, guid, NULL);
	const char *version = db_text(db_do(&c->db, "GET", key, NULL));
	return call_text(c, version ? version : "");
}
