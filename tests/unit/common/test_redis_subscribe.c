#include "redis_client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int messages;

static void on_message(void *ctx, const char *data, size_t len)
{
	ck_assert_ptr_eq(ctx, &server);
	ck_assert_uint_lt(len, sizeof(last));
	memcpy(last, data, len);
	last[len] = 0;
	messages++;
}

static bool has_message(void)
{
	return messages > 0;
}

static void expect_message(const char *text)
{
	char command[128];

	messages = 0;
	snprintf(command, sizeof(command), "publish chan '%s' | grep -qx 1",
		 text);
	server_cli(&server, command);
	until(has_message);
	ck_assert_str_eq(last, text);
	ck_assert_int_eq(messages, 1);
}

START_TEST(a_subscriber_hears_again_after_a_restart_of_redis)
{
	open_plain();
	ck_assert_int_eq(redis_subscribe(r, "chan", on_message, &server), 0);
	ck_assert_int_eq(redis_subscribe(r, "more", on_message, &server),
			 -EBUSY);
	until(connected);
	ck_assert_int_eq(send3("PING", NULL, NULL, NULL), -EINVAL);
	expect_message("one");
	expect_message("two");
	for (int i = 0; i < 2; i++) {
		server_kill(&server);
		until(disconnected);
		server_restart(&server, "");
		until(connected);
		expect_message("after a restart");
	}
}
END_TEST

START_TEST(a_connection_can_become_a_subscriber_later)
{
	open_plain();
	until(connected);
	ck_assert_int_eq(redis_subscribe(r, "chan", on_message, &server), 0);
	until(idle);
	expect_message("later");
	server_kill(&server);
	until(disconnected);
	server_restart(&server, "");
	until(connected);
	expect_message("and again");
}
END_TEST

START_TEST(a_message_burst_arrives_whole)
{
	open_plain();
	ck_assert_int_eq(redis_subscribe(r, "chan", on_message, &server), 0);
	until(connected);
	server_cli(&server, "eval \"for i = 1, 50000 do redis.call('PUBLISH',"
			    "'chan', i) end\" 0");
	uint64_t end = clock_ms() + 20000;
	while (messages < 50000 && clock_ms() < end)
		uv_run(&loop.uv, UV_RUN_ONCE);
	ck_assert_int_eq(messages, 50000);
	ck_assert_str_eq(last, "50000");
}
END_TEST

START_TEST(a_quiet_subscriber_notices_a_server_that_is_gone)
{
	open_opts((struct redis_opts){ .command_ms = 1000, .idle_ms = 100 });
	ck_assert_int_eq(redis_subscribe(r, "chan", on_message, &server), 0);
	until(connected);
	/* Longer than the silence after which it asks: the answer counts. */
	turn_for(500);
	ck_assert_int_eq(downs, 0);
	kill(server.pid, SIGSTOP);
	until(disconnected);
	kill(server.pid, SIGCONT);
	until(connected);
	expect_message("back");
}
END_TEST

static TCase *subscribing(void)
{
	TCase *t = tcase_create("subscribing");

	tcase_set_timeout(t, 90);
	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, a_subscriber_hears_again_after_a_restart_of_redis);
	tcase_add_test(t, a_connection_can_become_a_subscriber_later);
	tcase_add_test(t, a_message_burst_arrives_whole);
	tcase_add_test(t, a_quiet_subscriber_notices_a_server_that_is_gone);
	return t;
}

int main(void)
{
	TCase *const cases[] = { subscribing() };

	return run_cases("redis_subscribe", cases, ARRAY_LEN(cases));
}
