#include "services/hbbr/splice/worker.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "services/hbbr/splice/engine.h"

enum order_kind { ORDER_PAIR, ORDER_LISTS, ORDER_USAGE, ORDER_STOP };

struct order {
	enum order_kind kind;
	union {
		struct worker_pair pair;
		struct {
			struct ipset blocked; /* the worker's now */
			struct ipset slow;
		} lists;
	};
};

enum { ORDERS_SPARE = 64 }; /* beside one per session: lists, usage, stop */

struct worker {
	struct loop own; /* unless inline */
	struct loop *loop;
	bool threaded;
	bool stopping;
	pthread_t thread;
	struct mailbox *orders;
	struct mailbox *reports;
	struct engine engine;
	struct deferred stop;
};

/* The mailbox has room by its contract, so a report cannot be lost. */
static void report(struct worker *w, struct report *r)
{
	r->worker = w;
	int posted = mailbox_post(w->reports, r);
	assert(posted == 0);
	(void)posted;
}

static void report_ended(struct worker *w, void *token, enum reason why,
			 const struct pair *pair)
{
	struct report r = { .kind = REPORT_ENDED };

	r.ended.token = token;
	r.ended.why = why;
	if (pair) {
		r.ended.bytes[0] = pair->ends[0].bytes;
		r.ended.bytes[1] = pair->ends[1].bytes;
		r.ended.downgraded = pair->meter.downgraded;
	}
	report(w, &r);
}

static void on_pair_ended(void *ctx, struct pair *pair, enum reason why)
{
	report_ended(ctx, pair->token, why, pair);
}

static void take_pair(struct worker *w, const struct worker_pair *p)
{
	struct pair *pair;

	if (w->stopping) {
		close(p->fd[0]);
		close(p->fd[1]);
		report_ended(w, p->token, REASON_SHUTDOWN, NULL);
		return;
	}
	int r = engine_add(&w->engine, p->fd, &p->limits, &pair);
	if (r < 0) {
		log_warn("session_refused", "no room for a session: %s",
			 uv_strerror(r));
		report_ended(w, p->token, REASON_MEMORY, NULL);
		return;
	}
	pair->token = p->token;
	pair->ends[0].client = p->client[0];
	pair->ends[1].client = p->client[1];
	meter_throttle(&pair->meter, p->slow, pair->active_ms);
}

static void report_usage(struct worker *w)
{
	struct report r = { .kind = REPORT_USAGE };
	uint64_t now = loop_now(w->loop);
	struct pair *pair;

	if (w->engine.npairs > 0)
		r.usage.rows = calloc(w->engine.npairs, sizeof(*r.usage.rows));
	if (r.usage.rows) {
		TAILQ_FOREACH(pair, &w->engine.pairs, link)
		r.usage.rows[r.usage.n++] =
			usage_of(&pair->meter, &pair->ends[1].client, now);
	}
	report(w, &r);
}

static void on_order(void *ctx, const void *item)
{
	struct worker *w = ctx;
	struct order o = *(const struct order *)item;

	switch (o.kind) {
	case ORDER_PAIR:
		take_pair(w, &o.pair);
		break;
	case ORDER_LISTS:
		engine_apply_lists(&w->engine, &o.lists.blocked, &o.lists.slow);
		ipset_fini(&o.lists.blocked);
		ipset_fini(&o.lists.slow);
		break;
	case ORDER_USAGE:
		report_usage(w);
		break;
	case ORDER_STOP:
		w->stopping = true;
		loop_defer(w->loop, &w->stop);
		break;
	}
}

/* Not inside on_order(): the mailbox is closed here. */
static void stop_now(struct deferred *d)
{
	struct worker *w = container_of(d, struct worker, stop);

	mailbox_close(w->orders);
	engine_close(&w->engine);
	if (w->threaded)
		loop_stop(w->loop);
}

static void on_engine_closed(void *ctx)
{
	struct worker *w = ctx;
	struct report r = { .kind = REPORT_STOPPED };

	if (!w->threaded)
		report(w, &r);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct report r = { .kind = REPORT_STOPPED };

	loop_run(w->loop);
	loop_fini(w->loop);
	report(w, &r);
	return NULL;
}

static int worker_open(struct worker *w, const struct worker_opts *o)
{
	struct engine_opts eo = {
		.idle_ms = o->idle_ms,
		.max_pipes = o->max_pipes,
		.total = o->total,
		.on_ended = on_pair_ended,
		.on_closed = on_engine_closed,
		.ctx = w,
	};

	int r = mailbox_open(w->loop, sizeof(struct order),
			     o->max_sessions + ORDERS_SPARE, on_order, w,
			     &w->orders);
	if (r < 0)
		return r;
	r = engine_open(&w->engine, w->loop, &eo);
	if (r < 0)
		mailbox_close(w->orders);
	return r;
}

static int worker_open_thread(struct worker *w, const struct worker_opts *o)
{
	int r = loop_init(&w->own);
	if (r < 0)
		return r;
	w->loop = &w->own;
	w->threaded = true;
	r = worker_open(w, o);
	if (r < 0)
		goto err_loop;
	r = -pthread_create(&w->thread, NULL, worker_main, w);
	if (r < 0)
		goto err_engine;
	return 0;

err_engine:
	mailbox_close(w->orders);
	engine_close(&w->engine);
err_loop:
	loop_stop(&w->own);
	loop_run(&w->own);
	loop_fini(&w->own);
	return r;
}

int worker_start(const struct worker_opts *o, struct worker **out)
{
	struct worker *w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->reports = o->reports;
	w->stop.run = stop_now;
	w->loop = o->inline_loop;

	int r = o->inline_loop ? worker_open(w, o) : worker_open_thread(w, o);
	if (r < 0) {
		free(w);
		return r;
	}
	*out = w;
	return 0;
}

int worker_pair(struct worker *w, const struct worker_pair *p)
{
	struct order o = { .kind = ORDER_PAIR, .pair = *p };

	return mailbox_post(w->orders, &o);
}

int worker_lists(struct worker *w, const struct ipset *blocked,
		 const struct ipset *slow)
{
	struct order o = { .kind = ORDER_LISTS };

	int r = ipset_copy(blocked, &o.lists.blocked);
	if (r < 0)
		return r;
	r = ipset_copy(slow, &o.lists.slow);
	if (r == 0)
		r = mailbox_post(w->orders, &o);
	if (r < 0) {
		ipset_fini(&o.lists.blocked);
		ipset_fini(&o.lists.slow);
	}
	return r;
}

int worker_usage(struct worker *w)
{
	struct order o = { .kind = ORDER_USAGE };

	return mailbox_post(w->orders, &o);
}

void worker_stop(struct worker *w)
{
	struct order o = { .kind = ORDER_STOP };

	/* The orders have room: lists and usage never fill the spare part,
	 * each waits for its answer. */
	int r = mailbox_post(w->orders, &o);
	assert(r == 0);
	(void)r;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	if (w->threaded)
		pthread_join(w->thread, NULL);
	free(w);
}
