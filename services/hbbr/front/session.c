#include "services/hbbr/front/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "services/hbbr/front/bridges.h"
#include "services/hbbr/front/workers.h"
#include "services/hbbr/pairing/match.h"
#include "services/hbbr/state/metrics.h"

/* A uuid admits to its session, so the log has only the start of it. */
enum { UUID_SHOWN = 8 };

struct sessions {
	struct sessions_opts opts;
	struct workers workers;
	struct bridges bridges;
	int closing_parts; /* until on_closed */
};

static const uint64_t nothing[2] = { 0, 0 };

/* --- the end -------------------------------------------------------------- */

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

static void log_ended(const struct session *s, enum reason why,
		      const uint64_t bytes[static 2], uint64_t ms,
		      bool downgraded)
{
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
	log_uint(&l, "ms", ms);
	log_ticket(&l, &s->gate);
	if (downgraded)
		log_str(&l, "downgraded", "yes");
	log_end(&l);
}

/* From a worker, a bridge, or from neither when both had no room. */
static void on_ended(void *ctx, void *token, enum reason why,
		     const uint64_t bytes[static 2], bool downgraded)
{
	struct sessions *ss = ctx;
	struct session *s = token;

	log_ended(s, why, bytes, loop_now(ss->opts.loop) - s->since_ms,
		  downgraded);
	metrics_ended(why);
	if (downgraded)
		metrics_count(M_DOWNGRADED);
	ss->opts.on_ended(ss->opts.ctx, s);
}

/* --- the start ------------------------------------------------------------ */

static struct limits limits_of(const struct sessions *ss,
			       const struct session *s)
{
	struct limits l = *ss->opts.limits;
	uint64_t most = s->gate.ticket.max_bps;

	/* The relay that has the claim counts for both. */
	if (s->ends[1].link)
		return (struct limits){ 0 };
	if (most != 0 && (l.single_bps == 0 || most < l.single_bps))
		l.single_bps = most;
	return l;
}

static bool is_slow(const struct sessions *ss, const struct session *s)
{
	return ipset_has(ss->opts.slow, &s->ends[0].client) ||
	       ipset_has(ss->opts.slow, &s->ends[1].client);
}

static void to_worker(struct sessions *ss, struct session *s,
		      struct conn *first, struct conn *second)
{
	struct worker_pair p = {
		.token = s,
		.fd = { conn_release(first), conn_release(second) },
		.client = { s->ends[0].client, s->ends[1].client },
		.limits = limits_of(ss, s),
		.slow = is_slow(ss, s),
	};

	metrics_count(M_PAIR_TCP_TCP);
	if (workers_pair(&ss->workers, &p) < 0) {
		close(p.fd[0]);
		close(p.fd[1]);
		on_ended(ss, s, REASON_OVERLOAD, nothing, false);
	}
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

void session_refuse(struct sessions *ss, struct session *s, struct conn *first,
		    struct conn *second, enum reason why)
{
	conn_close(first);
	conn_close(second);
	on_ended(ss, s, why, nothing, false);
}

static void to_bridge(struct sessions *ss, struct session *s,
		      struct conn *first, struct conn *second)
{
	bool both = first->ws && second->ws;
	struct bridge_pair p = {
		.token = s,
		.conns = { first, second },
		.limits = limits_of(ss, s),
		.slow = is_slow(ss, s),
	};

	warn_tunnel(s);
	metrics_count(both ? M_PAIR_WS_WS : M_PAIR_TCP_WS);
	if (bridge_start(&ss->bridges, &p) < 0)
		session_refuse(ss, s, first, second, REASON_MEMORY);
}

void session_start(struct sessions *ss, struct session *s, struct conn *first,
		   struct conn *second)
{
	if (!first->ws && !second->ws)
		to_worker(ss, s, first, second);
	else
		to_bridge(ss, s, first, second);
}

/* --- all of them ---------------------------------------------------------- */

void sessions_tick(struct sessions *ss)
{
	bridges_tick(&ss->bridges); /* the workers see to theirs */
}

void sessions_apply_lists(struct sessions *ss, const struct ipset *blocked,
			  const struct ipset *slow)
{
	bridges_apply_lists(&ss->bridges, blocked, slow);
	workers_apply_lists(&ss->workers, blocked, slow);
}

size_t sessions_usage_parts(const struct sessions *ss)
{
	return ss->workers.n + 1;
}

void sessions_usage(struct sessions *ss)
{
	struct usage_row *rows;

	workers_usage(&ss->workers);
	size_t n = bridges_usage(&ss->bridges, &rows);
	ss->opts.on_usage(ss->opts.ctx, rows, n);
}

static void on_usage(void *ctx, struct usage_row *rows, size_t n)
{
	struct sessions *ss = ctx;

	ss->opts.on_usage(ss->opts.ctx, rows, n);
}

static void on_part_closed(void *ctx)
{
	struct sessions *ss = ctx;

	if (--ss->closing_parts == 0)
		ss->opts.on_closed(ss->opts.ctx);
}

int sessions_open(const struct sessions_opts *o, struct sessions **out)
{
	struct sessions *ss = calloc(1, sizeof(*ss));
	if (!ss)
		return -ENOMEM;
	struct bridges_opts bo = {
		.loop = o->loop,
		.total = o->total,
		.memory = o->memory,
		.max_message = o->max_message,
		.idle_ms = o->idle_ms,
		.on_ended = on_ended,
		.on_closed = on_part_closed,
		.ctx = ss,
	};
	struct workers_opts wo = {
		.loop = o->loop,
		.threads = o->threads,
		.max_sessions = o->max_sessions,
		.idle_ms = o->idle_ms,
		.total = o->total,
		.on_ended = on_ended,
		.on_usage = on_usage,
		.on_closed = on_part_closed,
		.ctx = ss,
	};

	ss->opts = *o;
	bridges_init(&ss->bridges, &bo);
	*out = ss;
	return workers_open(&ss->workers, &wo);
}

void sessions_close(struct sessions *ss)
{
	ss->closing_parts = 2; /* the workers, the bridges */
	workers_close(&ss->workers);
	bridges_close(&ss->bridges);
}

void sessions_free(struct sessions *ss)
{
	free(ss);
}
