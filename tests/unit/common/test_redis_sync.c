#include "common/redis/redis_sync.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "redis_server.h"

static struct server server;
static struct redis_sync *r;
static char url[512];

static void open_url(unsigned timeout_ms, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void open_url(unsigned timeout_ms, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(url, sizeof(url), fmt, ap);
	va_end(ap);
	ck_assert_int_eq(redis_sync_open(url, "test", timeout_ms, &r), 0);
}

static void start(void)
{
	server_start(&server, "--requirepass ''");
	/* 20 MiB each way, on a machine that is slow for a while. */
	open_url(30000, "redis://127.0.0.1:%u", server.port);
}

static void stop(void)
{
	redis_sync_close(r);
	server_stop(&server);
}

static void expect_text(struct redis_reply *reply, const char *text)
{
	size_t len;

	ck_assert_ptr_nonnull(reply);
	ck_assert_int_eq(redis_kind(reply), REDIS_STRING);
	ck_assert_str_eq(redis_str(reply, &len), text);
	ck_assert_uint_eq(len, strlen(text));
	redis_reply_free(reply);
}

static void expect_none(struct redis_reply *reply)
{
	ck_assert_ptr_null(reply);
}

static void ping(void)
{
	expect_text(redis_sync_format(r, "PING"), "PONG");
}

START_TEST(a_value_with_any_bytes_comes_back_as_it_was)
{
	const char *set[] = { "SET", "k", "a\0\r\n$5\r\nb" };
	const size_t lens[] = { 3, 1, 9 };
	const char *get[] = { "GET", "k" };

	expect_text(redis_sync_command(r, 3, set, lens), "OK");
	struct redis_reply *reply = redis_sync_command(r, 2, get, NULL);
	size_t len;
	ck_assert_ptr_nonnull(reply);
	ck_assert_mem_eq(redis_str(reply, &len), set[2], 9);
	ck_assert_uint_eq(len, 9);
	redis_reply_free(reply);
}
END_TEST

START_TEST(every_kind_of_reply_can_be_read)
{
	const char *get[] = { "GET", "missing" };
	struct redis_reply *reply = redis_sync_command(r, 2, get, NULL);

	ck_assert_int_eq(redis_kind(reply), REDIS_NIL);
	ck_assert_ptr_null(redis_str(reply, NULL));
	redis_reply_free(reply);

	reply = redis_sync_format(r, "INCRBY n %s", "-42");
	ck_assert_int_eq(redis_kind(reply), REDIS_INT);
	ck_assert_int_eq(redis_int(reply), -42);
	redis_reply_free(reply);

	reply = redis_sync_format(r, "NONSENSE %b", "x", (size_t)1);
	ck_assert_int_eq(redis_kind(reply), REDIS_ERROR);
	ck_assert_ptr_nonnull(strstr(redis_str(reply, NULL), "NONSENSE"));
	redis_reply_free(reply);

	reply = redis_sync_format(r, "EVAL %s 0", "return {1,{'a'},{}}");
	ck_assert_int_eq(redis_kind(reply), REDIS_ARRAY);
	ck_assert_uint_eq(redis_len(reply), 3);
	ck_assert_int_eq(redis_int(redis_at(reply, 0)), 1);
	ck_assert_str_eq(redis_str(redis_at(redis_at(reply, 1), 0), NULL), "a");
	ck_assert_uint_eq(redis_len(redis_at(reply, 2)), 0);
	ck_assert_ptr_null(redis_at(reply, 3));
	redis_reply_free(reply);
}
END_TEST

START_TEST(pipelined_replies_come_in_order)
{
	char text[16];
	const char *echo[] = { "ECHO", text };

	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		ck_assert_int_eq(redis_sync_append(r, 2, echo, NULL), 0);
	}
	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		expect_text(redis_sync_next(r), text);
	}
	expect_none(redis_sync_next(r));
}
END_TEST

START_TEST(a_large_value_passes_both_ways)
{
	enum { SIZE = 20 << 20 };
	char *value = malloc(SIZE);
	const char *set[] = { "SET", "big", value };
	const size_t lens[] = { 3, 3, SIZE };
	size_t len;

	memset(value, 'x', SIZE);
	expect_text(redis_sync_command(r, 3, set, lens), "OK");
	struct redis_reply *reply = redis_sync_format(r, "GET big");
	ck_assert_ptr_nonnull(reply);
	ck_assert_mem_eq(redis_str(reply, &len), value, SIZE);
	ck_assert_uint_eq(len, SIZE);
	redis_reply_free(reply);
	free(value);
}
END_TEST

