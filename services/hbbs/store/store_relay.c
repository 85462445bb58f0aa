#include "services/hbbs/store/store_impl.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "services/hbbs/store/relays.lua.h"
#include "services/hbbs/store/ticket.lua.h"
#include "state.pb-c.h"

static const char ticket_ms[] = "60000";

void store_ticket(struct store *s, const struct action *a)
{
	char key[8 + WIRE_UUID_TEXT_MAX], head[16];
	struct args args;

	args.n = 0;
	snprintf(key, sizeof key, "ticket:%s", store_id(s, a, 0));
	snprintf(head, sizeof head, "%u", a->first);
	args_text(&args, key);
	args_slice(&args, s, a->body);
	args_text(&args, head);
	args_text(&args, ticket_ms);
	/* Without Redis the relays admit by key. */
	(void)!redis_eval(s->state, &ticket_lua, NULL, NULL, 1, args.n, args.v,
			  args.len);
}

/* --- the relays that registered ------------------------------------------- */

/* One that demands a key must demand ours. */
static bool key_fits(const struct store *s, const State__NodeInfo *info)
{
	const char *key = s->in.core->rules->required_key;
	uint8_t hash[32];

	if (info->public_key_hash.len == 0)
		return true;
	keys_sha256(hash, key, strlen(key));
	return info->public_key_hash.len == sizeof hash &&
	       memcmp(info->public_key_hash.data, hash, sizeof hash) == 0;
}

/* False if this relay is of no use to us. */
static bool read_node(const struct store *s, const struct redis_reply *r,
		      struct relay_node *out)
{
	size_t len;
	const char *data = redis_str(r, &len);
	State__NodeInfo *info =
		data == NULL ? NULL
			     : state__node_info__unpack(NULL, len,
							(const uint8_t *)data);
	bool fits = info != NULL && key_fits(s, info) &&
		    strlen(info->address) <= WIRE_RELAY_MAX &&
		    strlen(info->lan_address) <= WIRE_RELAY_MAX;

	if (fits) {
		*out = (struct relay_node){ .sessions = info->sessions,
					    .bits_per_s = info->bits_per_s,
					    .draining = info->draining };
		strcpy(out->address, info->address);
		strcpy(out->lan, info->lan_address);
	}
	if (info != NULL)
		state__node_info__free_unpacked(info, NULL);
	return fits;
}

static void on_relays(const struct redis_reply *r, void *ctx)
{
	struct store *s = ctx;
	static struct relay_node nodes[RELAYS_MAX];
	size_t n = 0;

	if (!store_good(r))
		return;
	for (size_t i = 0; i < redis_len(r) && n < RELAYS_MAX; i++)
		n += read_node(s, redis_at(r, i), &nodes[n]);
	relays_registered(&s->in.core->relays, nodes, n);
}

void store_relays_tick(struct store *s)
{
	(void)!redis_eval(s->state, &relays_lua, on_relays, s, 0, 0, NULL,
			  NULL);
}
