#include "services/hbbr/front/front.h"

#include "common/base/log.h"
#include "services/hbbr/state/metrics.h"

enum {
	FIRST_FRAME_MS = 30000, /* the reference's */
	WS_UPGRADE_MS = 10000,  /* spec 1.5 */
	TICK_MS = 500,
	/* hbbs may have handed out this relay just before it heard that it
	 * drains; such first halves still find their partners. */
	DRAIN_GRACE_MS = 5000,
};

static void update_ws_gauges(const struct front *f)
{
	struct metric_set *m = &hbbr_metrics;
	struct ws_counts c = ws_context_counts(f->ws);

	metric_gauge(m, M_HALF_OPEN, c.half_open);
	metric_gauge(m, M_HALF_OPEN_MAX, WS_HALF_OPEN_MAX);
	metric_gauge(m, M_WS_CROWDED, c.crowded_out);
	metric_gauge(m, M_WS_CAP_IP, c.per_ip);
	metric_gauge(m, M_WS_LATE, c.late);
	metric_gauge(m, M_WS_BAD, c.bad_request);
	metric_gauge(m, M_FOREIGN_TLS,
		     f->foreign[FOREIGN_TLS] + c.foreign[FOREIGN_TLS]);
	metric_gauge(m, M_FOREIGN_PROXY,
		     f->foreign[FOREIGN_PROXY] + c.foreign[FOREIGN_PROXY]);
}

static void update_gauges(struct front *f)
{
	metric_gauge(&hbbr_metrics, M_SESSIONS, f->match.npaired);
	metric_gauge(&hbbr_metrics, M_SESSIONS_MAX, f->match.max_paired);
	metric_gauge(&hbbr_metrics, M_WAITING, f->match.nwaiting);
	metric_gauge(&hbbr_metrics, M_WAITING_MAX, f->match.max_waiting);
	metric_gauge(&hbbr_metrics, M_HANDSHAKING, f->nhandshaking);
	update_ws_gauges(f);
	metric_gauge(&hbbr_metrics, M_BRIDGE_BYTES, f->bridges.memory);
	metric_gauge(&hbbr_metrics, M_BRIDGE_BYTES_MAX,
		     (uint64_t)f->cfg->bridge_memory);
}

static void on_tick(void *ctx)
{
	struct front *f = ctx;
	uint64_t now = loop_now(f->loop);
	struct session *s;
	struct peer *p;

	while ((p = TAILQ_FIRST(&f->handshaking)) != NULL &&
	       now - p->since_ms >= FIRST_FRAME_MS)
		front_refuse(p, REASON_TIMEOUT);
	while ((s = match_overdue(&f->match, now)) != NULL)
		front_refuse(s->first, REASON_ALONE);
	links_tick(&f->links);
	bridges_tick(&f->bridges);
	lingers_tick(&f->lingers);
	update_gauges(f);
}

static int start_workers(struct front *f)
{
	size_t n = f->cfg->nworkers == 0 ? 1 : (size_t)f->cfg->nworkers;
	struct worker_opts o = {
		.inline_loop = f->cfg->nworkers == 0 ? f->loop : NULL,
		.reports = f->reports,
		.max_sessions = (size_t)f->cfg->max_sessions,
		.idle_ms = (uint64_t)f->cfg->idle_ms,
		.max_pipes = FRONT_PIPES / n,
		.total = &f->total,
	};

	for (size_t i = 0; i < n; i++) {
		int r = worker_start(&o, &f->workers[i]);
		if (r < 0)
			return r;
		f->nworkers++;
	}
	return 0;
}

int front_open(struct front *f, struct loop *l, const struct settings *cfg)
{
	size_t sessions = (size_t)cfg->max_sessions;
	size_t parked = (size_t)cfg->max_parked;

	*f = (struct front){ .loop = l, .cfg = cfg, .key = "" };
	f->limits = settings_limits(cfg);
	f->total_bps = (uint64_t)cfg->total_bandwidth * LIMITS_MBIT;
	shared_limit_init(&f->total, f->total_bps);
	match_init(&f->match, parked, sessions);
	quota_init(&f->quota, (uint32_t)cfg->max_parked_per_ip, parked);
	TAILQ_INIT(&f->handshaking);
	TAILQ_INIT(&f->leaving);
	timer_init(l, &f->grace, front_on_grace, f);
	arrivals_init(&f->arrivals, f);
	links_init(&f->links, f);
	bridges_init(&f->bridges, f);
	lingers_init(&f->lingers, l);
	timer_init(l, &f->tick, on_tick, f);
	timer_start(&f->tick, TICK_MS, TICK_MS);
	update_gauges(f);

	/* One ended per session, one usage and one stopped per worker. */
	int r = mailbox_open(l, sizeof(struct report),
			     sessions + 2 * FRONT_WORKERS_MAX, relay_on_report,
			     f, &f->reports);
	return r < 0 ? r : start_workers(f);
}

