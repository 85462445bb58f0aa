#include "services/api/web/nodes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/statekey.h"
#include "services/api/web/announce.lua.h"
#include "state.pb-c.h"

static const char *set_key(struct db *d, const char *service)
{
	return pool_printf(d->pool, "nodes:%s", service);
}

static bool unpack(struct db *d, const char *service, const char *raw,
		   size_t len, struct node *out)
{
	State__NodeInfo *i =
		state__node_info__unpack(NULL, len, (const uint8_t *)raw);

	if (!i)
		return false;
	*out = (struct node){
		.service = service,
		.name = pool_strdup(d->pool, i->node_id),
		.version = pool_strdup(d->pool, i->version),
		.address = pool_strdup(d->pool, i->address),
		.lan_address = pool_strdup(d->pool, i->lan_address),
		.epoch = i->epoch,
		.started_s = i->started_s,
		.bits_per_s = i->bits_per_s,
		.sessions = i->sessions,
		.draining = i->draining,
	};
	if (i->public_key.len == 32)
		out->public_key = (const uint8_t *)pool_memdup(
			d->pool, i->public_key.data, 32);
	state__node_info__free_unpacked(i, NULL);
	return true;
}

/* One MGET for the leases of all that were listed; who is gone has none. */
static void load(struct db *d, const char *service, struct nodes *out)
{
	const struct redis_reply *r =
		db_do(d, "ZREVRANGE", set_key(d, service), "0", "255", NULL);
	const char *argv[NODES_MAX + 1] = { "MGET" };
	size_t lens[NODES_MAX + 1] = { 4 };
	size_t n = db_count(r);

	if (n == 0 || n > NODES_MAX)
		return;
	for (size_t i = 0; i < n; i++) {
		const char *hex = db_text(db_item(r, i));
		char key[STATEKEY_MAX];

		statekey_node(service, (uint32_t)strtoul(hex, NULL, 16), key);
		argv[i + 1] = pool_strdup(d->pool, key);
		lens[i + 1] = strlen(key);
	}
	r = db_argv(d, (int)n + 1, argv, lens);
	for (size_t i = 0; i < db_count(r); i++) {
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

void nodes_announce(struct db *state, const struct node_self *self,
		    bool goodbye)
{
	static char version[] = VERSION;
	State__NodeInfo info = STATE__NODE_INFO__INIT;
	char key[STATEKEY_MAX], epoch[16], lease[16];
	uint8_t raw[512];

	info.node_id = pool_strdup(state->pool, self->name);
	info.epoch = self->epoch;
	info.started_s = self->started_s;
	info.version = version;
	if (state__node_info__get_packed_size(&info) > sizeof(raw))
		return;
	size_t len = goodbye ? 0 : state__node_info__pack(&info, raw);
	statekey_node("api", self->epoch, key);
	snprintf(epoch, sizeof(epoch), "%08" PRIx32, self->epoch);
	snprintf(lease, sizeof(lease), "%d", NODES_LEASE_S);
	const char *argv[] = { key, "nodes:api", epoch, (const char *)raw,
			       lease };
	size_t lens[] = { strlen(key), 9, 8, len, strlen(lease) };
	db_eval_argv(state, &announce_lua, 2, (int)ARRAY_LEN(argv), argv, lens);
}
