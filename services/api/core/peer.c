#include "services/api/core/peer.h"

#include <sodium.h>
#include <string.h>

#include "common/site/online.h"
#include "common/site/presence_online.lua.h"
#include "common/site/record.h"
#include "common/site/statekey.h"

static bool unpack(const char *raw, size_t len, struct peer *out)
{
	struct record r;

	if (record_decode((const uint8_t *)raw, len, &r) < 0 || !r.has_guid)
		return false;
	text_guid(r.guid, out->guid);
	out->uuid_len = r.uuid_len;
	memcpy(out->uuid, r.uuid, r.uuid_len);
	out->has_pk = r.has_pk;
	memcpy(out->pk, r.pk, sizeof(out->pk));
	out->no_register = r.no_register_device;
	return true;
}

bool peer_load(struct db *d, const char *id, struct peer *out)
{
	char key[STATEKEY_MAX];
	size_t len;

	*out = (struct peer){ 0 };
	if (!text_is_id(id))
		return false;
	statekey_peer(id, strlen(id), key);
	const char *raw = db_bytes(db_do(d, "HGET", key, id, NULL), &len);
	return raw && unpack(raw, len, out);
}

const char *peer_moved(struct db *d, const char *id)
{
	if (!text_is_id(id))
		return NULL;
	const char *key = pool_printf(d->pool, "policy:moved:%s", id);
	const char *now = db_text(db_do(d, "GET", key, NULL));

	return now && text_is_id(now) ? now : NULL;
}

bool peer_same_machine(const struct peer *p, const char *uuid)
{
	uint8_t raw[PEER_UUID_MAX];
	int len = text_unbase64(uuid, raw, sizeof(raw));

	return len > 0 && (size_t)len == p->uuid_len &&
	       sodium_memcmp(raw, p->uuid, p->uuid_len) == 0;
}

/* Of one id: R from AT on is what presence_online.lua says about it. */
static struct peer_seen read_seen(const struct call *c,
				  const struct redis_reply *r, size_t at)
{
	size_t len = 0;
	const char *raw = db_bytes(db_item(r, at), &len);
	struct node_sight holder = {
		.age_s = (uint32_t)db_num(db_item(r, at + 1)),
		.listens = db_num(db_item(r, at + 2)) > 0,
	};
	struct online o = online_read(raw, raw ? len : 0, &holder, 0);

	if (o.written_s == 0)
		return (struct peer_seen){ false, 0 };
	return (struct peer_seen){
		.online = o.online,
		.last_s = o.online ? (int64_t)(c->now_ms / 1000)
				   : PRESENCE_ZERO_S + o.written_s,
	};
}

struct peer_seen *peers_seen(struct call *c, const char *const *ids, size_t n)
{
	struct peer_seen *out = pool_alloc(&c->pool, (n + 1) * sizeof(*out));
	const char **argv = pool_alloc(&c->pool, (2 * n + 1) * sizeof(*argv));

	if (n == 0)
		return out;
	for (size_t i = 0; i < n; i++) {
		char key[STATEKEY_MAX];

		statekey_seen(ids[i], strlen(ids[i]), key);
		argv[i] = pool_strdup(&c->pool, key);
		argv[n + i] = ids[i];
	}
	argv[2 * n] = NODE_GONE_S;
	const struct redis_reply *r =
		db_eval_argv(call_state(c), &presence_online_lua, (int)n,
			     (int)(2 * n + 1), argv, NULL);
	for (size_t i = 0; i < n; i++)
		out[i] = read_seen(c, r, 3 * i);
	return out;
}

struct peer_seen peer_seen(struct call *c, const char *id)
{
	return *peers_seen(c, &id, 1);
}
