#include "redis_client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(user_password_database_and_name_are_used_on_a_unix_socket)
{
	server_cli(&server, "acl setuser bob on '>p@ss' '~*' '+@all'");
	snprintf(url, sizeof(url), "unix://%s?db=5&user=bob&password=p%%40ss",
		 server.socket);
	open_plain();
	until(connected);
	ask("ACL", "WHOAMI", NULL);
	ck_assert_str_eq(last, "bob");
	ask("CLIENT", "GETNAME", NULL);
	ck_assert_str_eq(last, "test");
	ask("SET", "here", "1");
	server_cli(&server, "-n 5 get here | grep -qx 1");
}
END_TEST

START_TEST(a_wrong_password_stays_out_of_the_log_and_can_be_put_right)
{
	char path[128];
	char text[8192] = "";

	server_cli(&server, "config set requirepass right");
	snprintf(path, sizeof(path), "%s/stderr", server.dir);
	ck_assert_ptr_nonnull(freopen(path, "w+", stderr));
	snprintf(url, sizeof(url), "redis://:hunter2@127.0.0.1:%u",
		 server.port);
	open_plain();
	turn_for(500);
	ck_assert_int_eq(ups, 0);
	rewind(stderr);
	text[fread(text, 1, sizeof(text) - 1, stderr)] = 0;
	ck_assert_ptr_nonnull(strstr(text, "WRONGPASS"));
	ck_assert_ptr_null(strstr(text, "hunter2"));
	server_cli(&server, "-a right --no-auth-warning "
			    "config set requirepass hunter2");
	until(connected);
}
END_TEST

START_TEST(a_server_turned_replica_counts_as_not_available)
{
	open_plain();
	until(connected);
	server_cli(&server, "replicaof 127.0.0.1 1");
	ck_assert_int_eq(send3("SET", "k", "v", NULL), 0);
	ck_assert_int_eq(send3("GET", "k", NULL, NULL), 0);
	until(disconnected);
	ck_assert_int_eq(answered, 0);
	ck_assert_int_eq(abandoned, 2);
	server_cli(&server, "replicaof no one");
	until(connected);
	ask("SET", "k", "v");
	ck_assert_str_eq(last, "OK");
}
END_TEST

START_TEST(a_name_with_several_addresses_is_tried_to_the_end)
{
	/* Redis listens on 127.0.0.1 alone; localhost may be ::1 first. */
	snprintf(url, sizeof(url), "redis://localhost:%u", server.port);
	open_plain();
	until(connected);
}
END_TEST

static void start_tls(void)
{
	start_loop();
	server_start_tls(&server, "--tls-auth-clients no");
	snprintf(url, sizeof(url), "rediss://localhost:%u?ca=%s/cert.pem",
		 server.tls_port, server.dir);
}

START_TEST(tls_carries_a_large_pipeline_and_large_replies)
{
	char *value = malloc(1 << 20);
	const char *set[] = { "SET", "big", value };
	const size_t lens[] = { 3, 3, 1 << 20 };

	memset(value, 'x', 1 << 20);
	open_opts((struct redis_opts){ .max_in_flight = 50000,
				       .command_ms = 20000 });
	until(connected);
	ck_assert_int_eq(redis_command(r, on_reply, NULL, 3, set, lens), 0);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(send3("GET", "big", NULL, NULL), 0);
	for (int i = 0; i < 40000; i++)
		ck_assert_int_eq(send3("PING", NULL, NULL, NULL), 0);
	until(idle);
	ck_assert_int_eq(answered, 40021);
	ck_assert_int_eq(errors, 0);
	free(value);
}
END_TEST

START_TEST(tls_refuses_an_unknown_authority_and_says_so)
{
	snprintf(url, sizeof(url), "rediss://localhost:%u", server.tls_port);
	open_plain();
	turn_for(500);
	ck_assert_int_eq(ups, 0);
}
END_TEST

START_TEST(a_bad_url_or_certificate_is_refused_at_once)
{
	struct redis_opts o = { .url = "redis://h:x", .name = "test" };

	ck_assert_int_eq(redis_open(&loop, &o, &r), -EINVAL);
	o.url = "rediss://h?ca=/nonexistent";
	ck_assert_int_eq(redis_open(&loop, &o, &r), -EINVAL);
	r = NULL;
}
END_TEST

static TCase *signing_in(void)
{
	TCase *t = tcase_create("signing_in");

	tcase_set_timeout(t, 90);
	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(
		t, user_password_database_and_name_are_used_on_a_unix_socket);
	tcase_add_test(
		t, a_wrong_password_stays_out_of_the_log_and_can_be_put_right);
	tcase_add_test(t, a_server_turned_replica_counts_as_not_available);
	tcase_add_test(t, a_name_with_several_addresses_is_tried_to_the_end);
	return t;
}

static TCase *over_tls(void)
{
	TCase *t = tcase_create("over_tls");

	tcase_set_timeout(t, 90);
	tcase_add_checked_fixture(t, start_tls, stop);
	tcase_add_test(t, tls_carries_a_large_pipeline_and_large_replies);
	tcase_add_test(t, tls_refuses_an_unknown_authority_and_says_so);
	tcase_add_test(t, a_bad_url_or_certificate_is_refused_at_once);
	return t;
}

int main(void)
{
	TCase *const cases[] = { signing_in(), over_tls() };

	return run_cases("redis_signin", cases, ARRAY_LEN(cases));
}
