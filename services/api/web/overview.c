#include "services/api/web/overview.h"

#include <inttypes.h>
#include <string.h>

#include "services/api/device/clones.h"
#include "services/api/web/history.h"
#include "services/api/web/live.h"
#include "services/api/web/watch.h"

static struct json_object *node_view(const struct node *n)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "service", n->service);
	js_set_str(o, "name", n->name);
	js_set_str(o, "version", n->version);
	js_set_int(o, "started", n->started_s);
	js_set_int(o, "sessions", n->sessions);
	js_set_int(o, "bits_per_s", (int64_t)n->bits_per_s);
	js_set_bool(o, "draining", n->draining);
	js_set_str(o, "address", n->address);
	js_set_str(o, "lan_address", n->lan_address);
	return o;
}

static void attend(struct json_object *list, const char *kind, const char *name)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "kind", kind);
	js_set_str(o, "name", name);
	js_push(list, o);
}

/* What an administrator should look at. The page has the sentences. */
static struct json_object *attention(const struct nodes *nodes)
{
	struct json_object *list = json_object_new_array();
	size_t hbbs = 0, hbbr = 0;

	for (size_t i = 0; i < nodes->n; i++) {
		const struct node *n = &nodes->list[i];

		hbbs += n->service[3] == 's';
		hbbr += n->service[3] == 'r';
		if (n->draining)
			attend(list, "node_draining", n->name);
		for (size_t k = 0; k < i; k++)
			if (strcmp(n->version, nodes->list[k].version) != 0) {
				attend(list, "versions_differ", n->name);
				break;
			}
	}
	if (hbbs == 0)
		attend(list, "no_rendezvous", "");
	if (hbbr == 0)
		attend(list, "no_relay", "");
	return list;
}

static long long alarms(struct call *c)
{
	return db_num(db_do(&c->db, "ZCOUNT", doc_order_key(DOC_AUDIT_ALARM),
			    call_fmt(c, "%" PRIu64, c->now_ms - 86400000),
			    "+inf", NULL));
}

static void add_redis(struct call *c, struct json_object *o)
{
	struct json_object *redis = json_object_new_object();

	js_set_bool(redis, "up", true); /* it has just answered */
	js_set_int(redis, "rtt_us", (int64_t)c->app->values[M_REDIS_RTT]);
	js_set(o, "redis", redis);
}

static void add_devices(struct call *c, struct json_object *o)
{
	struct index *ix = watch_index(c->app->watch);
	struct index_sums sums = ix ? index_sums(ix) : (struct index_sums){ 0 };

	if (ix)
		watch_done(c->app->watch);
	js_set_bool(o, "counting", !ix);
	js_set_int(o, "devices", (int64_t)doc_total(&c->db, DOC_DEVICE));
	js_set_int(o, "devices_online", (int64_t)sums.online);
}

bool overview_may(const struct call *c)
{
	return perm_any(c->who.grants, c->who.ngrants, PERM_DEVICE_VIEW) ||
	       perm_any(c->who.grants, c->who.ngrants, PERM_AUDIT_VIEW);
}

int web_overview(struct call *c)
{
	if (!overview_may(c))
		return call_forbidden(c);
	const struct nodes *nodes = nodes_load(call_state(c));
	struct relay_load relays = history_relays(nodes);
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	add_devices(c, o);
	js_set_int(o, "users", (int64_t)doc_total(&c->db, DOC_USER));
	js_set_int(o, "sessions", (int64_t)live_count(&c->db));
	js_set_int(o, "relay_sessions", (int64_t)relays.sessions);
	js_set_int(o, "relay_bits_per_s", (int64_t)relays.bits_per_s);
	js_set_int(o, "alarms_24h", alarms(c));
	add_redis(c, o);
	for (size_t i = 0; i < nodes->n; i++)
		js_push(list, node_view(&nodes->list[i]));
	js_set(o, "nodes", list);
	js_set(o, "attention", attention(nodes));
	js_set_int(o, "cloned_ids", (int64_t)clones_open(&c->db));
	return call_json(c, o);
}