START_TEST(a_script_runs_again_after_the_server_forgot_it)
{
	static const struct redis_script script = {
		.source = "return {KEYS[1], ARGV[1]}",
		.sha = "d006f1a90249474274c76f5be725b8f5804a346b",
	};
	const char *args[] = { "key", "value" };

	for (int i = 0; i < 3; i++) {
		struct redis_reply *reply =
			redis_sync_eval(r, &script, 1, 2, args, NULL);
		ck_assert_ptr_nonnull(reply);
		ck_assert_uint_eq(redis_len(reply), 2);
		ck_assert_str_eq(redis_str(redis_at(reply, 0), NULL), "key");
		ck_assert_str_eq(redis_str(redis_at(reply, 1), NULL), "value");
		redis_reply_free(reply);
		if (i == 1)
			server_cli(&server, "script flush");
	}
}
END_TEST

START_TEST(a_restart_between_two_commands_goes_unnoticed)
{
	ping();
	server_kill(&server);
	server_restart(&server, "");
	ping();
}
END_TEST

START_TEST(while_the_server_is_away_there_is_no_reply_and_then_there_is)
{
	const char *argv[] = { "PING" };

	ping();
	server_kill(&server);
	expect_none(redis_sync_format(r, "PING"));
	ck_assert_int_lt(redis_sync_append(r, 1, argv, NULL), 0);
	server_restart(&server, "");
	ping();
}
END_TEST

START_TEST(an_abandoned_pipeline_does_not_shift_later_replies)
{
	const char *argv[] = { "ECHO", "old" };

	ck_assert_int_eq(redis_sync_append(r, 2, argv, NULL), 0);
	ck_assert_int_eq(redis_sync_append(r, 2, argv, NULL), 0);
	expect_text(redis_sync_next(r), "old");
	ping();
}
END_TEST

START_TEST(a_crash_within_a_pipeline_ends_all_of_it)
{
	const char *argv[] = { "DEBUG", "SLEEP", "5" };

	redis_sync_close(r);
	open_url(300, "unix://%s", server.socket);
	ck_assert_int_eq(redis_sync_append(r, 3, argv, NULL), 0);
	ck_assert_int_eq(redis_sync_append(r, 3, argv, NULL), 0);
	server_kill(&server);
	expect_none(redis_sync_next(r));
	expect_none(redis_sync_next(r));
}
END_TEST

START_TEST(the_unix_socket_user_password_database_and_name_are_used)
{
	server_cli(&server, "acl setuser bob on '>p@ss' '~*' '+@all'");
	redis_sync_close(r);
	open_url(3000, "unix://%s?db=5&user=bob&password=p%%40ss",
		 server.socket);
	expect_text(redis_sync_format(r, "ACL WHOAMI"), "bob");
	expect_text(redis_sync_format(r, "CLIENT GETNAME"), "test");
	expect_text(redis_sync_format(r, "SET here 1"), "OK");
	server_cli(&server, "-n 5 get here | grep -qx 1");
}
END_TEST

START_TEST(a_wrong_password_gives_no_reply_and_stays_out_of_the_log)
{
	char path[128];
	char line[4096] = "";

	server_cli(&server, "config set requirepass right");
	redis_sync_close(r);
	snprintf(path, sizeof(path), "%s/stderr", server.dir);
	ck_assert_ptr_nonnull(freopen(path, "w+", stderr));
	open_url(3000, "redis://:hunter2@127.0.0.1:%u", server.port);
	expect_none(redis_sync_format(r, "PING"));
	redis_sync_close(r);
	open_url(3000, "redis://127.0.0.1:%u", server.port);
	expect_none(redis_sync_format(r, "PING"));
	rewind(stderr);
	size_t n = fread(line, 1, sizeof(line) - 1, stderr);
	line[n] = 0;
	ck_assert_ptr_nonnull(strstr(line, "WRONGPASS"));
	ck_assert_ptr_nonnull(strstr(line, "NOAUTH"));
	ck_assert_ptr_null(strstr(line, "hunter2"));
}
END_TEST

START_TEST(a_replica_that_refuses_writes_counts_as_not_available)
{
	expect_text(redis_sync_format(r, "SET k v"), "OK");
	server_cli(&server, "replicaof 127.0.0.1 1");
	expect_none(redis_sync_format(r, "SET k v"));
	server_cli(&server, "replicaof no one");
	expect_text(redis_sync_format(r, "SET k v"), "OK");
}
END_TEST

static void tls(void)
{
	server_start_tls(&server, "--tls-auth-clients no");
}

