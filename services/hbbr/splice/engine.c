#include "services/hbbr/splice/engine.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "services/hbbr/state/metrics.h"

enum {
	EVENTS_MAX = 128, /* per look at the epoll set */
	QUICK_TURNS = 64, /* small messages per loop turn */
	BULK_TURNS = 1,   /* pipes of up to 1 MiB per loop turn: what a small
			     message may have to wait for */
	REFILL_MS = 20,   /* a fifth of what a bucket holds */
	SECOND_MS = 1000,
};

static void schedule(struct engine *e)
{
	if (e->scheduled || e->closing)
		return;
	e->scheduled = true;
	loop_defer(e->loop, &e->turns);
}

static void queue_leave(struct flow *f)
{
	if (f->queue)
		TAILQ_REMOVE(f->queue, f, link);
	f->queue = NULL;
}

static void queue_enter(struct flow *f, struct flow_list *q)
{
	TAILQ_INSERT_TAIL(q, f, link);
	f->queue = q;
}

/* A flow that waits for tokens stays where it is. */
static void queue_ready(struct engine *e, struct flow *f)
{
	if (f->queue || f->done)
		return;
	queue_enter(f, f->bulk ? &e->bulk : &e->quick);
	schedule(e);
}

static void pair_end(struct engine *e, struct pair *pair, enum reason why)
{
	for (size_t i = 0; i < 2; i++)
		queue_leave(&pair->flows[i]);
	if (pair->ending)
		TAILQ_REMOVE(&e->ending, pair, ending_link);
	TAILQ_REMOVE(&e->pairs, pair, link);
	e->npairs--;
	pair_fini(&e->pump, pair); /* closing takes them out of epoll */
	e->on_ended(e->ctx, pair, why);
	free(pair);
}

static void on_event(struct engine *e, const struct epoll_event *ev)
{
	struct end *end = ev->data.ptr;
	struct pair *pair = pair_of_end(end);
	bool fault = (ev->events & (EPOLLERR | EPOLLHUP)) != 0;

	if (fault || (ev->events & (EPOLLIN | EPOLLRDHUP)) != 0) {
		end->readable = true;
		queue_ready(e, &pair->flows[end->side]);
	}
	if (fault || (ev->events & EPOLLOUT) != 0) {
		end->writable = true;
		queue_ready(e, &pair->flows[1 - end->side]);
	}
	end->dead = end->dead || fault;
	end->hup = end->hup || fault || (ev->events & EPOLLRDHUP) != 0;
	if (end->hup && !pair->ending) {
		pair->ending = true;
		pair->left_ms = loop_now(e->loop);
		TAILQ_INSERT_TAIL(&e->ending, pair, ending_link);
	}
}

static void on_ready(struct io *io, int events, void *ctx)
{
	struct engine *e = ctx;
	struct epoll_event ev[EVENTS_MAX];
	(void)events;

	io_want(io, IO_READ);
	int n = epoll_wait(e->epoll, ev, EVENTS_MAX, 0);
	for (int i = 0; i < n; i++)
		on_event(e, &ev[i]);
}

/* Keeps the list in order of activity; once a second per pair is enough. */
static void list_refresh(struct engine *e, struct pair *pair)
{
	if (pair->active_ms - pair->listed_ms < SECOND_MS)
		return;
	pair->listed_ms = pair->active_ms;
	TAILQ_REMOVE(&e->pairs, pair, link);
	TAILQ_INSERT_TAIL(&e->pairs, pair, link);
}

static void run_turn(struct engine *e, struct flow *f)
{
	struct pair *pair = pair_of_flow(f);
	enum reason why;

	queue_leave(f);
	switch (pump_turn(&e->pump, f)) {
	case TURN_AGAIN:
		queue_ready(e, f);
		break;
	case TURN_SLOW:
		if (TAILQ_EMPTY(&e->slow))
			timer_start(&e->refill, REFILL_MS, REFILL_MS);
		queue_enter(f, &e->slow);
		break;
	case TURN_WAIT:
		if (pair->flows[0].done && pair->flows[1].done &&
		    pair_settled(pair, e->pump.now_ms, &why)) {
			pair_end(e, pair, why);
			return;
		}
		break;
	}
	list_refresh(e, pair);
}

static void run_queue(struct engine *e, struct flow_list *q, int turns)
{
	for (int i = 0; i < turns && !TAILQ_EMPTY(q); i++)
		run_turn(e, TAILQ_FIRST(q));
}

/* The memory may go once nothing of the loop points at it. */
static void engine_maybe_closed(struct engine *e)
{
	if (e->handles == 0 && !e->scheduled)
		e->on_closed(e->ctx);
}

