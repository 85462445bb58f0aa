#include "common/net/loop.h"

#include <signal.h>

#include "tests/unit/common/live.h"

struct note {
	struct deferred d;
	struct loop *loop;
	int *order; /* shared counter */
	int at;     /* its value when this one ran */
	struct note *defers;
};

static void run_note(struct deferred *d)
{
	struct note *n = container_of(d, struct note, d);

	n->at = ++*n->order;
	if (n->defers)
		loop_defer(n->loop, &n->defers->d);
}

static struct note new_note(struct live *l, int *order)
{
	return (struct note){ .d.run = run_note,
			      .loop = &l->loop,
			      .order = order };
}

START_TEST(deferred_calls_run_in_order_and_without_an_event)
{
	struct live l;
	int order = 0;

	live_start(&l);
	struct note a = new_note(&l, &order), b = new_note(&l, &order);
	loop_defer(&l.loop, &a.d);
	loop_defer(&l.loop, &b.d);
	ck_assert_int_eq(order, 0);
	live_until(&l, order == 2);
	ck_assert_int_eq(a.at, 1);
	ck_assert_int_eq(b.at, 2);
	live_end(&l);
}
END_TEST

START_TEST(a_call_deferred_by_a_deferred_call_runs_too)
{
	struct live l;
	int order = 0;

	live_start(&l);
	struct note a = new_note(&l, &order), b = new_note(&l, &order);
	a.defers = &b;
	loop_defer(&l.loop, &a.d);
	live_until(&l, order == 2);
	ck_assert_int_eq(b.at, 2);
	live_end(&l);
}
END_TEST

START_TEST(what_is_deferred_while_stopping_still_runs)
{
	struct live l;
	int order = 0;

	live_start(&l);
	struct note a = new_note(&l, &order);
	loop_defer(&l.loop, &a.d);
	live_end(&l);
	ck_assert_int_eq(order, 1);
}
END_TEST

START_TEST(end_calls_run_after_the_last_handle_has_closed)
{
	struct live l;
	int order = 0;

	live_start(&l);
	struct note a = new_note(&l, &order), b = new_note(&l, &order);
	loop_at_end(&l.loop, &a.d);
	loop_defer(&l.loop, &b.d);
	live_until(&l, order == 1);
	ck_assert_int_eq(b.at, 1);
	live_end(&l);
	ck_assert_int_eq(a.at, 2);
}
END_TEST

struct clock {
	struct timer t;
	struct loop *loop;
	int fired;
	int closed;
};

static void on_fire(void *ctx)
{
	((struct clock *)ctx)->fired++;
}

static void on_closed(void *ctx)
{
	((struct clock *)ctx)->closed++;
}

static void fire_and_close(void *ctx)
{
	struct clock *c = ctx;

	c->fired++;
	timer_close(&c->t, on_closed);
}

START_TEST(a_repeating_timer_fires_until_it_is_stopped)
{
	struct live l;
	struct clock c = { 0 };

	live_start(&l);
	timer_init(&l.loop, &c.t, on_fire, &c);
	timer_start(&c.t, 0, 1);
	live_until(&l, c.fired >= 3);
	timer_stop(&c.t);
	int fired = c.fired;
	live_turn(&l, 5);
	ck_assert_int_eq(c.fired, fired);
	timer_close(&c.t, on_closed);
	live_end(&l);
	ck_assert_int_eq(c.closed, 1);
}
END_TEST

START_TEST(a_timer_may_close_itself_while_it_fires)
{
	struct live l;
	struct clock c = { 0 };

	live_start(&l);
	timer_init(&l.loop, &c.t, fire_and_close, &c);
	timer_start(&c.t, 0, 1);
	live_until(&l, c.closed == 1);
	ck_assert_int_eq(c.fired, 1);
	live_end(&l);
}
END_TEST

static void stop_loop(void *ctx)
{
	struct clock *c = ctx;

	timer_close(&c->t, on_closed);
	loop_stop(c->loop);
}

START_TEST(an_idle_loop_runs_until_it_is_stopped)
{
	struct loop loop;
	struct clock c = { .loop = &loop };

	ck_assert_int_eq(loop_init(&loop), 0);
	timer_init(&loop, &c.t, stop_loop, &c);
	timer_start(&c.t, 20, 0);
	uint64_t before = loop_now(&loop);
	loop_run(&loop);
	ck_assert_uint_ge(loop_now(&loop), before + 20);
	ck_assert_int_eq(c.closed, 1);
	loop_fini(&loop);
}
END_TEST

struct seen {
	int n;
	int last;
};

static void on_signum(int signum, void *ctx)
{
	struct seen *s = ctx;

	s->n++;
	s->last = signum;
}

START_TEST(the_four_signals_arrive_on_the_loop)
{
	static const int signums[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP };
	struct live l;
	struct seen s = { 0 };

	live_start(&l);
	ck_assert_int_eq(loop_on_signal(&l.loop, on_signum, &s), 0);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(raise(signums[i]), 0);
		live_until(&l, s.n == i + 1);
		ck_assert_int_eq(s.last, signums[i]);
	}
	live_end(&l);
}
END_TEST

START_TEST(the_unix_clock_agrees_with_time)
{
	uint64_t now = loop_unix_us() / 1000000;

	ck_assert_uint_ge(now, (uint64_t)time(NULL) - 2);
	ck_assert_uint_le(now, (uint64_t)time(NULL) + 2);
}
END_TEST

LIVE_MAIN("loop", deferred_calls_run_in_order_and_without_an_event,
	  a_call_deferred_by_a_deferred_call_runs_too,
	  what_is_deferred_while_stopping_still_runs,
	  end_calls_run_after_the_last_handle_has_closed,
	  a_repeating_timer_fires_until_it_is_stopped,
	  a_timer_may_close_itself_while_it_fires,
	  an_idle_loop_runs_until_it_is_stopped,
	  the_four_signals_arrive_on_the_loop, the_unix_clock_agrees_with_time)