START_TEST(tls_works_by_name_and_by_address)
{
	open_url(3000, "rediss://localhost:%u?ca=%s/cert.pem", server.tls_port,
		 server.dir);
	ping();
	ping();
	redis_sync_close(r);
	open_url(3000, "rediss://127.0.0.1:%u?ca=%s/cert.pem", server.tls_port,
		 server.dir);
	ping();
}
END_TEST

START_TEST(tls_refuses_an_unknown_authority)
{
	open_url(3000, "rediss://localhost:%u", server.tls_port);
	expect_none(redis_sync_format(r, "PING"));
}
END_TEST

START_TEST(tls_refuses_a_certificate_for_another_name)
{
	open_url(3000, "rediss://127.0.0.2:%u?ca=%s/cert.pem", server.tls_port,
		 server.dir);
	expect_none(redis_sync_format(r, "PING"));
	redis_sync_close(r);
	server_certify(&server, "DNS:other.example");
	server_cli(&server, "config set tls-cert-file cert.pem "
			    "tls-key-file key.pem");
	open_url(3000, "rediss://localhost:%u?ca=%s/cert.pem", server.tls_port,
		 server.dir);
	expect_none(redis_sync_format(r, "PING"));
}
END_TEST

START_TEST(tls_spoken_to_a_plain_port_fails_and_so_does_the_reverse)
{
	open_url(1000, "rediss://127.0.0.1:%u?ca=%s/cert.pem", server.port,
		 server.dir);
	expect_none(redis_sync_format(r, "PING"));
	redis_sync_close(r);
	open_url(1000, "redis://127.0.0.1:%u", server.tls_port);
	expect_none(redis_sync_format(r, "PING"));
}
END_TEST

START_TEST(a_server_that_asks_for_it_gets_the_client_certificate)
{
	server_cli(&server, "config set tls-auth-clients yes");
	open_url(3000, "rediss://localhost:%u?ca=%s/cert.pem", server.tls_port,
		 server.dir);
	expect_none(redis_sync_format(r, "PING"));
	redis_sync_close(r);
	open_url(3000,
		 "rediss://localhost:%u?ca=%s/cert.pem&cert=%s/cert.pem"
		 "&key=%s/key.pem",
		 server.tls_port, server.dir, server.dir, server.dir);
	ping();
}
END_TEST

START_TEST(a_large_value_passes_through_tls)
{
	enum { SIZE = 5 << 20 };
	char *value = malloc(SIZE);
	const char *echo[] = { "ECHO", value };
	const size_t lens[] = { 4, SIZE };

	memset(value, 'x', SIZE);
	open_url(5000, "rediss://localhost:%u?ca=%s/cert.pem", server.tls_port,
		 server.dir);
	struct redis_reply *reply = redis_sync_command(r, 2, echo, lens);
	ck_assert_ptr_nonnull(reply);
	ck_assert_mem_eq(redis_str(reply, NULL), value, SIZE);
	redis_reply_free(reply);
	free(value);
}
END_TEST

START_TEST(files_that_cannot_be_loaded_are_refused_at_once)
{
	ck_assert_int_eq(
		redis_sync_open("rediss://h?ca=/nonexistent", "test", 1000, &r),
		-EINVAL);
	ck_assert_int_eq(redis_sync_open("rediss://h?cert=/nope&key=/nope",
					 "test", 1000, &r),
			 -EINVAL);
	ck_assert_int_eq(redis_sync_open("redis:", "test", 1000, &r), -EINVAL);
	r = NULL;
}
END_TEST

/* What a misbehaving server does after the greeting. */
static void after_greeting(int listening, const char *answer)
{
	for (;;) {
		int fd = fake_accept(listening);
		if (fake_expect(fd, "\r\n"))
			fake_say(fd, answer);
		if (answer[0] == 0)
			pause();
		close(fd);
	}
}

static void instead_of_greeting(int listening, const char *answer)
{
	for (;;) {
		int fd = accept(listening, NULL, NULL);
		fake_say(fd, answer);
		if (answer[0] == 0)
			pause();
		/* Read what comes, so that closing does not reset. */
		(void)fake_expect(fd, "PING\r\n");
		close(fd);
	}
}

