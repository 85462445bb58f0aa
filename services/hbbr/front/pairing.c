#include "services/hbbr/front/pairing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "services/hbbr/front/arrival.h"
#include "services/hbbr/front/conn.h"
#include "services/hbbr/front/entry.h"
#include "services/hbbr/front/link.h"
#include "services/hbbr/pairing/match.h"
#include "services/hbbr/state/metrics.h"
#include "services/hbbr/state/settings.h"

/* hbbs may have handed out this relay just before it heard that it drains;
 * such first halves still find their partners. */
enum { DRAIN_GRACE_MS = 5000 };

struct pairing {
	struct pairing_opts opts;
	struct match match;
	struct arrivals arrivals;
	struct links links;
	uint64_t drain_ms; /* draining since; 0: not */
};

static uint64_t now_of(const struct pairing *p)
{
	return loop_now(p->opts.loop);
}

static struct session_end end_of(const struct conn *c,
				 const struct relay_request *rq)
{
	return (struct session_end){
		.client = c->client,
		.ws = c->ws,
		.proxied = c->proxied,
		.controller = rq->controller,
		.tunnel = rq->tunnel,
	};
}

/* --- waiting -------------------------------------------------------------- */

void pairing_ended(struct pairing *p, struct session *s)
{
	match_end(&p->match, s, now_of(p));
	free(s);
}

/* The half that waited beside the first one takes its place. */
static void promote_second(struct session *s)
{
	s->first = s->second;
	s->second = NULL;
	s->ends[0] = s->ends[1];
}

void pairing_leave(struct pairing *p, struct conn *c)
{
	struct session *s = c->session;

	c->session = NULL;
	if (c == s->second) {
		s->second = NULL;
	} else if (s->second) {
		promote_second(s);
	} else {
		arrival_end(&p->arrivals, s);
		pairing_ended(p, s);
	}
}

/* Behind the gate of its session, which is still shut. */
static void park_second(struct session *s, struct conn *second,
			const struct relay_request *rq)
{
	s->ends[1] = end_of(second, rq);
	s->second = second;
	second->session = s;
	(void)entry_park(second);
}

static enum reason park_first(struct pairing *p, struct conn *c,
			      const struct relay_request *rq)
{
	struct session *s = calloc(1, sizeof(*s));
	if (!s)
		return REASON_CAP_WAITING;
	memcpy(s->uuid, rq->uuid, sizeof(s->uuid));
	s->ends[0] = end_of(c, rq);
	s->first = c;
	if (match_park(&p->match, s, now_of(p)) < 0) {
		free(s);
		return REASON_CAP_WAITING;
	}
	c->session = s;
	if (entry_park(c))
		arrival_begin(&p->arrivals, s);
	return REASON_NONE;
}

/* --- the pair ------------------------------------------------------------- */

/* Joins the first half of S and SECOND, which waits no more or never did;
 * s->ends[] say who they are. */
static void join(struct pairing *p, struct session *s, struct conn *second)
{
	struct conn *first = s->first;

	arrival_end(&p->arrivals, s);
	arrival_paired(&p->arrivals, s);
	match_pair(&p->match, s, now_of(p));
	first->session = NULL;
	second->session = NULL;
	entry_release(first);
	p->opts.on_pair(p->opts.ctx, s, first, second);
}

/* Its hang-up may be waiting in the same batch of events. */
static struct session *drop_dead_first(struct session *s)
{
	struct conn *first = s->first;
	bool last = !s->second;

	if (first->ws || !conn_is_dead(first))
		return s;
	entry_refuse(first, REASON_GONE);
	return last ? NULL : s;
}

/* The session that a half under UUID would join, or NULL. */
static struct session *find(struct pairing *p, const char *uuid)
{
	struct session *s = match_find(&p->match, uuid);

	return s && s->state == S_WAITING ? drop_dead_first(s) : s;
}

static bool drained(const struct pairing *p)
{
	return p->drain_ms != 0 && now_of(p) - p->drain_ms >= DRAIN_GRACE_MS;
}

