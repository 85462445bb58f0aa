#include "services/hbbr/front/workers.h"

#include "common/base/log.h"

static size_t index_of(const struct workers *ws, const struct worker *w)
{
	size_t i = 0;

	while (ws->all[i] != w)
		i++;
	return i;
}

static void on_stopped(struct workers *ws, struct worker *w)
{
	worker_free(w);
	if (++ws->nstopped < ws->n)
		return;
	mailbox_close(ws->reports);
	ws->opts.on_closed(ws->opts.ctx);
}

static void on_report(void *ctx, const void *item)
{
	struct workers *ws = ctx;
	const struct report *r = item;

	switch (r->kind) {
	case REPORT_ENDED:
		ws->load[index_of(ws, r->worker)]--;
		ws->opts.on_ended(ws->opts.ctx, r->ended.token, r->ended.why,
				  r->ended.bytes, r->ended.downgraded);
		break;
	case REPORT_USAGE:
		ws->opts.on_usage(ws->opts.ctx, r->usage.rows, r->usage.n);
		break;
	case REPORT_STOPPED:
		on_stopped(ws, r->worker);
		break;
	}
}

int workers_open(struct workers *ws, const struct workers_opts *o)
{
	size_t n = o->threads == 0 ? 1 : o->threads;

	*ws = (struct workers){ .opts = *o };
	/* One ended per session, one usage and one stopped per worker. */
	int r = mailbox_open(o->loop, sizeof(struct report),
			     o->max_sessions + 2 * WORKERS_MAX, on_report, ws,
			     &ws->reports);
	struct worker_opts wo = {
		.inline_loop = o->threads == 0 ? o->loop : NULL,
		.reports = ws->reports,
		.max_sessions = o->max_sessions,
		.idle_ms = o->idle_ms,
		.max_pipes = WORKERS_PIPES / n,
		.total = o->total,
	};

	for (size_t i = 0; i < n && r == 0; i++) {
		r = worker_start(&wo, &ws->all[i]);
		ws->n += r == 0;
	}
	return r;
}

void workers_close(struct workers *ws)
{
	for (size_t i = 0; i < ws->n; i++)
		worker_stop(ws->all[i]);
}

static size_t least_loaded(const struct workers *ws)
{
	size_t best = 0;

	for (size_t i = 1; i < ws->n; i++) {
		if (ws->load[i] < ws->load[best])
			best = i;
	}
	return best;
}

int workers_pair(struct workers *ws, const struct worker_pair *p)
{
	size_t i = least_loaded(ws);
	int r = worker_pair(ws->all[i], p);

	ws->load[i] += r == 0;
	return r;
}

void workers_apply_lists(struct workers *ws, const struct ipset *blocked,
			 const struct ipset *slow)
{
	for (size_t i = 0; i < ws->n; i++) {
		int r = worker_lists(ws->all[i], blocked, slow);
		if (r < 0)
			log_error("lists_not_applied", "worker %zu: %s", i,
				  uv_strerror(r));
	}
}

void workers_usage(struct workers *ws)
{
	for (size_t i = 0; i < ws->n; i++) {
		if (worker_usage(ws->all[i]) < 0)
			ws->opts.on_usage(ws->opts.ctx, NULL, 0);
	}
}
