/* Sessions of the front: parking, pairing, hand-off, and the end. */
#include "services/hbbr/front/front.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "services/hbbr/state/metrics.h"

/* A uuid admits to its session, so the log has only the start of it. */
enum { UUID_SHOWN = 8 };

static struct session_end end_of(const struct peer *p,
				 const struct relay_request *rq)
{
	return (struct session_end){
		.client = p->client,
		.ws = p->ws != NULL,
		.proxied = p->proxied,
		.controller = rq->controller,
		.tunnel = rq->tunnel,
	};
}

static void log_uuid(struct log_line *l, const struct session *s)
{
	log_bytes(l, "uuid", s->uuid, strnlen(s->uuid, UUID_SHOWN));
}

static const char *transport(const struct session_end *e)
{
	return e->link ? "link" : e->ws ? "ws" : "tcp";
}

static void log_ticket(struct log_line *l, const struct gate *g)
{
	if (!g->has_ticket)
		return;
	log_str(l, "to", g->ticket.target);
	if (g->ticket.user[0] != '\0')
		log_str(l, "user", g->ticket.user);
}

void relay_ended(struct front *f, struct session *s, enum reason why,
		 const uint64_t bytes[static 2], bool downgraded)
{
	uint64_t now = loop_now(f->loop);
	struct log_line l;

	log_begin(&l, LOG_INFO, "session_end");
	log_uuid(&l, s);
	log_str(&l, "reason", reason_word(why));
	log_addr(&l, "a", &s->ends[0].client);
	log_addr(&l, "b", &s->ends[1].client);
	log_str(&l, "transport_a", transport(&s->ends[0]));
	log_str(&l, "transport_b", transport(&s->ends[1]));
	log_uint(&l, "bytes_a", bytes[0]);
	log_uint(&l, "bytes_b", bytes[1]);
	log_uint(&l, "ms", now - s->since_ms);
	log_ticket(&l, &s->gate);
	if (downgraded)
		log_str(&l, "downgraded", "yes");
	log_end(&l);

	count_ended(why);
	if (downgraded)
		count(M_DOWNGRADED);
	match_end(&f->match, s, now);
	free(s);
}

/* The half that waited beside the first one takes its place. */
static void promote_second(struct session *s)
{
	struct peer *second = s->second;

	s->first = second;
	s->second = NULL;
	s->ends[0] = s->ends[1];
}

void relay_unpark(struct peer *p)
{
	struct session *s = p->session;
	struct front *f = p->front;

	p->session = NULL;
	if (p == s->second) {
		s->second = NULL;
	} else if (s->second != NULL) {
		promote_second(s);
	} else {
		arrival_end(&f->arrivals, s);
		match_end(&f->match, s, loop_now(f->loop));
		free(s);
	}
}

static void relay_park(struct peer *p, const struct relay_request *rq)
{
	struct front *f = p->front;

	struct session *s = calloc(1, sizeof(*s));
	if (s == NULL) {
		front_refuse(p, REASON_CAP_WAITING);
		return;
	}
	memcpy(s->uuid, rq->uuid, sizeof(s->uuid));
	s->ends[0] = end_of(p, rq);
	s->first = p;
	if (match_park(&f->match, s, loop_now(f->loop)) < 0) {
		free(s);
		front_refuse(p, REASON_CAP_WAITING);
		return;
	}
	p->session = s;
	if (front_park(p))
		arrival_begin(&f->arrivals, s);
}

/* The gate of its session is still shut. */
static void relay_wait(struct session *s, struct peer *second,
		       const struct relay_request *rq)
{
	s->ends[1] = end_of(second, rq);
	s->second = second;
	second->session = s;
	(void)front_park(second);
}

static size_t least_loaded(const struct front *f)
{
	size_t best = 0;

	for (size_t i = 1; i < f->nworkers; i++) {
		if (f->load[i] < f->load[best])
			best = i;
	}
	return best;
}

struct limits relay_limits(const struct front *f, const struct session *s)
{
	struct limits l = f->limits;
	uint64_t most = s->gate.ticket.max_bps;

	/* The relay that has the claim counts for both. */
	if (s->ends[1].link)
		return (struct limits){ 0 };
	if (most != 0 && (l.single_bps == 0 || most < l.single_bps))
		l.single_bps = most;
	return l;
}

static bool session_is_slow(const struct front *f, const struct session *s)
{
	return ipset_has(&f->slow, &s->ends[0].client) ||
	       ipset_has(&f->slow, &s->ends[1].client);
}

static void relay_to_worker(struct front *f, struct session *s,
			    struct peer *first, struct peer *second)
{
	static const uint64_t nothing[2] = { 0, 0 };
	size_t w = least_loaded(f);
	struct worker_pair wp = {
		.token = s,
		.fd = { peer_release(first), peer_release(second) },
		.client = { s->ends[0].client, s->ends[1].client },
		.limits = relay_limits(f, s),
		.slow = session_is_slow(f, s),
	};

	s->worker = (uint8_t)w;
	count(M_PAIR_TCP_TCP);
	if (worker_pair(f->workers[w], &wp) < 0) {
		close(wp.fd[0]);
		close(wp.fd[1]);
		relay_ended(f, s, REASON_OVERLOAD, nothing, false);
		return;
	}
	f->load[w]++;
}

