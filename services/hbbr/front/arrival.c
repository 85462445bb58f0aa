#include "services/hbbr/front/arrival.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "services/hbbr/edge/registry.h"
#include "services/hbbr/front/front.h"
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
	return loop_now(as->front->loop);
}

static struct name *name_of(struct arrivals *as, const struct session *s)
{
	struct name *n = calloc(1, sizeof *n);

	if (n != NULL) {
		n->as = as;
		n->serial = s->gate.serial;
		memcpy(n->uuid, s->uuid, sizeof n->uuid);
	}
	return n;
}

struct session *arrival_find(const struct arrivals *as, const char *uuid,
			     uint64_t serial)
{
	struct session *s = match_find(&as->front->match, uuid);

	return s != NULL && s->state == S_WAITING && s->gate.serial == serial
		       ? s
		       : NULL;
}

static void pass(struct session *s, enum hbbr_metric by)
{
	count(by);
	s->gate.open = true;
	relay_gate_open(s);
}

/* Redis cannot be asked: the key alone admits, as without Redis. */
static void pass_blind(struct arrivals *as, struct session *s)
{
	if (!as->away)
		log_warn("admission_by_key", "Redis is away: no tickets, no "
					     "links to other relays");
	as->away = true;
	pass(s, M_ADMIT_BLIND);
}

/* hbbs allows one session where a device that was told twice offers two. */
static enum reason why_no_ticket(const struct arrivals *as,
				 const struct peer *p)
{
	return match_came_lately(&as->front->match, &p->client, now_of(as))
		       ? REASON_DUPLICATE
		       : REASON_NO_TICKET;
}

static void refuse(const struct arrivals *as, struct session *s)
{
	/* The second takes the place of the first, so twice. */
	struct peer *first = s->first, *second = s->second;

	front_refuse(first, why_no_ticket(as, first));
	if (second != NULL)
		front_refuse(second, why_no_ticket(as, second));
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

	for (s = TAILQ_FIRST(&as->asking); s != NULL; s = next) {
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
	struct session *s = arrival_find(n->as, n->uuid, n->serial);
	struct addr to;

	if (s != NULL && !s->gate.open) {
		if (address == NULL || addr_parse(address, 0, &to) < 0 ||
		    link_dial(&n->as->front->links, s, n->owner, &to) < 0)
			arrival_link_failed(n->as, s, n->owner);
	}
	free(n);
}

static void join(struct arrivals *as, struct session *s, uint32_t owner)
{
	struct name *n = name_of(as, s);

	s->gate.links++;
	if (n == NULL) {
		pass_blind(as, s);
		return;
	}
	n->owner = owner;
	if (registry_find(as->registry, owner, on_owner, n) < 0) {
		free(n);
		pass_blind(as, s);
	}
}

void arrival_link_failed(struct arrivals *as, struct session *s, uint32_t owner)
{
	count(M_LINK_FAILED);
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
	bool tickets = as->front->cfg->tickets;
	uint64_t waited = now_of(as) - s->since_ms;

	switch (admit_judge(r, tickets, registry_epoch(as->registry), waited)) {
	case ADMIT_BLIND:
		pass_blind(as, s);
		return;
	case ADMIT_ASK:
		ask_again(as, s);
		return;
	case ADMIT_REFUSE:
		refuse(as, s);
		return;
	case ADMIT_HERE:
		s->gate.claimed = true;
		pass(s, r->has_ticket ? M_ADMIT_TICKET : M_ADMIT_KEY);
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
	struct session *s = arrival_find(as, n->uuid, n->serial);

	if (r->answered)
		as->away = false;
	if (s != NULL && !s->gate.open) {
		s->gate.has_ticket = r->has_ticket;
		s->gate.ticket = r->ticket;
		judged(as, s, r);
	} else if (r->answered && r->owner == registry_epoch(as->registry)) {
		/* Paired by a link, or gone, while Redis was asked. */
		registry_release(as->registry, n->uuid);
	}
	free(n);
}

static void ask(struct arrivals *as, struct session *s)
{
	struct name *n = registry_up(as->registry) ? name_of(as, s) : NULL;

	s->gate.tries++;
	if (n == NULL) {
		pass_blind(as, s);
		return;
	}
	if (registry_admit(as->registry, s->uuid, as->front->cfg->tickets,
			   s->gate.dead, on_admit, n) < 0) {
		free(n);
		pass_blind(as, s);
	}
}

/* --- life ----------------------------------------------------------------- */

void arrivals_init(struct arrivals *as, struct front *f)
{
	*as = (struct arrivals){ .front = f };
	TAILQ_INIT(&as->asking);
	timer_init(f->loop, &as->again, on_again, as);
}

void arrivals_close(struct arrivals *as, void (*on_closed)(void *ctx))
{
	as->again.ctx = as->front;
	timer_close(&as->again, on_closed);
}

void arrival_begin(struct arrivals *as, struct session *s)
{
	s->gate.serial = ++as->last_serial;
	if (as->registry == NULL) {
		s->gate.open = true;
		return;
	}
	ask(as, s);
}

void arrival_end(struct arrivals *as, struct session *s)
{
	unlist(as, s);
	if (s->gate.claimed)
		registry_release(as->registry, s->uuid);
	s->gate.claimed = false;
}

void arrival_paired(struct arrivals *as, const struct session *s)
{
	if (s->gate.ticket.ref[0] != '\0' && registry_up(as->registry))
		registry_relayed(as->registry, s->gate.ticket.ref);
}
