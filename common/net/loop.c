#include "common/net/loop.h"

#include <assert.h>
#include <signal.h>
#include <time.h>

/* Takes the whole list first: what is deferred meanwhile waits for the next
 * turn, so two objects that defer each other cannot hold the loop. */
static void run_all(struct deferred_list *list)
{
	struct deferred_list now = STAILQ_HEAD_INITIALIZER(now);
	struct deferred *d;

	STAILQ_CONCAT(&now, list);
	while ((d = STAILQ_FIRST(&now))) {
		STAILQ_REMOVE_HEAD(&now, next);
		d->run(d);
	}
}

static void run_deferred(uv_check_t *check)
{
	struct loop *l = check->data;

	uv_idle_stop(&l->idle);
	run_all(&l->pending);
}

static void no_work(uv_idle_t *idle)
{
	(void)idle; /* an active idle handle alone makes poll not wait */
}

int loop_init(struct loop *l)
{
	*l = (struct loop){ .stopping = false };
	STAILQ_INIT(&l->pending);
	STAILQ_INIT(&l->at_end);

	int r = uv_loop_init(&l->uv);
	if (r < 0)
		return r;
	uv_check_init(&l->uv, &l->check);
	l->check.data = l;
	uv_check_start(&l->check, run_deferred);
	uv_idle_init(&l->uv, &l->idle);
	return 0;
}

void loop_run(struct loop *l)
{
	uv_run(&l->uv, UV_RUN_DEFAULT);
	run_all(&l->at_end);
}

void loop_stop(struct loop *l)
{
	l->stopping = true;
	uv_unref((uv_handle_t *)&l->check);
}

void loop_fini(struct loop *l)
{
	uv_close((uv_handle_t *)&l->check, NULL);
	uv_close((uv_handle_t *)&l->idle, NULL);
	for (int i = 0; l->on_signal && i < LOOP_SIGNALS; i++)
		uv_close((uv_handle_t *)&l->signal[i], NULL);
	uv_run(&l->uv, UV_RUN_DEFAULT);

	int r = uv_loop_close(&l->uv);
	assert(r == 0 && "a handle was not closed");
}

uint64_t loop_now(const struct loop *l)
{
	return uv_now(&l->uv);
}

uint64_t loop_unix_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void loop_defer(struct loop *l, struct deferred *d)
{
	STAILQ_INSERT_TAIL(&l->pending, d, next);
	uv_idle_start(&l->idle, no_work);
}

void loop_at_end(struct loop *l, struct deferred *d)
{
	STAILQ_INSERT_HEAD(&l->at_end, d, next);
}

static void on_timer(uv_timer_t *uv)
{
	struct timer *t = container_of(uv, struct timer, uv);

	t->fire(t->ctx);
}

void timer_init(struct loop *l, struct timer *t, void (*fire)(void *ctx),
		void *ctx)
{
	*t = (struct timer){ .fire = fire, .ctx = ctx };
	uv_timer_init(&l->uv, &t->uv);
}

void timer_start(struct timer *t, uint64_t after_ms, uint64_t repeat_ms)
{
	assert(!uv_is_closing((uv_handle_t *)&t->uv));
	uv_timer_start(&t->uv, on_timer, after_ms, repeat_ms);
}

void timer_stop(struct timer *t)
{
	uv_timer_stop(&t->uv);
}

static void on_timer_closed(uv_handle_t *uv)
{
	struct timer *t = container_of(uv, struct timer, uv);

	if (t->on_closed)
		t->on_closed(t->ctx);
}

void timer_close(struct timer *t, void (*on_closed)(void *ctx))
{
	t->on_closed = on_closed;
	uv_close((uv_handle_t *)&t->uv, on_timer_closed);
}

static void on_signal(uv_signal_t *uv, int signum)
{
	struct loop *l = uv->data;

	l->on_signal(signum, l->signal_ctx);
}

int loop_on_signal(struct loop *l, void (*fn)(int signum, void *ctx), void *ctx)
{
	static const int signums[LOOP_SIGNALS] = { SIGTERM, SIGINT, SIGQUIT,
						   SIGHUP };

	assert(!l->on_signal && fn);
	l->on_signal = fn;
	l->signal_ctx = ctx;
	for (int i = 0; i < LOOP_SIGNALS; i++) {
		uv_signal_init(&l->uv, &l->signal[i]);
		l->signal[i].data = l;
		/* A handler must not keep a stopped loop alive. */
		uv_unref((uv_handle_t *)&l->signal[i]);
	}
	for (int i = 0; i < LOOP_SIGNALS; i++) {
		int r = uv_signal_start(&l->signal[i], on_signal, signums[i]);
		if (r < 0)
			return r;
	}
	return 0;
}
