#include "services/hbbr/front/bridges.h"

#include <stdlib.h>

static void on_refill(void *ctx)
{
	struct bridges *bs = ctx;
	struct bridge *b;
	struct bridge *next;

	for (b = TAILQ_FIRST(&bs->slow); b; b = next) {
		next = TAILQ_NEXT(b, slow_link);
		if (meter_allow(&b->meter, bs->total, loop_now(bs->loop)) == 0)
			continue;
		TAILQ_REMOVE(&bs->slow, b, slow_link);
		b->slow = false;
		bridge_settle(b); /* changes no other bridge's membership */
	}
	if (TAILQ_EMPTY(&bs->slow))
		timer_stop(&bs->refill);
}

/* --- memory --------------------------------------------------------------- */

static struct bridge *largest(const struct bridges *bs)
{
	struct bridge *most = TAILQ_FIRST(&bs->all);
	struct bridge *b;

	TAILQ_FOREACH(b, &bs->all, link)
	if (b->memory > most->memory)
		most = b;
	return most;
}

static void on_excess(void *ctx)
{
	struct bridges *bs = ctx;
	struct bridge *b;

	while (memory_exceeded(bs->memory) && (b = largest(bs)) &&
	       b->memory > BRIDGE_HIGH)
		bridge_abort(b, REASON_MEMORY);
}

/* --- life ----------------------------------------------------------------- */

void bridges_init(struct bridges *bs, const struct bridges_opts *o)
{
	*bs = (struct bridges){
		.loop = o->loop,
		.total = o->total,
		.memory = o->memory,
		.max_message = o->max_message,
		.idle_ms = o->idle_ms,
		.on_ended = o->on_ended,
		.on_closed = o->on_closed,
		.ctx = o->ctx,
	};
	TAILQ_INIT(&bs->all);
	TAILQ_INIT(&bs->slow);
	timer_init(bs->loop, &bs->refill, on_refill, bs);
	lingers_init(&bs->lingers, bs->loop);
	reframe_init(&bs->reframe, bs->max_message);
	memory_relieve(bs->memory, on_excess, bs);
}

static void on_refill_closed(void *ctx)
{
	struct bridges *bs = ctx;

	if (bs->on_closed)
		bs->on_closed(bs->ctx);
}

void bridges_close(struct bridges *bs)
{
	while (!TAILQ_EMPTY(&bs->all))
		bridge_abort(TAILQ_FIRST(&bs->all), REASON_SHUTDOWN);
	lingers_close(&bs->lingers);
	reframe_fini(&bs->reframe);
	timer_close(&bs->refill, on_refill_closed);
}

void bridges_tick(struct bridges *bs)
{
	uint64_t now = loop_now(bs->loop);
	struct bridge *b;
	struct bridge *next;

	for (b = TAILQ_FIRST(&bs->all); b; b = next) {
		next = TAILQ_NEXT(b, link);
		uint64_t quiet = now - b->active_ms;
		if (b->state == B_FLUSHING && quiet >= BRIDGE_FLUSH_MS)
			bridge_abort(b, REASON_STUCK);
		else if (bs->idle_ms != 0 && quiet >= bs->idle_ms)
			bridge_abort(b, REASON_IDLE);
		else
			bridge_unpin(b, now);
		bridge_account(b);
	}
	lingers_tick(&bs->lingers);
}

void bridges_apply_lists(struct bridges *bs, const struct ipset *blocked,
			 const struct ipset *slow)
{
	struct bridge *b;
	struct bridge *next;

	for (b = TAILQ_FIRST(&bs->all); b; b = next) {
		next = TAILQ_NEXT(b, link);
		const struct addr *x = &b->client[0];
		const struct addr *y = &b->client[1];
		if (ipset_has(blocked, x) || ipset_has(blocked, y))
			bridge_abort(b, REASON_BLOCKED);
		else
			meter_throttle(&b->meter,
				       ipset_has(slow, x) || ipset_has(slow, y),
				       loop_now(bs->loop));
	}
}

size_t bridges_usage(struct bridges *bs, struct usage_row **rows)
{
	size_t n = 0;
	struct bridge *b;

	*rows = bs->n == 0 ? NULL : calloc(bs->n, sizeof(**rows));
	if (!*rows)
		return 0;
	TAILQ_FOREACH(b, &bs->all, link)
	(*rows)[n++] = usage_of(&b->meter, &b->client[1], loop_now(bs->loop));
	return n;
}
