#include "redis_client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a misbehaving server says instead of, or after, the greeting. It
 * counts connections where the test sees it. */
static int *connections;

static void after_greeting(int listening, const char *answer)
{
	for (;;) {
		int fd = fake_accept(listening);
		++*connections;
		if (fake_expect(fd, "\r\n"))
			fake_say(fd, answer);
		if (answer[0] == 0)
			(void)fake_expect(fd, "never");
		close(fd);
	}
}

static void instead_of_greeting(int listening, const char *answer)
{
	for (;;) {
		int fd = accept(listening, NULL, NULL);
		++*connections;
		fake_say(fd, answer);
		(void)fake_expect(fd, answer[0] ? "PING\r\n" : "never");
		close(fd);
	}
}

static const struct {
	const char *what;
	const char *says;
} bad_greetings[] = {
	{ "silence", "" },
	{ "another protocol", "220 mail ESMTP\r\n" },
	{ "a web server", "HTTP/1.1 400 Bad\r\n\r\n" },
	{ "loading", "+OK\r\n-LOADING wait\r\n" },
	{ "no PONG", "+OK\r\n:1\r\n" },
	{ "replica without master", "+OK\r\n-MASTERDOWN Link is down\r\n" },
	{ "half a greeting", "+OK\r\n+PO" },
	{ "no password given", "-NOAUTH no\r\n-NOAUTH no\r\n" },
	{ "protected mode", "-DENIED protected\r\n" },
};