enum reason pairing_arrive(struct pairing *p, struct conn *c,
			   const struct relay_request *rq)
{
	struct session *s = find(p, rq->uuid);
	enum reason why = match_admit(&p->match, s);

	if (why == REASON_UUID_BUSY &&
	    match_is_duplicate(s, &c->client, rq->controller))
		return REASON_DUPLICATE;
	if (why != REASON_NONE)
		return why;
	if (!s)
		return drained(p) ? REASON_DRAINING : park_first(p, c, rq);
	if (!s->gate.open) {
		park_second(s, c, rq);
		return REASON_NONE;
	}
	s->ends[1] = end_of(c, rq);
	entry_release(c);
	join(p, s, c);
	return REASON_NONE;
}

/* --- the gate ------------------------------------------------------------- */

/* hbbs allows one session where a device that was told twice offers two. */
static enum reason why_no_ticket(const struct pairing *p, const struct conn *c)
{
	return match_came_lately(&p->match, &c->client, now_of(p))
		       ? REASON_DUPLICATE
		       : REASON_NO_TICKET;
}

static void refuse(const struct pairing *p, struct session *s)
{
	/* The second takes the place of the first, so twice. */
	struct conn *first = s->first, *second = s->second;

	entry_refuse(first, why_no_ticket(p, first));
	if (second)
		entry_refuse(second, why_no_ticket(p, second));
}

static void dial(struct pairing *p, struct session *s,
		 const struct arrival_answer *a)
{
	struct link_half half = { .serial = s->gate.serial, .owner = a->owner };
	struct addr to;

	memcpy(half.uuid, s->uuid, sizeof(half.uuid));
	if (a->address && addr_parse(a->address, 0, &to) == 0 &&
	    link_dial(&p->links, &half, &to) == 0)
		return;
	metrics_count(M_LINK_FAILED);
	arrival_lost(&p->arrivals, s, a->owner);
}

static void on_answer(void *ctx, struct session *s,
		      const struct arrival_answer *a)
{
	struct pairing *p = ctx;
	struct conn *second = s->second;

	switch (a->kind) {
	case ARRIVAL_OPEN:
		if (!second)
			return;
		entry_release(second);
		join(p, s, second);
		return;
	case ARRIVAL_REFUSED:
		refuse(p, s);
		return;
	case ARRIVAL_ELSEWHERE:
		dial(p, s, a);
		return;
	}
}

/* --- links to other relays ------------------------------------------------ */

/* The session that we dialed a link for, if its half still needs it. */
static struct session *find_half(const struct pairing *p,
				 const struct link_half *half)
{
	struct session *s = match_waiting(&p->match, half->uuid, half->serial);

	return s && !s->gate.open ? s : NULL;
}

static bool on_link_challenge(void *ctx, const struct link_half *half,
			      struct hello *out)
{
	const struct session *s = find_half(ctx, half);
	if (!s)
		return false;

	const struct session_end *e = &s->ends[0];
	*out = (struct hello){
		.ws = e->ws,
		.proxied = e->proxied,
		.controller = e->controller,
		.tunnel = e->tunnel,
		.client = e->client,
	};
	memcpy(out->uuid, s->uuid, sizeof(out->uuid));
	return true;
}

static void on_link_failed(void *ctx, const struct link_half *half)
{
	struct pairing *p = ctx;
	struct session *s = find_half(p, half);

	if (s)
		arrival_lost(&p->arrivals, s, half->owner);
}

/* The link as a half like any other. Takes FD. */
static void join_link(struct pairing *p, struct session *s, int fd)
{
	struct conn *c = conn_create(p->opts.loop, fd, &s->ends[1].client);

	s->gate.open = true;
	if (c) {
		join(p, s, c);
		return;
	}
	close(fd);
	entry_refuse(s->first, REASON_CAP_WAITING);
}

