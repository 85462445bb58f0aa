#include "services/hbbs/store/store_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "services/hbbs/store/lease.lua.h"
#include "state.pb-c.h"

static const char nodes_key[] = "nodes:hbbs";
static const char reads_key[] = "reads:hbbs";

/* Written again when the last old node has gone, so that what is held keeps
 * our address, or when one has come back, which could not read it. */
static void adapt_presence(struct store *s)
{
	unsigned version = nodes_presence(&s->in.core->nodes);

	if (version == s->presence)
		return;
	s->presence = version;
	peer_resync(&s->in.core->peers, PEER_RESYNC_PRESENCE, 0);
}

static void on_lease(const struct redis_reply *r, void *ctx)
{
	struct store *s = ctx;
	struct node_table *nodes = &s->in.core->nodes;

	if (!store_good(r) || redis_len(r) < 1)
		return;
	nodes_clear(nodes);
	for (size_t i = 1; i + 2 < redis_len(r); i += 3) {
		const char *epoch = redis_str(redis_at(r, i), NULL);
		long long age = redis_int(redis_at(r, i + 1));
		long long reads = redis_int(redis_at(r, i + 2));
		if (epoch != NULL)
			nodes_add(nodes, (uint32_t)strtoul(epoch, NULL, 16),
				  (uint32_t)age, (unsigned)reads);
	}
	adapt_presence(s);
	/* We were listed and are not any more: Redis has lost its memory, or
	 * was away for long. Tell it again whom we hold. */
	if (s->had_lease && redis_int(redis_at(r, 0)) == 0) {
		log_warn("state_lost", "Redis has lost the presence of our "
				       "peers; writing it again");
		peer_resync(&s->in.core->peers, PEER_RESYNC_RECORD, 0);
	}
	s->had_lease = true;
}

/* Redis knows; the connections are closed outside its callback. */
static void on_goodbye(const struct redis_reply *r, void *ctx)
{
	struct store *s = ctx;
	(void)r;

	if (s->done != NULL)
		timer_start(&s->goodbye_timer, 0, 0);
}

static void goodbye_over(void *ctx)
{
	struct store *s = ctx;
	void (*done)(void *) = s->done;

	s->done = NULL;
	if (done != NULL)
		done(s->done_ctx);
}

static size_t pack_info(const struct store *s, uint8_t *out, size_t size)
{
	static char version[] = VERSION;
	State__NodeInfo info = STATE__NODE_INFO__INIT;
	char node_id[sizeof s->node_id];

	strcpy(node_id, s->node_id);
	info.node_id = node_id;
	info.epoch = s->in.core->epoch;
	info.started_s = s->started_s;
	info.version = version;
	info.sessions = (uint32_t)s->in.core->peers.held;
	info.draining = s->closing;
	info.public_key.data = s->in.core->rules->keys.pk;
	info.public_key.len = sizeof s->in.core->rules->keys.pk;
	if (state__node_info__get_packed_size(&info) > size)
		return 0;
	return state__node_info__pack(&info, out);
}

static int send_lease(struct store *s, redis_fn fn, bool goodbye)
{
	char key[STATEKEY_MAX], epoch[16], lease[16], grace[16], reads[16];
	uint8_t info[512];
	struct args args;

	args.n = 0;

	snprintf(epoch, sizeof epoch, "%08x", s->in.core->epoch);
	snprintf(lease, sizeof lease, "%d", NODE_LEASE_S);
	snprintf(reads, sizeof reads, "%d", PRESENCE_NEWEST);
	snprintf(grace, sizeof grace, "%d", NODE_GRACE_S);
	args_text(&args, statekey_node("hbbs", s->in.core->epoch, key));
	args_text(&args, nodes_key);
	args_text(&args, reads_key);
	args_text(&args, epoch);
	args_add(&args, info, pack_info(s, info, sizeof info));
	args_text(&args, lease);
	args_text(&args, grace);
	args_text(&args, goodbye ? "1" : "0");
	args_text(&args, reads);
	return redis_eval(s->state, &lease_lua, fn, s, 3, args.n, args.v,
			  args.len);
}

void store_lease_tick(void *ctx)
{
	struct store *s = ctx;

	/* While Redis is away there is nobody to tell. */
	if (s->closing)
		return;
	(void)!send_lease(s, on_lease, false);
	store_locals_tick(s);
	store_settings_tick(s);
	store_memory_tick(s);
	store_relays_tick(s);
}

void store_close(struct store *s, void (*done)(void *ctx), void *ctx)
{
	s->closing = true;
	s->done = done;
	s->done_ctx = ctx;
	s->goodbye_timer.fire = goodbye_over;
	timer_start(&s->goodbye_timer, STORE_GOODBYE_MS, 0);
	if (s->state == NULL || send_lease(s, on_goodbye, true) != 0)
		on_goodbye(NULL, s);
}