static int open_ws(struct front *f)
{
	const struct settings *c = f->cfg;
	struct ws_opts o = {
		.name = "relay",
		.max_message = HANDSHAKE_MAX,
		.max_queue = (size_t)c->max_message + BRIDGE_QUEUE_SPARE,
		.low_mark = BRIDGE_LOW,
		.handshake_ms = WS_UPGRADE_MS,
		.trusted = &c->proxies,
		.cert_file = c->tls_cert,
		.key_file = c->tls_key,
	};

	return ws_context_open(f->loop, &o, &front_ws_events, f, &f->ws);
}

static void log_listening(const struct front *f)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, "listening");
	log_uint(&l, "port", listen_port(f->tcp));
	log_uint(&l, "ws_port", listen_port(f->web));
	log_uint(&l, "mesh_port", links_port(&f->links));
	log_uint(&l, "workers", (uint64_t)f->cfg->nworkers);
	log_str(&l, "key", f->key[0] != '\0' ? "required" : "not_required");
	log_end(&l);
}

int front_listen(struct front *f, const char *key)
{
	const struct settings *c = f->cfg;
	bool proxy = c->proxy_protocol_nets.n > 0;
	struct listen_opts o = {
		.bind = c->bind,
		.port = c->port,
		.proxy = proxy ? &c->proxy_protocol_nets : NULL,
	};

	f->key = key;
	int r = open_ws(f);
	if (r == 0)
		r = listen_open(f->loop, &o, front_accept_tcp, f, &f->tcp);
	if (r == 0) {
		o.port = c->port == 0 ? 0 : (uint16_t)(c->port + 2);
		r = listen_open(f->loop, &o, front_accept_ws, f, &f->web);
	}
	if (r == 0) {
		o.port = c->mesh_port;
		r = links_listen(&f->links);
	}
	if (r < 0) {
		log_error("listen_failed", "port %u: %s", (unsigned)o.port,
			  uv_strerror(r));
		return r;
	}
	log_listening(f);
	return 0;
}

void front_lists_changed(struct front *f)
{
	bridges_apply_lists(&f->bridges, &f->blocked, &f->slow);
	for (size_t i = 0; i < f->nworkers; i++) {
		int r = worker_lists(f->workers[i], &f->blocked, &f->slow);
		if (r < 0)
			log_error("lists_not_applied", "worker %zu: %s", i,
				  uv_strerror(r));
	}
}

size_t front_usage_parts(const struct front *f)
{
	return f->nworkers + 1;
}

void front_usage(struct front *f)
{
	struct usage_row *rows;

	for (size_t i = 0; i < f->nworkers; i++) {
		if (worker_usage(f->workers[i]) < 0)
			f->on_usage(f->ctx, NULL, 0);
	}
	size_t n = bridges_usage(&f->bridges, &rows);
	f->on_usage(f->ctx, rows, n);
}

static void front_part_closed(void *ctx)
{
	struct front *f = ctx;

	if (--f->closing_parts == 0)
		f->on_closed(f->ctx);
}

void front_worker_stopped(struct front *f, struct worker *w)
{
	worker_free(w);
	f->nstopped++;
	if (f->nstopped < f->nworkers)
		return;
	mailbox_close(f->reports);
	front_part_closed(f);
}

static void close_unpaired(struct front *f)
{
	while (!TAILQ_EMPTY(&f->handshaking))
		front_refuse(TAILQ_FIRST(&f->handshaking), REASON_GONE);
	while (!TAILQ_EMPTY(&f->match.waiting))
		front_refuse(TAILQ_FIRST(&f->match.waiting)->first,
			     REASON_GONE);
}

void front_drain(struct front *f)
{
	f->drain_ms = loop_now(f->loop);
	metric_gauge(&hbbr_metrics, M_DRAINING, 1);
}

bool front_drained(const struct front *f)
{
	return f->drain_ms != 0 &&
	       loop_now(f->loop) - f->drain_ms >= DRAIN_GRACE_MS;
}

bool front_idle(const struct front *f)
{
	return f->match.npaired == 0 && f->match.nwaiting == 0;
}

void front_close(struct front *f)
{
	f->closing = true;
	/* workers; the timers of bridges and arrivals; tick; grace */
	f->closing_parts = 5;
	listen_close(f->tcp);
	listen_close(f->web);
	links_close(&f->links);
	close_unpaired(f);
	arrivals_close(&f->arrivals, front_part_closed);
	for (size_t i = 0; i < f->nworkers; i++)
		worker_stop(f->workers[i]);
	bridges_close(&f->bridges, front_part_closed);
	lingers_close(&f->lingers);
	timer_close(&f->tick, front_part_closed);
	timer_close(&f->grace, front_part_closed);
	if (f->ws != NULL)
		ws_context_close(f->ws);
}

void front_fini(struct front *f)
{
	ipset_fini(&f->blocked);
	ipset_fini(&f->slow);
	quota_fini(&f->quota);
	match_fini(&f->match);
}
