#include "services/hbbr/front/arrival.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "services/hbbr/state/metrics.h"

enum { AGAIN_MS = 50 };

/* Names a session in answers that may come when it is gone. */
struct name {
	struct arrivals *as;
	uint64_t serial;
	uint32_t owner; /* whose address is asked for */
	char uuid[WIRE_UUID_TEXT_MAX + 1];
};

static void ask(struct arrivals *as, struct session *s);

static uint64_t now_of(const struct arrivals *as)
{
	return loop_now(as->opts.loop);
}

static bool up(const struct arrivals *as)
{
	return as->claims->up(as->claims->ctx);
}

static struct name *name_of(struct arrivals *as, const struct session *s)
{
	struct name *n = calloc(1, sizeof *n);

	if (n) {
		n->as = as;
		n->serial = s->gate.serial;
		memcpy(n->uuid, s->uuid, sizeof n->uuid);
	}
	return n;
}

/* The session that N names, if it still waits behind its gate. */
static struct session *find(const struct name *n)
{
	struct session *s =
		match_waiting(n->as->opts.match, n->uuid, n->serial);

	return s && !s->gate.open ? s : NULL;
}

static void answer(struct arrivals *as, struct session *s,
		   const struct arrival_answer *a)
{
	as->opts.on_answer(as->opts.ctx, s, a);
}

static void pass(struct arrivals *as, struct session *s, enum hbbr_metric by)
{
	metrics_count(by);
	s->gate.open = true;
	answer(as, s, &(struct arrival_answer){ .kind = ARRIVAL_OPEN });
}

/* Redis cannot be asked: the key alone admits, as without Redis. */
static void pass_blind(struct arrivals *as, struct session *s)
{
	if (!as->away)
		log_warn("admission_by_key", "Redis is away: no tickets, no "
					     "links to other relays");
	as->away = true;
	pass(as, s, M_ADMIT_BLIND);
}

static void ask_again(struct arrivals *as, struct session *s)
{
	s->gate.ask_ms = now_of(as) + admit_pause_ms(s->gate.tries);
	if (TAILQ_EMPTY(&as->asking))
		timer_start(&as->again, AGAIN_MS, AGAIN_MS);
	TAILQ_INSERT_TAIL(&as->asking, s, ask_link);
}

static void unlist(struct arrivals *as, struct session *s)
{
	if (s->gate.ask_ms == 0)
		return;
	s->gate.ask_ms = 0;
	TAILQ_REMOVE(&as->asking, s, ask_link);
	if (TAILQ_EMPTY(&as->asking))
		timer_stop(&as->again);
}

static void on_again(void *ctx)
{
	struct arrivals *as = ctx;
	uint64_t now = now_of(as);
	struct session *s, *next;

	for (s = TAILQ_FIRST(&as->asking); s; s = next) {
		next = TAILQ_NEXT(s, ask_link);
		if (s->gate.ask_ms > now)
			continue;
		unlist(as, s);
		ask(as, s);
	}
}

/* --- the other half waits at another relay -------------------------------- */

static void on_owner(void *ctx, const char *address)
{
	struct name *n = ctx;
	struct session *s = find(n);
	struct arrival_answer a = {
		.kind = ARRIVAL_ELSEWHERE,
		.owner = n->owner,
		.address = address,
	};

	if (s)
		answer(n->as, s, &a);
	free(n);
}

static void join(struct arrivals *as, struct session *s, uint32_t owner)
{
	struct name *n = name_of(as, s);

	s->gate.links++;
	if (!n) {
		pass_blind(as, s);
		return;
	}
	n->owner = owner;
	if (as->claims->find(as->claims->ctx, owner, on_owner, n) < 0) {
		free(n);
		pass_blind(as, s);
	}
}

void arrival_lost(struct arrivals *as, struct session *s, uint32_t owner)
{
	s->gate.dead = owner;
	if (s->gate.links < ADMIT_LINKS_MAX)
		ask(as, s);
	else
		pass_blind(as, s);
}

/* --- questions ------------------------------------------------------------ */

static void judged(struct arrivals *as, struct session *s,
		   const struct admit_reply *r)
{
	uint64_t waited = now_of(as) - s->since_ms;

	switch (admit_judge(r, as->opts.tickets, as->claims->epoch, waited)) {
	case ADMIT_BLIND:
		pass_blind(as, s);
		return;
	case ADMIT_ASK:
		ask_again(as, s);
		return;
	case ADMIT_REFUSE:
		answer(as, s,
		       &(struct arrival_answer){ .kind = ARRIVAL_REFUSED });
		return;
	case ADMIT_HERE:
		s->gate.claimed = true;
		pass(as, s, r->has_ticket ? M_ADMIT_TICKET : M_ADMIT_KEY);
		return;
	case ADMIT_LINK:
		join(as, s, r->owner);
		return;
	}
}

static void on_admit(void *ctx, const struct admit_reply *r)
{
	struct name *n = ctx;
	struct arrivals *as = n->as;
	struct session *s = find(n);

	if (r->answered)
		as->away = false;
	if (s) {
		s->gate.has_ticket = r->has_ticket;
		s->gate.ticket = r->ticket;
		judged(as, s, r);
	} else if (r->answered && r->owner == as->claims->epoch) {
		/* Paired by a link, or gone, while Redis was asked. */
		as->claims->release(as->claims->ctx, n->uuid);
	}
	free(n);
}

static void ask(struct arrivals *as, struct session *s)
{
	struct name *n = up(as) ? name_of(as, s) : NULL;

	s->gate.tries++;
	if (!n) {
		pass_blind(as, s);
		return;
	}
	if (as->claims->admit(as->claims->ctx, s->uuid, as->opts.tickets,
			      s->gate.dead, on_admit, n) < 0) {
		free(n);
		pass_blind(as, s);
	}
}

/* --- life ----------------------------------------------------------------- */

void arrivals_init(struct arrivals *as, const struct arrivals_opts *o)
{
	*as = (struct arrivals){ .opts = *o };
	TAILQ_INIT(&as->asking);
	timer_init(as->opts.loop, &as->again, on_again, as);
}

static void on_again_closed(void *ctx)
{
	struct arrivals *as = ctx;

	as->opts.on_closed(as->opts.ctx);
}

void arrivals_close(struct arrivals *as)
{
	timer_close(&as->again, on_again_closed);
}

void arrival_begin(struct arrivals *as, struct session *s)
{
	s->gate.serial = ++as->last_serial;
	if (!as->claims) {
		s->gate.open = true;
		return;
	}
	ask(as, s);
}

void arrival_end(struct arrivals *as, struct session *s)
{
	unlist(as, s);
	if (s->gate.claimed)
		as->claims->release(as->claims->ctx, s->uuid);
	s->gate.claimed = false;
}

void arrival_paired(struct arrivals *as, const struct session *s)
{
	if (s->gate.ticket.ref[0] != '\0' && up(as))
		as->claims->relayed(as->claims->ctx, s->gate.ticket.ref);
}
