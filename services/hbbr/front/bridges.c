/* The set of all bridges: refill of tokens, time-outs, lists, usage. */
#include "services/hbbr/front/bridge.h"

#include <stdlib.h>

#include "services/hbbr/front/front.h"

static void on_refill(void *ctx)
{
	struct bridges *bs = ctx;
	struct bridge *b;
	struct bridge *next;

	for (b = TAILQ_FIRST(&bs->slow); b != NULL; b = next) {
		next = TAILQ_NEXT(b, slow_link);
		if (meter_allow(&b->meter, &bs->front->total,
				loop_now(bs->front->loop)) == 0)
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

/* Not in the midst of a bridge's events, which may be the largest one's. */
static void on_relief(struct deferred *d)
{
	struct bridges *bs = container_of(d, struct bridges, relief);
	struct bridge *b;

	bs->relief_due = false;
	while (bs->memory > (size_t)bs->front->cfg->bridge_memory &&
	       (b = largest(bs)) != NULL && b->memory > BRIDGE_HIGH)
		bridge_abort(b, REASON_MEMORY);
}

bool bridges_account(struct bridges *bs, size_t memory, size_t now)
{
	size_t cap = (size_t)bs->front->cfg->bridge_memory;

	bs->memory = bs->memory - memory + now;
	if (bs->memory <= cap)
		return true;
	if (!bs->relief_due) {
		bs->relief_due = true;
		bs->relief.run = on_relief;
		loop_defer(bs->front->loop, &bs->relief);
	}
	return false;
}

/* --- life ------------------------------------------------------------------
 */

void bridges_init(struct bridges *bs, struct front *f)
{
	*bs = (struct bridges){ .front = f };
	TAILQ_INIT(&bs->all);
	TAILQ_INIT(&bs->slow);
	timer_init(f->loop, &bs->refill, on_refill, bs);
}

void bridges_close(struct bridges *bs, void (*on_closed)(void *ctx))
{
	while (!TAILQ_EMPTY(&bs->all))
		bridge_abort(TAILQ_FIRST(&bs->all), REASON_SHUTDOWN);
	bs->refill.ctx = bs->front;
	timer_close(&bs->refill, on_closed);
}

void bridges_tick(struct bridges *bs)
{
	uint64_t idle = (uint64_t)bs->front->cfg->idle_ms;
	uint64_t now = loop_now(bs->front->loop);
	struct bridge *b;
	struct bridge *next;

	for (b = TAILQ_FIRST(&bs->all); b != NULL; b = next) {
		next = TAILQ_NEXT(b, link);
		uint64_t quiet = now - b->active_ms;
		if (b->state == B_FLUSHING && quiet >= BRIDGE_FLUSH_MS)
			bridge_abort(b, REASON_STUCK);
		else if (idle != 0 && quiet >= idle)
			bridge_abort(b, REASON_IDLE);
	}
}

void bridges_apply_lists(struct bridges *bs, const struct ipset *blocked,
			 const struct ipset *slow)
{
	struct bridge *b;
	struct bridge *next;

	for (b = TAILQ_FIRST(&bs->all); b != NULL; b = next) {
		next = TAILQ_NEXT(b, link);
		const struct addr *x = &b->session->ends[0].client;
		const struct addr *y = &b->session->ends[1].client;
		if (ipset_has(blocked, x) || ipset_has(blocked, y))
			bridge_abort(b, REASON_BLOCKED);
		else
			meter_throttle(&b->meter,
				       ipset_has(slow, x) || ipset_has(slow, y),
				       loop_now(bs->front->loop));
	}
}

size_t bridges_usage(struct bridges *bs, struct usage_row **rows)
{
	size_t n = 0;
	struct bridge *b;

	*rows = bs->n == 0 ? NULL : calloc(bs->n, sizeof(**rows));
	if (*rows == NULL)
		return 0;
	TAILQ_FOREACH(b, &bs->all, link)
	(*rows)[n++] = usage_of(&b->meter, &b->session->ends[1].client,
				loop_now(bs->front->loop));
	return n;
}