static const struct {
	const char *what;
	const char *says;
} bad_replies[] = {
	{ "silence", "" },
	{ "half a reply", "$100\r\nabc" },
	{ "half an array", "*3\r\n:1\r\n$3\r\nab" },
	{ "garbage", "\x16\x03\x01 garbage" },
	{ "a bad length", "$-7\r\n" },
	{ "an endless array", "*2147483647\r\n:1\r\n" },
	{ "deep arrays", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"
			 "*1\r\n*1\r\n" },
	{ "a line without end", "+aaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
	{ "loading again", "-LOADING wait\r\n" },
	{ "read only", "-READONLY no writes\r\n" },
};

static void share_counter(void)
{
	connections = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(connections, MAP_FAILED);
}

static pid_t start_fake(void (*script)(int, const char *), const char *says)
{
	uint16_t port;

	share_counter();
	pid_t pid = fake_start(script, says, &port);
	snprintf(url, sizeof(url), "redis://127.0.0.1:%u", port);
	return pid;
}

static bool four_connections(void)
{
	return *connections >= 4;
}

START_TEST(a_bad_greeting_never_counts_as_connected_and_backs_off)
{
	pid_t pid = start_fake(instead_of_greeting, bad_greetings[_i].says);

	open_opts((struct redis_opts){ .connect_ms = 150 });
	uint64_t began = clock_ms();
	until(four_connections);
	ck_assert_msg(ups == 0, "connected in spite of %s",
		      bad_greetings[_i].what);
	/* 100, 200, 400 ms, the half of each by chance; whole ms */
	ck_assert_uint_ge(clock_ms() - began + 6, 50 + 100 + 200);
	fake_stop(pid);
}
END_TEST

static bool down_twice(void)
{
	return downs == 2;
}

static void answer_once(void *ctx, bool up)
{
	on_state(ctx, up);
	if (up)
		ck_assert_int_eq(send3("GET", "k", NULL, NULL), 0);
}

START_TEST(a_bad_reply_is_no_reply_and_the_connection_is_made_anew)
{
	pid_t pid = start_fake(after_greeting, bad_replies[_i].says);
	struct redis_opts o = { .url = url,
				.name = "test",
				.command_ms = 200,
				.on_state = answer_once,
				.ctx = &loop };

	ck_assert_int_eq(redis_open(&loop, &o, &r), 0);
	until(down_twice);
	ck_assert_msg(answered == 0, "a reply after %s", bad_replies[_i].what);
	ck_assert_int_eq(abandoned, 2);
	ck_assert_int_ge(*connections, 2);
	fake_stop(pid);
}
END_TEST

/* Says more than it was asked for, and stays. */
static void too_much(int listening, const char *answer)
{
	for (;;) {
		int fd = fake_accept(listening);
		++*connections;
		if (fake_expect(fd, "\r\n"))
			fake_say(fd, answer);
		(void)fake_expect(fd, "never");
		close(fd);
	}
}

START_TEST(a_reply_that_nobody_asked_for_ends_the_connection)
{
	pid_t pid = start_fake(too_much, "+one\r\n+two\r\n");
	struct redis_opts o = { .url = url,
				.name = "test",
				.on_state = answer_once,
				.ctx = &loop };

	ck_assert_int_eq(redis_open(&loop, &o, &r), 0);
	until_s(down_twice, 4);
	ck_assert_int_eq(answered, 2);
	ck_assert_str_eq(last, "one");
	fake_stop(pid);
}
END_TEST

/* Answers each command after 400 ms, which is too late. */
static void slowly(int listening, const char *answer)
{
	for (;;) {
		int fd = fake_accept(listening);
		++*connections;
		while (fake_expect(fd, "\r\n")) {
			pause_ms(400);
			fake_say(fd, answer);
		}
		close(fd);
	}
}

START_TEST(a_late_reply_is_never_given_to_another_command)
{
	pid_t pid = start_fake(slowly, "+late\r\n");
	struct redis_opts o = { .url = url,
				.name = "test",
				.command_ms = 150,
				.on_state = answer_once,
				.ctx = &loop };

	ck_assert_int_eq(redis_open(&loop, &o, &r), 0);
	until(down_twice);
	turn_for(600);
	ck_assert_int_eq(answered, 0);
	ck_assert_int_ge(abandoned, 2);
	fake_stop(pid);
}
END_TEST

START_TEST(a_refused_connection_is_tried_again_until_it_works)
{
	server_start(&server, "");
	server_kill(&server);
	snprintf(url, sizeof(url), "redis://127.0.0.1:%u", server.port);
	open_plain();
	turn_for(500);
	ck_assert_int_eq(ups, 0);
	server_restart(&server, "");
	until(connected);
	server_stop(&server);
}
END_TEST

START_TEST(a_name_that_does_not_resolve_is_tried_again_without_blocking)
{
	strcpy(url, "redis://host.invalid");
	open_plain();
	uint64_t longest = 0;
	for (int i = 0; i < 50; i++) {
		uint64_t before = clock_ms();
		uv_run(&loop.uv, UV_RUN_ONCE);
		if (clock_ms() - before > longest)
			longest = clock_ms() - before;
	}
	ck_assert_int_eq(ups, 0);
	/* A resolver that does not answer would hold it for five seconds. */
	ck_assert_uint_lt(longest, 4500);
}
END_TEST

static TCase *misbehaviour(void)
{
	TCase *t = tcase_create("misbehaviour");

	tcase_set_timeout(t, 90);
	tcase_add_checked_fixture(t, start_loop, end_loop);
	tcase_add_loop_test(
		t, a_bad_greeting_never_counts_as_connected_and_backs_off, 0,
		ARRAY_LEN(bad_greetings));
	tcase_add_loop_test(
		t, a_bad_reply_is_no_reply_and_the_connection_is_made_anew, 0,
		ARRAY_LEN(bad_replies));
	tcase_add_test(t, a_reply_that_nobody_asked_for_ends_the_connection);
	tcase_add_test(t, a_late_reply_is_never_given_to_another_command);
	tcase_add_test(t, a_refused_connection_is_tried_again_until_it_works);
	tcase_add_test(
		t,
		a_name_that_does_not_resolve_is_tried_again_without_blocking);
	return t;
}

int main(void)
{
	TCase *const cases[] = { misbehaviour() };

	return run_cases("redis_faults", cases, ARRAY_LEN(cases));
}
