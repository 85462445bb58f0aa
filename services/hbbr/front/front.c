#include "services/hbbr/front/front.h"

#include "common/base/log.h"
#include "services/hbbr/front/entry.h"
#include "services/hbbr/front/pairing.h"
#include "services/hbbr/front/session.h"
#include "services/hbbr/pairing/match.h"
#include "services/hbbr/state/metrics.h"
#include "services/hbbr/state/settings.h"

enum { TICK_MS = 500 };

/* --- from part to part ---------------------------------------------------- */

static enum reason on_request(void *ctx, struct conn *c,
			      const struct relay_request *rq)
{
	struct front *f = ctx;

	return pairing_arrive(f->pairing, c, rq);
}

static void on_left(void *ctx, struct conn *c)
{
	struct front *f = ctx;

	pairing_leave(f->pairing, c);
}

static bool is_cut(const struct front *f, const struct session_end *e)
{
	return ipset_has(&f->blocked, &e->client) ||
	       ipset_has(&f->banned, &e->client);
}

/* One half may have waited since before the lists had it. */
static void on_pair(void *ctx, struct session *s, struct conn *first,
		    struct conn *second)
{
	struct front *f = ctx;

	if (is_cut(f, &s->ends[0]) || is_cut(f, &s->ends[1]))
		session_refuse(f->sessions, s, first, second, REASON_BLOCKED);
	else
		session_start(f->sessions, s, first, second);
}

static void on_ended(void *ctx, struct session *s)
{
	struct front *f = ctx;

	pairing_ended(f->pairing, s);
}

static void on_command(void *ctx, int fd)
{
	struct front *f = ctx;

	f->hooks.on_command(f->hooks.ctx, fd);
}

static void on_usage(void *ctx, struct usage_row *rows, size_t n)
{
	struct front *f = ctx;

	f->hooks.on_usage(f->hooks.ctx, rows, n);
}

static void on_part_closed(void *ctx)
{
	struct front *f = ctx;

	if (--f->closing_parts == 0)
		f->hooks.on_closed(f->hooks.ctx);
}

/* --- the start ------------------------------------------------------------ */

static void on_tick(void *ctx)
{
	struct front *f = ctx;

	entry_tick(f->entry);
	pairing_tick(f->pairing);
	sessions_tick(f->sessions);
	metric_gauge(&hbbr_metrics, M_BRIDGE_BYTES, f->memory.held);
	metric_gauge(&hbbr_metrics, M_BRIDGE_BYTES_MAX, f->memory.max);
}

static int open_entry(struct front *f)
{
	struct entry_opts o = {
		.loop = f->loop,
		.cfg = f->cfg,
		.blocked = &f->blocked,
		.banned = &f->banned,
		.memory = &f->memory,
		.on_request = on_request,
		.on_left = on_left,
		.is_command = f->hooks.is_command,
		.on_command = on_command,
		.on_closed = on_part_closed,
		.ctx = f,
	};

	return entry_open(&o, &f->entry);
}

static int open_pairing(struct front *f)
{
	struct pairing_opts o = {
		.loop = f->loop,
		.cfg = f->cfg,
		.on_pair = on_pair,
		.on_closed = on_part_closed,
		.ctx = f,
	};

	return pairing_open(&o, &f->pairing);
}

static int open_sessions(struct front *f)
{
	struct sessions_opts o = {
		.loop = f->loop,
		.threads = (size_t)f->cfg->nworkers,
		.max_sessions = (size_t)f->cfg->max_sessions,
		.max_message = (size_t)f->cfg->max_message,
		.idle_ms = (uint64_t)f->cfg->idle_ms,
		.limits = &f->limits,
		.total = &f->total,
		.slow = &f->slow,
		.memory = &f->memory,
		.on_ended = on_ended,
		.on_usage = on_usage,
		.on_closed = on_part_closed,
		.ctx = f,
	};

	return sessions_open(&o, &f->sessions);
}

int front_open(struct front *f, struct loop *l, const struct settings *cfg,
	       const struct front_hooks *hooks)
{
	*f = (struct front){ .loop = l, .cfg = cfg, .hooks = *hooks };
	f->limits = settings_limits(cfg);
	f->total_bps = (uint64_t)cfg->total_bandwidth * LIMITS_MBIT;
	shared_limit_init(&f->total, f->total_bps);
	memory_init(&f->memory, l, (size_t)cfg->bridge_memory);

	int r = open_entry(f);
	if (r == 0)
		r = open_pairing(f);
	if (r == 0)
		r = open_sessions(f);
	if (r < 0)
		return r;
	timer_init(l, &f->tick, on_tick, f);
	timer_start(&f->tick, TICK_MS, TICK_MS);
	on_tick(f); /* the gauges */
	return 0;
}

int front_listen(struct front *f, const char *key, const struct claims *claims)
{
	struct log_line l;

	int r = entry_listen(f->entry, key);
	if (r == 0)
		r = pairing_listen(f->pairing, claims);
	if (r < 0)
		return r;
	log_begin(&l, LOG_INFO, "listening");
	log_uint(&l, "port", entry_port(f->entry));
	log_uint(&l, "ws_port", entry_web_port(f->entry));
	log_uint(&l, "mesh_port", pairing_port(f->pairing));
	log_uint(&l, "workers", (uint64_t)f->cfg->nworkers);
	log_str(&l, "key", key[0] != '\0' ? "required" : "not_required");
	log_end(&l);
	return 0;
}

uint16_t front_mesh_port(const struct front *f)
{
	return pairing_port(f->pairing);
}

void front_reload(struct front *f)
{
	entry_reload(f->entry);
}

/* --- the console ---------------------------------------------------------- */

void front_lists_changed(struct front *f)
{
	sessions_apply_lists(f->sessions, &f->blocked, &f->slow);
}

int front_ban(struct front *f, const struct ipset *banned)
{
	struct ipset copy;
	int r = ipset_copy(banned, &copy);

	if (r < 0)
		return r;
	ipset_fini(&f->banned);
	f->banned = copy;
	sessions_apply_lists(f->sessions, &f->banned, &f->slow);
	return 0;
}

size_t front_usage_parts(const struct front *f)
{
	return sessions_usage_parts(f->sessions);
}

void front_usage(struct front *f)
{
	sessions_usage(f->sessions);
}

/* --- the end -------------------------------------------------------------- */

void front_drain(struct front *f)
{
	pairing_drain(f->pairing);
}

size_t front_sessions(const struct front *f)
{
	return pairing_paired(f->pairing);
}

bool front_idle(const struct front *f)
{
	return pairing_paired(f->pairing) == 0 &&
	       pairing_waiting(f->pairing) == 0;
}

void front_close(struct front *f)
{
	f->closing_parts = 4; /* entry, pairing, sessions, tick */
	entry_shut(f->entry);
	pairing_close(f->pairing);
	sessions_close(f->sessions);
	timer_close(&f->tick, on_part_closed);
	entry_close(f->entry);
}

void front_fini(struct front *f)
{
	ipset_fini(&f->blocked);
	ipset_fini(&f->banned);
	ipset_fini(&f->slow);
	entry_free(f->entry);
	pairing_free(f->pairing);
	sessions_free(f->sessions);
}
