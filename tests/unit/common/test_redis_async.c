#include "redis_client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(commands_are_answered_in_order)
{
	open_plain();
	until(connected);
	ck_assert_int_eq(send3("SET", "k", "v", NULL), 0);
	ck_assert_int_eq(send3("GET", "k", NULL, NULL), 0);
	ck_assert_uint_eq(redis_in_flight(r), 2);
	until(idle);
	ck_assert_int_eq(answered, 2);
	ck_assert_str_eq(last, "v");
	ck_assert_uint_gt(redis_last_rtt_us(r), 0);
	ck_assert_int_eq(ups, 1);
	ck_assert_int_eq(downs, 0);
}
END_TEST

START_TEST(a_command_before_the_connection_is_up_is_refused)
{
	open_plain();
	ck_assert_int_eq(send3("PING", NULL, NULL, NULL), -ENOTCONN);
	until(connected);
	ask("PING", NULL, NULL);
	ck_assert_int_eq(answered, 1);
	ck_assert_int_eq(abandoned, 0);
}
END_TEST

START_TEST(no_more_than_the_cap_is_in_flight)
{
	open_opts((struct redis_opts){ .max_in_flight = 100 });
	until(connected);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(send3("PING", NULL, NULL, NULL), 0);
	ck_assert_int_eq(send3("PING", NULL, NULL, NULL), -ENOBUFS);
	until(idle);
	ck_assert_int_eq(answered, 100);
	ask("PING", NULL, NULL);
	ck_assert_int_eq(answered, 101);
}
END_TEST

START_TEST(a_hundred_thousand_commands_go_out_in_few_writes)
{
	enum { N = 100000 };
	int calls = 0;
	char value[16];

	open_opts(
		(struct redis_opts){ .max_in_flight = N, .command_ms = 20000 });
	until(connected);
	for (int i = 0; i < N; i++) {
		snprintf(value, sizeof(value), "%d", i);
		ck_assert_int_eq(send3("SET", value, value, &calls), 0);
	}
	until(idle);
	ck_assert_int_eq(answered, N);
	ck_assert_int_eq(calls, N);
	ck_assert_int_eq(errors, 0);
	ask("GET", "99999", NULL);
	ck_assert_str_eq(last, "99999");
	/* Redis reads 16 KiB at a time, so even one write is some hundreds
	 * of reads; one write per command would be 100 000. */
	ask("INFO", "stats", NULL);
	const char *reads = strstr(last, "total_reads_processed:");
	ck_assert_ptr_nonnull(reads);
	ck_assert_int_lt(atoi(strchr(reads, ':') + 1), 5000);
}
END_TEST

START_TEST(a_script_flushed_between_evals_runs_all_the_same)
{
	static const struct redis_script script = {
		.source = "redis.call('SET', 'v', ARGV[1])"
			  "return redis.call('INCR', KEYS[1])",
		.sha = "614eeb20ade8734fcd90341b6b51ed5824e8b54a",
	};
	const char *args[] = { "n", "\0\r\n" };
	const size_t lens[] = { 1, 3 };

	open_plain();
	until(connected);
	for (int i = 0; i < 6; i++) {
		ck_assert_int_eq(redis_eval(r, &script, on_reply, NULL, 1, 2,
					    args, lens),
				 0);
		ck_assert_int_eq(redis_eval(r, &script, on_reply, NULL, 1, 2,
					    args, lens),
				 0);
		if (i % 2)
			until(idle);
		if (i == 3)
			ask("SCRIPT", "FLUSH", NULL);
	}
	ck_assert_int_eq(answered, 13);
	ck_assert_int_eq(errors, 0);
	ask("GET", "n", NULL);
	ck_assert_str_eq(last, "12");
	ask("STRLEN", "v", NULL);
	ck_assert_int_eq(abandoned, 0);
}
END_TEST

START_TEST(an_error_reply_is_handed_over)
{
	open_plain();
	until(connected);
	ask("NONSENSE", NULL, NULL);
	ck_assert_int_eq(errors, 1);
	ck_assert(redis_connected(r));
}
END_TEST

START_TEST(a_crash_abandons_what_is_outstanding_once_and_it_reconnects)
{
	static int calls[1000];

	open_plain();
	until(connected);
	kill(server.pid, SIGSTOP);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(send3("PING", NULL, NULL, &calls[i]), 0);
	turn_for(50);
	server_kill(&server);
	until(disconnected);
	ck_assert_int_eq(abandoned, 1000);
	ck_assert_int_eq(downs, 1);
	ck_assert_int_eq(send3("PING", NULL, NULL, NULL), -ENOTCONN);
	server_restart(&server, "");
	until(connected);
	ck_assert_int_eq(ups, 2);
	ask("PING", NULL, NULL);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(calls[i], 1);
	ck_assert_int_eq(answered, 1);
}
END_TEST