/* Raw bytes after the login of a tunnel are no frames; no relay can tell
 * (spec 4.16), so say why such a session will not work. */
static void warn_tunnel(const struct session *s)
{
	struct log_line l;

	if (s->ends[0].ws == s->ends[1].ws ||
	    !(s->ends[0].tunnel || s->ends[1].tunnel))
		return;
	log_begin(&l, LOG_WARN, "mixed_tunnel");
	log_uuid(&l, s);
	log_str(&l, "msg",
		"port forwarding and RDP do not work between a WebSocket and "
		"a TCP client");
	log_end(&l);
}

static void relay_to_bridge(struct front *f, struct session *s,
			    struct peer *first, struct peer *second)
{
	static const uint64_t nothing[2] = { 0, 0 };
	bool both = first->ws != NULL && second->ws != NULL;

	warn_tunnel(s);
	count(both ? M_PAIR_WS_WS : M_PAIR_TCP_WS);
	if (bridge_start(&f->bridges, s, first, second, session_is_slow(f, s)) <
	    0) {
		peer_close(first);
		peer_close(second);
		relay_ended(f, s, REASON_MEMORY, nothing, false);
	}
}

/* Joins the first half of S and SECOND; s->ends[] say who they are. */
static void relay_pair(struct session *s, struct peer *second)
{
	struct front *f = second->front;
	struct peer *first = s->first;

	arrival_end(&f->arrivals, s);
	arrival_paired(&f->arrivals, s);
	match_pair(&f->match, s, loop_now(f->loop));
	first->session = NULL;
	second->session = NULL;
	front_unpaired_done(first);
	front_unpaired_done(second);
	if (first->ws == NULL && second->ws == NULL)
		relay_to_worker(f, s, first, second);
	else
		relay_to_bridge(f, s, first, second);
}

void relay_gate_open(struct session *s)
{
	if (s->second != NULL)
		relay_pair(s, s->second);
}

/* Its hang-up may be waiting in the same batch of events. */
static struct session *drop_dead_first(struct session *s)
{
	struct peer *first = s->first;
	bool last = s->second == NULL;

	if (first->ws != NULL || !peer_is_dead(first))
		return s;
	front_refuse(first, REASON_GONE);
	return last ? NULL : s;
}

/* --- links to other relays ------------------------------------------------ */

struct session *relay_link_wanted(struct front *f, const struct hello *h)
{
	struct session *s = match_find(&f->match, h->uuid);

	if (s != NULL && s->state == S_WAITING)
		s = drop_dead_first(s);
	return s != NULL && match_admit(&f->match, s) == REASON_NONE ? s : NULL;
}

/* The link as a half like any other. Takes FD. */
static void relay_pair_link(struct front *f, struct session *s, int fd)
{
	struct peer *p = front_enter_link(f, fd, &s->ends[1].client);

	s->gate.open = true;
	if (p == NULL)
		front_refuse(s->first, REASON_CAP_WAITING);
	else
		relay_pair(s, p);
}

void relay_link_in(struct front *f, struct session *s, int fd,
		   const struct hello *h)
{
	/* WebSocket is converted at the other relay: here it is TCP. */
	s->ends[1] = (struct session_end){
		.client = h->client,
		.proxied = h->proxied,
		.controller = h->controller,
		.tunnel = h->tunnel,
	};
	relay_pair_link(f, s, fd);
}

void relay_link_out(struct front *f, struct session *s, int fd,
		    const struct addr *far)
{
	/* A local second half is a third one then. */
	if (s->second != NULL)
		front_refuse(s->second, REASON_UUID_BUSY);
	s->ends[1] = (struct session_end){ .client = *far, .link = true };
	relay_pair_link(f, s, fd);
}

void relay_arrive(struct peer *p, const struct relay_request *rq)
{
	struct front *f = p->front;
	struct session *s = match_find(&f->match, rq->uuid);

	if (s != NULL && s->state == S_WAITING)
		s = drop_dead_first(s);

	enum reason why = match_admit(&f->match, s);
	if (why == REASON_UUID_BUSY &&
	    match_is_duplicate(s, &p->client, rq->controller))
		why = REASON_DUPLICATE;
	if (why == REASON_NONE && s == NULL && front_drained(f))
		why = REASON_DRAINING;
	if (why != REASON_NONE) {
		front_refuse(p, why);
	} else if (s == NULL) {
		relay_park(p, rq);
	} else if (!s->gate.open) {
		relay_wait(s, p, rq);
	} else {
		s->ends[1] = end_of(p, rq);
		relay_pair(s, p);
	}
}

void relay_on_report(void *ctx, const void *item)
{
	struct front *f = ctx;
	const struct report *r = item;

	switch (r->kind) {
	case REPORT_ENDED: {
		struct session *s = r->ended.token;
		f->load[s->worker]--;
		relay_ended(f, s, r->ended.why, r->ended.bytes,
			    r->ended.downgraded);
		break;
	}
	case REPORT_USAGE:
		f->on_usage(f->ctx, r->usage.rows, r->usage.n);
		break;
	case REPORT_STOPPED:
		front_worker_stopped(f, r->worker);
		break;
	}
}