static void on_link_joined(void *ctx, const struct link_half *half, int fd,
			   const struct addr *far)
{
	struct pairing *p = ctx;
	struct session *s = find_half(p, half);

	if (!s) {
		close(fd);
		return;
	}
	metrics_count(M_LINK_OUT);
	/* A local second half is a third one then. */
	if (s->second)
		entry_refuse(s->second, REASON_UUID_BUSY);
	s->ends[1] = (struct session_end){ .client = *far, .link = true };
	join_link(p, s, fd);
}

static bool on_link_hello(void *ctx, const struct hello *h)
{
	struct pairing *p = ctx;
	const struct session *s = find(p, h->uuid);

	return s && match_admit(&p->match, s) == REASON_NONE;
}

static void on_link_accepted(void *ctx, const struct hello *h, int fd)
{
	struct pairing *p = ctx;
	struct session *s = match_find(&p->match, h->uuid);

	metrics_count(M_LINK_IN);
	/* WebSocket is converted at the other relay: here it is TCP. */
	s->ends[1] = (struct session_end){
		.client = h->client,
		.proxied = h->proxied,
		.controller = h->controller,
		.tunnel = h->tunnel,
	};
	join_link(p, s, fd);
}

static const struct link_events link_events = {
	.on_challenge = on_link_challenge,
	.on_joined = on_link_joined,
	.on_failed = on_link_failed,
	.on_hello = on_link_hello,
	.on_accepted = on_link_accepted,
};

/* --- life ----------------------------------------------------------------- */

static void on_arrivals_closed(void *ctx)
{
	struct pairing *p = ctx;

	p->opts.on_closed(p->opts.ctx);
}

int pairing_open(const struct pairing_opts *o, struct pairing **out)
{
	struct pairing *p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	struct arrivals_opts ao = {
		.loop = o->loop,
		.match = &p->match,
		.tickets = o->cfg->tickets,
		.on_answer = on_answer,
		.on_closed = on_arrivals_closed,
		.ctx = p,
	};

	p->opts = *o;
	match_init(&p->match, (size_t)o->cfg->max_parked,
		   (size_t)o->cfg->max_sessions);
	arrivals_init(&p->arrivals, &ao);
	links_init(&p->links, o->loop, &link_events, p);
	*out = p;
	return 0;
}

int pairing_listen(struct pairing *p, const struct claims *claims)
{
	const struct settings *c = p->opts.cfg;

	p->arrivals.claims = claims;
	if (!claims)
		return 0;
	int r = links_listen(&p->links, claims, c->mesh_bind, c->mesh_port);
	if (r < 0)
		log_error("listen_failed", "port %u: %s",
			  (unsigned)c->mesh_port, uv_strerror(r));
	return r;
}

uint16_t pairing_port(const struct pairing *p)
{
	return links_port(&p->links);
}

void pairing_drain(struct pairing *p)
{
	p->drain_ms = now_of(p);
	metric_gauge(&hbbr_metrics, M_DRAINING, 1);
}

void pairing_tick(struct pairing *p)
{
	struct metric_set *m = &hbbr_metrics;
	struct session *s;

	while ((s = match_overdue(&p->match, now_of(p))))
		entry_refuse(s->first, REASON_ALONE);
	links_tick(&p->links);
	metric_gauge(m, M_SESSIONS, p->match.npaired);
	metric_gauge(m, M_SESSIONS_MAX, p->match.max_paired);
	metric_gauge(m, M_WAITING, p->match.nwaiting);
	metric_gauge(m, M_WAITING_MAX, p->match.max_waiting);
}

size_t pairing_paired(const struct pairing *p)
{
	return p->match.npaired;
}

size_t pairing_waiting(const struct pairing *p)
{
	return p->match.nwaiting;
}

void pairing_close(struct pairing *p)
{
	links_close(&p->links);
	while (!TAILQ_EMPTY(&p->match.waiting))
		entry_refuse(TAILQ_FIRST(&p->match.waiting)->first,
			     REASON_GONE);
	arrivals_close(&p->arrivals);
}

void pairing_free(struct pairing *p)
{
	match_fini(&p->match);
	free(p);
}