START_TEST(a_server_that_hangs_is_given_up_at_the_deadline)
{
	open_opts((struct redis_opts){ .command_ms = 200 });
	until(connected);
	turn_for(300); /* the deadline counts from the command, not before */
	kill(server.pid, SIGSTOP);
	uint64_t before = clock_ms();
	ck_assert_int_eq(send3("PING", NULL, NULL, NULL), 0);
	until(idle);
	ck_assert_uint_ge(clock_ms() - before, 190);
	ck_assert_uint_lt(clock_ms() - before, 1500);
	ck_assert_int_eq(abandoned, 1);
	ck_assert(!redis_connected(r));
	kill(server.pid, SIGCONT);
	until(connected);
	ask("PING", NULL, NULL);
	ck_assert_int_eq(answered, 1);
}
END_TEST

START_TEST(replies_that_waited_while_we_were_stopped_still_count)
{
	open_opts((struct redis_opts){ .command_ms = 200 });
	until(connected);
	ck_assert_int_eq(send3("PING", NULL, NULL, NULL), 0);
	uv_run(&loop.uv, UV_RUN_NOWAIT);
	pause_ms(400);
	until(idle);
	ck_assert_int_eq(answered, 1);
	ck_assert_int_eq(abandoned, 0);
	ck_assert_int_eq(downs, 0);
}
END_TEST

START_TEST(closing_abandons_every_command_exactly_once)
{
	static int calls[100];

	open_plain();
	until(connected);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(send3("PING", NULL, NULL, &calls[i]), 0);
	redis_close(r);
	ck_assert_int_eq(abandoned, 100);
	turn_for(100);
	r = NULL;
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(calls[i], 1);
	ck_assert_int_eq(answered, 0);
	ck_assert_int_eq(downs, 0);
}
END_TEST

static void close_in_reply(const struct redis_reply *reply, void *ctx)
{
	on_reply(reply, ctx);
	redis_close(r);
}

START_TEST(a_client_may_be_closed_in_a_callback_of_its_own)
{
	const char *argv[] = { "PING" };

	open_plain();
	until(connected);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(
			redis_command(r, close_in_reply, NULL, 1, argv, NULL),
			0);
	turn_for(200);
	ck_assert_int_eq(answered, 1);
	ck_assert_int_eq(abandoned, 9);
	r = NULL;
}
END_TEST

START_TEST(a_client_may_be_closed_in_a_callback_of_a_lost_connection)
{
	const char *argv[] = { "PING" };

	open_plain();
	until(connected);
	kill(server.pid, SIGSTOP);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(
			redis_command(r, close_in_reply, NULL, 1, argv, NULL),
			0);
	server_kill(&server);
	turn_for(200);
	ck_assert_int_eq(abandoned, 10);
	r = NULL;
}
END_TEST

static void close_at_state(void *ctx, bool up)
{
	(void)ctx;
	ups += up;
	downs += !up;
	if (up == (last[0] == 'u'))
		redis_close(r);
}

START_TEST(a_client_may_be_closed_when_it_is_told_of_a_change)
{
	struct redis_opts o = { .url = url, .on_state = close_at_state };

	strcpy(last, "u");
	ck_assert_int_eq(redis_open(&loop, &o, &r), 0);
	turn_for(300);
	ck_assert_int_eq(ups, 1);
	strcpy(last, "d");
	ck_assert_int_eq(redis_open(&loop, &o, &r), 0);
	until(connected);
	server_kill(&server);
	turn_for(300);
	ck_assert_int_eq(ups, 2);
	ck_assert_int_eq(downs, 1);
	r = NULL;
}
END_TEST

START_TEST(a_client_may_be_closed_in_every_phase_of_connecting)
{
	snprintf(url, sizeof(url), "redis://localhost:%u", server.port);
	for (int turns = 0; turns < 12; turns++) {
		open_plain();
		for (int i = 0; i < turns; i++)
			uv_run(&loop.uv, UV_RUN_NOWAIT);
		redis_close(r);
	}
	r = NULL;
	turn_for(100);
}
END_TEST

static TCase *commands(void)
{
	TCase *t = tcase_create("commands");

	tcase_set_timeout(t, 90);
	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, commands_are_answered_in_order);
	tcase_add_test(t, a_command_before_the_connection_is_up_is_refused);
	tcase_add_test(t, no_more_than_the_cap_is_in_flight);
	tcase_add_test(t, a_hundred_thousand_commands_go_out_in_few_writes);
	tcase_add_test(t, a_script_flushed_between_evals_runs_all_the_same);
	tcase_add_test(t, an_error_reply_is_handed_over);
	tcase_add_test(
		t, a_crash_abandons_what_is_outstanding_once_and_it_reconnects);
	tcase_add_test(t, a_server_that_hangs_is_given_up_at_the_deadline);
	tcase_add_test(t,
		       replies_that_waited_while_we_were_stopped_still_count);
	return t;
}

static TCase *closing(void)
{
	TCase *t = tcase_create("closing");

	tcase_set_timeout(t, 90);
	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, closing_abandons_every_command_exactly_once);
	tcase_add_test(t, a_client_may_be_closed_in_a_callback_of_its_own);
	tcase_add_test(
		t, a_client_may_be_closed_in_a_callback_of_a_lost_connection);
	tcase_add_test(t, a_client_may_be_closed_when_it_is_told_of_a_change);
	tcase_add_test(t, a_client_may_be_closed_in_every_phase_of_connecting);
	return t;
}

int main(void)
{
	TCase *const cases[] = { commands(), closing() };

	return run_cases("redis_async", cases, ARRAY_LEN(cases));
}