static const struct {
	const char *what;
	void (*script)(int, const char *);
	const char *says;
} misbehaviours[] = {
	{ "silence from the start", instead_of_greeting, "" },
	{ "another protocol", instead_of_greeting, "220 mail ESMTP\r\n" },
	{ "a web server", instead_of_greeting, "HTTP/1.1 400 Bad\r\n\r\n" },
	{ "loading", instead_of_greeting, "+OK\r\n-LOADING wait\r\n" },
	{ "no PONG", instead_of_greeting, "+OK\r\n:1\r\n" },
	{ "replica without master", instead_of_greeting,
	  "+OK\r\n-MASTERDOWN Link is down\r\n" },
	{ "silence", after_greeting, "" },
	{ "half a reply", after_greeting, "$100\r\nabc" },
	{ "half an array", after_greeting, "*3\r\n:1\r\n$3\r\nab" },
	{ "garbage", after_greeting, "\x16\x03\x01 garbage" },
	{ "a bad length", after_greeting, "$-7\r\n" },
	{ "an endless array", after_greeting, "*2147483647\r\n:1\r\n" },
	{ "arrays without end", after_greeting,
	  "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n" },
	{ "an endless line", after_greeting, "+aaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
	{ "loading again", after_greeting, "-LOADING wait\r\n" },
	{ "read only", after_greeting, "-READONLY no writes\r\n" },
};

START_TEST(misbehaviour_gives_no_reply_within_the_deadline)
{
	uint16_t port;
	pid_t pid = fake_start(misbehaviours[_i].script, misbehaviours[_i].says,
			       &port);

	open_url(300, "redis://127.0.0.1:%u", port);
	uint64_t before = clock_ms();
	struct redis_reply *reply = redis_sync_format(r, "GET k");
	uint64_t took = clock_ms() - before;
	ck_assert_msg(!reply, "a reply after: %s", misbehaviours[_i].what);
	ck_assert_uint_lt(took, 2000);
	redis_sync_close(r);
	fake_stop(pid);
}
END_TEST

START_TEST(a_refused_connection_gives_no_reply_at_once)
{
	open_url(3000, "redis://127.0.0.1:%u", free_port());
	uint64_t before = clock_ms();
	expect_none(redis_sync_format(r, "GET k"));
	ck_assert_uint_lt(clock_ms() - before, 1000);
	redis_sync_close(r);
	open_url(3000, "unix:///nonexistent/socket");
	expect_none(redis_sync_format(r, "GET k"));
	redis_sync_close(r);
	open_url(3000, "redis://host.invalid");
	expect_none(redis_sync_format(r, "GET k"));
	redis_sync_close(r);
}
END_TEST

static TCase *real(void)
{
	TCase *t = tcase_create("real server");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, a_value_with_any_bytes_comes_back_as_it_was);
	tcase_add_test(t, every_kind_of_reply_can_be_read);
	tcase_add_test(t, pipelined_replies_come_in_order);
	tcase_add_test(t, a_large_value_passes_both_ways);
	tcase_add_test(t, a_script_runs_again_after_the_server_forgot_it);
	tcase_add_test(t, a_restart_between_two_commands_goes_unnoticed);
	tcase_add_test(
		t,
		while_the_server_is_away_there_is_no_reply_and_then_there_is);
	tcase_add_test(t, an_abandoned_pipeline_does_not_shift_later_replies);
	tcase_add_test(t, a_crash_within_a_pipeline_ends_all_of_it);
	tcase_add_test(
		t, the_unix_socket_user_password_database_and_name_are_used);
	tcase_add_test(
		t, a_wrong_password_gives_no_reply_and_stays_out_of_the_log);
	tcase_add_test(t,
		       a_replica_that_refuses_writes_counts_as_not_available);
	return t;
}

static TCase *over_tls(void)
{
	TCase *t = tcase_create("tls");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, tls, stop);
	tcase_add_test(t, tls_works_by_name_and_by_address);
	tcase_add_test(t, tls_refuses_an_unknown_authority);
	tcase_add_test(t, tls_refuses_a_certificate_for_another_name);
	tcase_add_test(
		t, tls_spoken_to_a_plain_port_fails_and_so_does_the_reverse);
	tcase_add_test(t,
		       a_server_that_asks_for_it_gets_the_client_certificate);
	tcase_add_test(t, a_large_value_passes_through_tls);
	tcase_add_test(t, files_that_cannot_be_loaded_are_refused_at_once);
	return t;
}

static TCase *misbehaviour(void)
{
	TCase *t = tcase_create("misbehaviour");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, misbehaviour_gives_no_reply_within_the_deadline,
			    0, ARRAY_LEN(misbehaviours));
	tcase_add_test(t, a_refused_connection_gives_no_reply_at_once);
	return t;
}

int main(void)
{
	TCase *const cases[] = { real(), over_tls(), misbehaviour() };

	return run_cases("redis_sync", cases, ARRAY_LEN(cases));
}
