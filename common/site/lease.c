#include "common/site/lease.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "state.pb-c.h"

/* KEYS lease, list, hash of what nodes read. ARGV epoch ("": only look),
 * NodeInfo ("": goodbye), lease and grace in seconds, version of presence
 * that is read ("": none), what names of channels begin with. */
const char lease_script[] =
	"local now = tonumber(redis.call('TIME')[1])\n"
	"local lease, grace = tonumber(ARGV[3]), tonumber(ARGV[4])\n"
	"local known = redis.call('ZSCORE', KEYS[2], ARGV[1]) and 1 or 0\n"
	"if ARGV[1] ~= '' then\n"
	"  if ARGV[2] == '' then\n"
	"    redis.call('DEL', KEYS[1])\n"
	"    redis.call('ZADD', KEYS[2], now - lease, ARGV[1])\n"
	"  else\n"
	"    redis.call('SET', KEYS[1], ARGV[2], 'EX', lease)\n"
	"    redis.call('ZADD', KEYS[2], now, ARGV[1])\n"
	"  end\n"
	"  if ARGV[5] ~= '' then\n"
	"    redis.call('HSET', KEYS[3], ARGV[1], ARGV[5])\n"
	"  end\n"
	"  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf',\n"
	"    now - lease - grace)\n"
	"  for _, epoch in ipairs(redis.call('HKEYS', KEYS[3])) do\n"
	"    if not redis.call('ZSCORE', KEYS[2], epoch) then\n"
	"      redis.call('HDEL', KEYS[3], epoch)\n"
	"    end\n"
	"  end\n"
	"end\n"
	"local out = { known }\n"
	"local all = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')\n"
	"for i = 1, #all, 2 do\n"
	"  local bus = ARGV[6] .. all[i]\n"
	"  out[#out + 1] = all[i]\n"
	"  out[#out + 1] = math.max(0, now - tonumber(all[i + 1]))\n"
	"  out[#out + 1] = redis.call('PUBSUB', 'NUMSUB', bus)[2]\n"
	"  out[#out + 1] =\n"
	"    tonumber(redis.call('HGET', KEYS[3], all[i]) or '1')\n"
	"end\n"
	"return out\n";

const char lease_script_infos[] =
	"local out = {}\n"
	"local epochs = redis.call('ZREVRANGE', KEYS[1], 0, ARGV[2] - 1)\n"
	"table.sort(epochs)\n"
	"for _, epoch in ipairs(epochs) do\n"
	"  local info = redis.call('GET', ARGV[1] .. epoch)\n"
	"  if info then out[#out + 1] = info end\n"
	"end\n"
	"return out\n";

/* --- NodeInfo ------------------------------------------------------------- */

void node_info_name(struct node_info *i, const char *given, const char *service)
{
	if (given[0] == '\0' && gethostname(i->node_id, NODE_ID_MAX - 1) == 0)
		return;
	snprintf(i->node_id, NODE_ID_MAX, "%s",
		 given[0] != '\0' ? given : service);
}

size_t node_info_pack(struct node_info *i, uint8_t out[static NODE_INFO_MAX])
{
	State__NodeInfo m = STATE__NODE_INFO__INIT;

	m.node_id = i->node_id;
	m.version = i->version;
	m.epoch = i->epoch;
	m.started_s = i->started_s;
	m.sessions = i->sessions;
	m.bits_per_s = i->bits_per_s;
	m.draining = i->draining;
	m.address = i->address;
	m.lan_address = i->lan_address;
	m.mesh_address = i->mesh_address;
	m.public_key_hash.data = i->key_hash;
	m.public_key_hash.len = i->has_key_hash ? sizeof i->key_hash : 0;
	m.public_key.data = i->key;
	m.public_key.len = i->has_key ? sizeof i->key : 0;
	return state__node_info__pack(&m, out);
}

/* False if TEXT does not fit. */
static bool take(char *out, size_t size, const char *text)
{
	int n = snprintf(out, size, "%s", text);

	return n >= 0 && (size_t)n < size;
}

static bool take_key(uint8_t out[static 32], bool *has,
		     const ProtobufCBinaryData *key)
{
	*has = key->len == 32;
	if (*has)
		memcpy(out, key->data, 32);
	return *has || key->len == 0;
}

static bool take_all(struct node_info *out, const State__NodeInfo *m)
{
	*out = (struct node_info){
		.epoch = m->epoch,
		.started_s = m->started_s,
		.sessions = m->sessions,
		.bits_per_s = m->bits_per_s,
		.draining = m->draining,
	};
	return take(out->node_id, sizeof out->node_id, m->node_id) &&
	       take(out->version, sizeof out->version, m->version) &&
	       take(out->address, sizeof out->address, m->address) &&
	       take(out->lan_address, sizeof out->lan_address,
		    m->lan_address) &&
	       take(out->mesh_address, sizeof out->mesh_address,
		    m->mesh_address) &&
	       take_key(out->key_hash, &out->has_key_hash,
			&m->public_key_hash) &&
	       take_key(out->key, &out->has_key, &m->public_key);
}

int node_info_unpack(const void *data, size_t len, struct node_info *out)
{
	State__NodeInfo *m = state__node_info__unpack(NULL, len, data);
	bool good = m != NULL && take_all(out, m);

	if (m != NULL)
		state__node_info__free_unpacked(m, NULL);
	return good ? 0 : -EINVAL;
}

/* --- the call ------------------------------------------------------------- */

static void add(struct lease_call *c, const void *data, size_t len)
{
	c->argv[c->n] = data;
	c->len[c->n++] = len;
}

static void add_text(struct lease_call *c, const char *text)
{
	add(c, text, strlen(text));
}

static void make(struct lease_call *c, const struct lease *l, size_t info_len)
{
	c->n = 0;
	statekey_node(l->service, l->epoch, c->key);
	snprintf(c->list, sizeof c->list, "nodes:%s", l->service);
	snprintf(c->reads_key, sizeof c->reads_key, "reads:%s", l->service);
	snprintf(c->bus, sizeof c->bus, "bus:%s:", l->service);
	snprintf(c->epoch, sizeof c->epoch, "%08x", l->epoch);
	snprintf(c->lease, sizeof c->lease, "%d", NODE_LEASE_S);
	snprintf(c->grace, sizeof c->grace, "%d", NODE_GRACE_S);
	snprintf(c->reads, sizeof c->reads, "%u", l->reads % 100);
	add_text(c, c->key);
	add_text(c, c->list);
	add_text(c, c->reads_key);
	add_text(c, l->epoch != 0 ? c->epoch : "");
	add(c, c->info, info_len);
	add_text(c, c->lease);
	add_text(c, c->grace);
	add_text(c, l->reads != 0 ? c->reads : "");
	add_text(c, c->bus);
}

void lease_refresh(struct lease_call *c, const struct lease *l,
		   struct node_info *info)
{
	make(c, l, node_info_pack(info, c->info));
}

void lease_goodbye(struct lease_call *c, const struct lease *l)
{
	make(c, l, 0);
}

void lease_look(struct lease_call *c, const char *service)
{
	make(c, &(struct lease){ .service = service }, 0);
}
