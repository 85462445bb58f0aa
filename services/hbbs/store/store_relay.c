#include "services/hbbs/store/store_impl.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/site/lease_infos.lua.h"
#include "services/hbbs/store/ticket.lua.h"

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
static bool key_fits(const struct store *s, const struct node_info *info)
{
	const char *key = s->in.core->rules->required_key;
	uint8_t hash[32];

	keys_sha256(hash, key, strlen(key));
	return !info->has_key_hash ||
	       memcmp(info->key_hash, hash, sizeof hash) == 0;
}

/* False if this relay is of no use to us. */
static bool read_node(const struct store *s, const struct redis_reply *r,
		      struct relay_node *out)
{
	size_t len;
	const char *data = redis_str(r, &len);
	struct node_info info;

	if (!data || node_info_unpack(data, len, &info) != 0 ||
	    !key_fits(s, &info))
		return false;
	*out = (struct relay_node){ .sessions = info.sessions,
				    .bits_per_s = info.bits_per_s,
				    .draining = info.draining };
	strcpy(out->address, info.address);
	strcpy(out->lan, info.lan_address);
	return true;
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
	struct args args;

	args.n = 0;
	args_text(&args, "nodes:hbbr");
	args_text(&args, "node:hbbr:");
	args_text(&args, LEASE_INFOS_MAX);
	(void)!redis_eval(s->state, &lease_infos_lua, on_relays, s, 1, args.n,
			  args.v, args.len);
}
