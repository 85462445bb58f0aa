#include "services/api/web/overview.h"

#include <inttypes.h>
#include <string.h>

#include "services/api/device/clones.h"
#include "services/api/jobs/certificate.h"
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

static void attend_nodes(struct json_object *list, const struct nodes *nodes)
{
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
}

static void attend_certificate(struct json_object *list,
			       const struct certificate *cert, int64_t now_s)
{
	if (strcmp(cert->state, "expired") == 0)
		attend(list, "certificate_expired", cert->name);
	else if (certificate_ends(cert, now_s))
		attend(list, "certificate_ends", cert->name);
	if (strcmp(cert->state, "wrong_name") == 0)
		attend(list, "certificate_name", cert->name);
}

static long long alarms(struct call *c)
{
	return db_num(db_do(&c->db, "ZCOUNT", doc_order_key(DOC_AUDIT_ALARM),
			    call_fmt(c, "%" PRIu64, c->now_ms - 86400000),
			    "+inf", NULL));
}

static void add_redis(struct call *c, struct json_object *o,
		      struct json_object *attention)
{
	struct json_object *redis = json_object_new_object();
	struct db_facts f = db_pool_facts(c->app->db);
	struct fullness memory = db_pool_memory(c->app->db);

	js_set_bool(redis, "up", true); /* it has just answered */
	js_set_int(redis, "rtt_us", (int64_t)c->app->values[M_REDIS_RTT]);
	js_set_int(redis, "used", (int64_t)memory.used);
	js_set_int(redis, "max", (int64_t)memory.max);
	js_set_int(redis, "replicas", f.replicas);
	js_set_bool(redis, "replica", f.replica);
	js_set_bool(redis, "append_only", f.append_only);
	js_set_bool(redis, "unsaved", f.unsaved);
	js_set_int(redis, "saved", f.saved_s);
	js_set(o, "redis", redis);
	if (fullness_nearly(memory))
		attend(attention, "redis_nearly_full", "");
	if (f.unsaved)
		attend(attention, "redis_unsaved", "");
}

static void add_certificate(struct call *c, struct json_object *o,
			    struct json_object *attention)
{
	struct certificate cert = certificate_read(&c->db, c->app->cfg);
	struct json_object *view = json_object_new_object();

	js_set_str(view, "state", cert.state);
	js_set_str(view, "name", cert.name);
	js_set_int(view, "expires", cert.expires_s);
	js_set_int(view, "asked", cert.asked_s);
	js_set_str(view, "why", cert.why);
	js_set(o, "certificate", view);
	attend_certificate(attention, &cert, (int64_t)(c->now_ms / 1000));
}

/* Of all processes of SERVICE together. */
static void add_refusals(struct json_object *list, const struct nodes *nodes,
			 const char *service)
{
	struct node_info sum = { .nrefusals = 0 };

	for (size_t i = 0; i < nodes->n; i++) {
		const struct node *n = &nodes->list[i];

		for (size_t k = 0; k < n->nrefusals; k++)
			if (strcmp(n->service, service) == 0)
				node_info_refused(&sum, n->refusals[k].reason,
						  n->refusals[k].count);
	}
	for (size_t k = 0; k < sum.nrefusals; k++) {
		struct json_object *o = json_object_new_object();

		js_set_str(o, "service", service);
		js_set_str(o, "reason", sum.refusals[k].reason);
		js_set_int(o, "count", (int64_t)sum.refusals[k].count);
		js_push(list, o);
	}
}

static void add_nodes(const struct nodes *nodes, struct json_object *o,
		      struct json_object *attention)
{
	struct json_object *list = json_object_new_array();
	struct json_object *refusals = json_object_new_array();

	for (size_t i = 0; i < nodes->n; i++)
		js_push(list, node_view(&nodes->list[i]));
	js_set(o, "nodes", list);
	add_refusals(refusals, nodes, "hbbs");
	add_refusals(refusals, nodes, "hbbr");
	add_refusals(refusals, nodes, "api");
	js_set(o, "refusals", refusals);
	attend_nodes(attention, nodes);
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
	/* What an administrator should look at. The page has the sentences. */
	struct json_object *attention = json_object_new_array();

	add_devices(c, o);
	js_set_int(o, "users", (int64_t)doc_total(&c->db, DOC_USER));
	js_set_int(o, "sessions", (int64_t)live_count(&c->db));
	js_set_int(o, "relay_sessions", (int64_t)relays.sessions);
	js_set_int(o, "relay_bits_per_s", (int64_t)relays.bits_per_s);
	js_set_int(o, "alarms_24h", alarms(c));
	add_redis(c, o, attention);
	add_certificate(c, o, attention);
	add_nodes(nodes, o, attention);
	js_set(o, "attention", attention);
	js_set_int(o, "cloned_ids", (int64_t)clones_open(&c->db));
	return call_json(c, o);
}
