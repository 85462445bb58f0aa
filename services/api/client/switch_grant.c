#include "services/api/client/switch_grant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto/keys.h"
#include "common/site/keynames.h"
#include "services/api/device/devices.h"
#include "services/api/device/trust.h"

static int answer(struct call *c, bool accepted, bool with_time)
{
	struct json_object *o = json_object_new_object();

	js_set_bool(o, "accepted", accepted);
	if (with_time)
		js_set_int(o, "server_time", (int64_t)(c->now_ms / 1000));
	return call_json(c, o);
}

/* "switch-grant" 00 id 00 verifier 00 timestamp */
static size_t message(char *out, size_t size, const char *id,
		      const char *verifier, const char *stamp)
{
	const char *parts[] = { "switch-grant", id, verifier, stamp };
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		size_t len = strlen(parts[i]) + (i + 1 < ARRAY_LEN(parts));

		if (at + len > size)
			return 0;
		memcpy(out + at, parts[i], len);
		at += len;
	}
	return at;
}

static bool signed_by(struct call *c, const struct peer *p)
{
	uint8_t sig[KEYS_SIG], digest[32];
	char msg[512];
	const char *verifier = js_text(c->in, "switch_code_verifier");
	size_t len = message(msg, sizeof(msg), js_text(c->in, "id"), verifier,
			     js_text(c->in, "timestamp"));

	return len > 0 && p->has_pk &&
	       text_unbase64(verifier, digest, sizeof(digest)) == 32 &&
	       text_unbase64(js_text(c->in, "signature"), sig, sizeof(sig)) ==
		       KEYS_SIG &&
	       keys_verify(p->pk, sig, msg, len);
}

int switch_grant(struct call *c)
{
	const char *id = js_text(c->in, "id");
	const char *stamp = js_text(c->in, "timestamp");
	long long now = (long long)(c->now_ms / 1000);
	long long then = strtoll(stamp, NULL, 10);
	char pk[2 * sizeof(((struct peer *)0)->pk) + 1];
	struct peer p;

	if (!peer_load(&c->db, id, &p) || device_deleted(&c->db, p.guid) ||
	    !signed_by(c, &p))
		return answer(c, false, false);
	if (llabs(now - then) > SWITCH_SKEW_S)
		return answer(c, false, true);
	trust_note_signed(c, &p);
	keys_hex(pk, sizeof(pk), p.pk, sizeof(p.pk));
	const char *key = call_fmt(c, KEY_SWITCH, pk,
				   js_text(c->in, "switch_code_verifier"));
	db_do(call_state(c), "SET", key, "1", "EX", call_fmt(c, "%d", SWITCH_S),
	      NULL);
	return c->state.away || c->db.away ? -EIO : answer(c, true, false);
}