static void run_turns(struct deferred *d)
{
	struct engine *e = container_of(d, struct engine, turns);

	e->scheduled = false;
	if (e->closing) {
		engine_maybe_closed(e);
		return;
	}
	e->pump.now_ms = loop_now(e->loop);
	run_queue(e, &e->quick, QUICK_TURNS);
	run_queue(e, &e->bulk, BULK_TURNS);
	if (!TAILQ_EMPTY(&e->quick) || !TAILQ_EMPTY(&e->bulk))
		schedule(e);
	metric_add(&hbbr_metrics, M_BYTES_SPLICED, e->pump.moved);
	e->pump.moved = 0;
}

static void on_refill(void *ctx)
{
	struct engine *e = ctx;
	struct flow *f;

	/* Last in, first out: who came too late for the tokens of this tick
	 * is first at those of the next. */
	while ((f = TAILQ_LAST(&e->slow, flow_list))) {
		queue_leave(f);
		queue_ready(e, f);
	}
	timer_stop(&e->refill);
}

static void on_second(void *ctx)
{
	struct engine *e = ctx;
	uint64_t now = loop_now(e->loop);
	struct pair *pair;
	struct pair *next;
	enum reason why;

	for (pair = TAILQ_FIRST(&e->ending); pair; pair = next) {
		next = TAILQ_NEXT(pair, ending_link);
		if (pair_settled(pair, now, &why))
			pair_end(e, pair, why);
	}
	while (e->idle_ms != 0 && (pair = TAILQ_FIRST(&e->pairs)) &&
	       now - pair->active_ms >= e->idle_ms)
		pair_end(e, pair, REASON_IDLE);
}

int engine_open(struct engine *e, struct loop *l, const struct engine_opts *o)
{
	*e = (struct engine){
		.loop = l,
		.turns.run = run_turns,
		.idle_ms = o->idle_ms,
		.on_ended = o->on_ended,
		.on_closed = o->on_closed,
		.ctx = o->ctx,
		.handles = 3,
	};
	TAILQ_INIT(&e->quick);
	TAILQ_INIT(&e->bulk);
	TAILQ_INIT(&e->slow);
	TAILQ_INIT(&e->pairs);
	TAILQ_INIT(&e->ending);
	pump_init(&e->pump, o->total, o->max_pipes);

	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (e->epoll < 0)
		return -errno;
	int r = io_open(l, &e->io, e->epoll, on_ready, e);
	if (r < 0) {
		close(e->epoll);
		return r;
	}
	io_want(&e->io, IO_READ);
	timer_init(l, &e->refill, on_refill, e);
	timer_init(l, &e->second, on_second, e);
	timer_start(&e->second, SECOND_MS, SECOND_MS);
	return 0;
}

static void on_handle_closed(void *ctx)
{
	struct engine *e = ctx;

	e->handles--;
	engine_maybe_closed(e);
}

void engine_close(struct engine *e)
{
	e->closing = true;
	while (!TAILQ_EMPTY(&e->pairs))
		pair_end(e, TAILQ_FIRST(&e->pairs), REASON_SHUTDOWN);
	pump_fini(&e->pump);
	io_close(&e->io, true, on_handle_closed);
	timer_close(&e->refill, on_handle_closed);
	timer_close(&e->second, on_handle_closed);
}

static int watch(struct engine *e, struct end *end)
{
	struct epoll_event ev = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = end,
	};

	return epoll_ctl(e->epoll, EPOLL_CTL_ADD, end->fd, &ev) < 0 ? -errno
								    : 0;
}

int engine_add(struct engine *e, const int fd[static 2], const struct limits *l,
	       struct pair **out)
{
	int r = -ENOMEM;

	struct pair *pair = malloc(sizeof(*pair));
	if (!pair)
		goto err_close;
	pair_init(pair, fd, l, loop_now(e->loop));
	pair->listed_ms = pair->active_ms;
	for (size_t i = 0; i < 2; i++) {
		r = watch(e, &pair->ends[i]);
		if (r < 0)
			goto err_free;
	}
	TAILQ_INSERT_TAIL(&e->pairs, pair, link);
	e->npairs++;
	*out = pair;
	return 0;

err_free:
	free(pair);
err_close:
	close(fd[0]);
	close(fd[1]);
	return r;
}

void engine_apply_lists(struct engine *e, const struct ipset *blocked,
			const struct ipset *slow)
{
	struct pair *pair;
	struct pair *next;
	uint64_t now = loop_now(e->loop);

	for (pair = TAILQ_FIRST(&e->pairs); pair; pair = next) {
		next = TAILQ_NEXT(pair, link);
		const struct addr *a = &pair->ends[0].client;
		const struct addr *b = &pair->ends[1].client;
		if (ipset_has(blocked, a) || ipset_has(blocked, b)) {
			pair_end(e, pair, REASON_BLOCKED);
			continue;
		}
		meter_throttle(&pair->meter,
			       ipset_has(slow, a) || ipset_has(slow, b), now);
	}
}
