#include "services/api/core/peer.h"

#include <sodium.h>
#include <string.h>

#include "common/site/presence_online.lua.h"
#include "common/site/statekey.h"
#include "state.pb-c.h"

enum { REVISION_LEN = 4 };

/* Presence counts seconds from 2020-01-01. */
static const int64_t presence_zero_s = 1577836800;

static bool unpack(const char *raw, size_t len, struct peer *out)
{
	if (len < REVISION_LEN)
		return false;
	State__PeerRecord *r = state__peer_record__unpack(
		NULL, len - REVISION_LEN, (const uint8_t *)raw + REVISION_LEN);
	if (!r)
		return false;
	bool ok = r->guid.len == 16 && r->uuid.len <= sizeof(out->uuid);
	if (ok) {
		text_guid(r->guid.data, out->guid);
		out->uuid_len = r->uuid.len;
		if (r->uuid.len)
			memcpy(out->uuid, r->uuid.data, r->uuid.len);
		out->has_pk = r->pk.len == sizeof(out->pk);
		if (out->has_pk)
			memcpy(out->pk, r->pk.data, sizeof(out->pk));
		out->no_register = r->no_register_device;
	}
	state__peer_record__free_unpacked(r, NULL);
	return ok;
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

struct presence presence_get(struct call *c, const char *id)
{
	struct presence out = { false, 0 };
	char key[STATEKEY_MAX];

	statekey_seen(id, strlen(id), key);
	const struct redis_reply *r = db_eval(
		call_state(c), &presence_online_lua, 1, key, "", id, NULL);
	int64_t written_s = db_num(db_item(r, 1));
	if (written_s == 0)
		return out;
	out.online = db_num(db_item(r, 0)) == 1;
	out.last_s = out.online ? (int64_t)(c->now_ms / 1000)
				: presence_zero_s + written_s;
	return out;
}
