#include "services/api/web/nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/lease.h"
#include "common/site/lease.lua.h"
#include "common/site/lease_infos.lua.h"

static bool unpack(struct db *d, const char *service, const char *raw,
		   size_t len, struct node *out)
{
	struct node_info i;

	if (node_info_unpack(raw, len, &i) < 0)
		return false;
	*out = (struct node){
		.service = service,
		.name = pool_strdup(d->pool, i.node_id),
		.version = pool_strdup(d->pool, i.version),
		.address = pool_strdup(d->pool, i.address),
		.lan_address = pool_strdup(d->pool, i.lan_address),
		.epoch = i.epoch,
		.started_s = i.started_s,
		.bits_per_s = i.bits_per_s,
		.sessions = i.sessions,
		.draining = i.draining,
		.nrefusals = i.nrefusals,
		.refusals = (const struct node_refusals *)pool_memdup(
			d->pool, i.refusals,
			i.nrefusals * sizeof(i.refusals[0])),
	};
	if (i.has_key)
		out->public_key = (const uint8_t *)pool_memdup(d->pool, i.key,
							       sizeof(i.key));
	return true;
}

static void load(struct db *d, const char *service, struct nodes *out)
{
	const char *list = pool_printf(d->pool, "nodes:%s", service);
	const char *leases = pool_printf(d->pool, "node:%s:", service);
	const struct redis_reply *r = db_eval(d, &lease_infos_lua, 1, list,
					      leases, LEASE_INFOS_MAX, NULL);

	for (size_t i = 0; i < db_count(r) && i < NODES_MAX; i++) {
		size_t len = 0;
		const char *raw = db_bytes(db_item(r, i), &len);

		if (raw && unpack(d, service, raw, len, &out->list[out->n]))
			out->n++;
	}
}

struct nodes *nodes_load(struct db *state)
{
	struct nodes *out = pool_alloc(state->pool, sizeof(*out));

	load(state, "hbbs", out);
	load(state, "hbbr", out);
	load(state, "api", out);
	return out;
}

static const struct redis_reply *call_lease(struct db *d,
					    const struct lease_call *c)
{
	return db_eval_argv(d, &lease_lua, LEASE_KEYS, c->n, c->argv, c->len);
}

/* What this process refuses without an object of its own to tell it. */
static void tell_refusals(struct node_info *i, const struct metric_set *m)
{
	node_info_refused(i, "log_in", metric_get(m, M_LOGIN_FAILS));
	node_info_refused(i, "rate", metric_get(m, M_LIMITED));
	node_info_refused(i, "busy", metric_get(m, M_LANE_REFUSED));
	node_info_refused(i, "redis_nearly_full", metric_get(m, M_NO_ROOM));
	node_info_refused(i, "body", metric_get(m, M_BODIES_REFUSED));
	node_info_refused(i, "address_full",
			  metric_get(m, M_CONNECTIONS_REFUSED));
}

void nodes_announce(struct db *state, const struct node_self *self,
		    bool goodbye)
{
	struct lease l = { .service = "api", .epoch = self->epoch };
	struct lease_call call;
	struct node_info info = {
		.version = VERSION,
		.epoch = self->epoch,
		.started_s = self->started_s,
	};

	node_info_name(&info, self->name, "api");
	tell_refusals(&info, self->metrics);
	if (goodbye)
		lease_goodbye(&call, &l);
	else
		lease_refresh(&call, &l, &info);
	call_lease(state, &call);
}

size_t nodes_sights(struct db *state, const char *service,
		    struct node_sight *out, size_t max)
{
	struct lease_call call;
	size_t n = 0;

	lease_look(&call, service);
	const struct redis_reply *r = call_lease(state, &call);
	for (size_t i = LEASE_HEAD; i + LEASE_EACH <= db_count(r) && n < max;
	     i += LEASE_EACH) {
		const char *epoch = db_text(db_item(r, i));

		if (epoch)
			out[n++] = (struct node_sight){
				.epoch = (uint32_t)strtoul(epoch, NULL, 16),
				.age_s = (uint32_t)db_num(db_item(r, i + 1)),
				.listens = db_num(db_item(r, i + 2)) > 0,
			};
	}
	return n;
}
