#include "services/hbbs/store/store_impl.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/site/lease.lua.h"
#include "services/hbbs/state/metrics.h"

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

	if (!store_good(r) || redis_len(r) < LEASE_HEAD)
		return;
	nodes_clear(nodes);
	for (size_t i = LEASE_HEAD; i + LEASE_EACH <= redis_len(r);
	     i += LEASE_EACH) {
		const char *epoch = redis_str(redis_at(r, i), NULL);
		long long age = redis_int(redis_at(r, i + 1));
		long long reads = redis_int(redis_at(r, i + 3));
		if (epoch)
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

	if (s->done)
		timer_start(&s->goodbye_timer, 0, 0);
}

static void goodbye_over(void *ctx)
{
	struct store *s = ctx;
	void (*done)(void *) = s->done;

	if (!s->left) { /* the presence takes too long */
		timer_start(&s->goodbye_timer, STORE_GOODBYE_MS / 2, 0);
		store_goodbye(s);
		return;
	}
	s->done = NULL;
	if (done)
		done(s->done_ctx);
}

static void tell_refusals(struct node_info *i)
{
	i->nrefusals = 0;
	node_info_count(i, &hbbs_metrics, "hbbs_policy_denials_total");
	node_info_count(i, &hbbs_metrics, "hbbs_registration_refusals_total");
	node_info_count(i, &hbbs_metrics, "hbbs_limited_total");
}

static int send_lease(struct store *s, redis_fn fn, bool goodbye)
{
	const struct core *core = s->in.core;
	struct lease l = { "hbbs", core->epoch, PRESENCE_NEWEST };
	struct lease_call call;

	s->info.sessions = (uint32_t)core->peers.held;
	tell_refusals(&s->info);
	if (goodbye)
		lease_goodbye(&call, &l);
	else
		lease_refresh(&call, &l, &s->info);
	return redis_eval(s->state, &lease_lua, fn, s, LEASE_KEYS, call.n,
			  call.argv, call.len);
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
	store_bans_tick(s);
	store_memory_tick(s);
	store_relays_tick(s);
}

void store_close(struct store *s, void (*done)(void *ctx), void *ctx)
{
	s->closing = true;
	s->done = done;
	s->done_ctx = ctx;
	s->goodbye_timer.fire = goodbye_over;
	timer_start(&s->goodbye_timer, STORE_GOODBYE_MS / 2, 0);
	if (s->seen_in_flight == 0)
		store_goodbye(s);
}

void store_goodbye(struct store *s)
{
	s->left = true;
	if (!s->state || send_lease(s, on_goodbye, true) != 0)
		on_goodbye(NULL, s);
}
