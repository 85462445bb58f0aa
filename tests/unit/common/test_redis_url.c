#include "common/redis/redis_url.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct redis_url url;
static const char *why;

static void parse(const char *text)
{
	ck_assert_msg(redis_url_parse(text, &url, &why) == 0, "%s: %s", text,
		      why);
}

START_TEST(a_plain_url_gets_the_usual_port_and_database)
{
	parse("redis://example.org");
	ck_assert_int_eq(url.via, REDIS_VIA_TCP);
	ck_assert(!url.tls);
	ck_assert_uint_eq(url.nhosts, 1);
	ck_assert_str_eq(url.hosts[0].name, "example.org");
	ck_assert_uint_eq(url.hosts[0].port, 6379);
	ck_assert_uint_eq(url.db, 0);
	ck_assert_str_eq(url.login.user, "");
	ck_assert_str_eq(url.login.password, "");
}
END_TEST

START_TEST(user_password_port_and_database_are_taken)
{
	parse("redis://bob:s%40cr%2Fet%3f@10.0.0.1:7000/15");
	ck_assert_str_eq(url.login.user, "bob");
	ck_assert_str_eq(url.login.password, "s@cr/et?");
	ck_assert_str_eq(url.hosts[0].name, "10.0.0.1");
	ck_assert_uint_eq(url.hosts[0].port, 7000);
	ck_assert_uint_eq(url.db, 15);
}
END_TEST

START_TEST(a_password_without_a_user_is_for_the_default_user)
{
	parse("redis://:a:b#c@h/");
	ck_assert_str_eq(url.login.user, "");
	ck_assert_str_eq(url.login.password, "a:b#c");
	ck_assert_uint_eq(url.db, 0);
}
END_TEST

START_TEST(an_ipv6_host_is_written_in_brackets)
{
	parse("rediss://[2001:db8::1]:6380/2?ca=/etc/ca.pem&cert=c&key=k");
	ck_assert(url.tls);
	ck_assert_str_eq(url.hosts[0].name, "2001:db8::1");
	ck_assert_uint_eq(url.hosts[0].port, 6380);
	ck_assert_str_eq(url.ca, "/etc/ca.pem");
	ck_assert_str_eq(url.cert, "c");
	ck_assert_str_eq(url.key, "k");
	parse("redis://[::1]");
	ck_assert_str_eq(url.hosts[0].name, "::1");
	ck_assert_uint_eq(url.hosts[0].port, 6379);
}
END_TEST

START_TEST(a_unix_socket_takes_its_options_as_parameters)
{
	parse("unix:///run/a%20b.sock?db=3&user=u&password=p%26q");
	ck_assert_int_eq(url.via, REDIS_VIA_UNIX);
	ck_assert_str_eq(url.path, "/run/a b.sock");
	ck_assert_uint_eq(url.db, 3);
	ck_assert_str_eq(url.login.user, "u");
	ck_assert_str_eq(url.login.password, "p&q");
	ck_assert_uint_eq(url.nhosts, 0);
}
END_TEST

START_TEST(sentinels_are_listed_before_the_masters_name)
{
	parse("rediss+sentinel://u:p@s1,s2:7,[::3]:8/main/4"
	      "?sentinel_password=x&sentinel_user=y");
	ck_assert_int_eq(url.via, REDIS_VIA_SENTINEL);
	ck_assert(url.tls);
	ck_assert_uint_eq(url.nhosts, 3);
	ck_assert_str_eq(url.hosts[0].name, "s1");
	ck_assert_uint_eq(url.hosts[0].port, 26379);
	ck_assert_uint_eq(url.hosts[1].port, 7);
	ck_assert_str_eq(url.hosts[2].name, "::3");
	ck_assert_str_eq(url.master, "main");
	ck_assert_uint_eq(url.db, 4);
	ck_assert_str_eq(url.login.user, "u");
	ck_assert_str_eq(url.sentinel_login.user, "y");
	ck_assert_str_eq(url.sentinel_login.password, "x");
}
END_TEST

static const char *const bad[] = {
	"",
	"redis:/h",
	"http://h",
	"REDIS://h",
	"redis://",
	"redis://:6379",
	"redis://h:",
	"redis://h:0",
	"redis://h:65536",
	"redis://h:6379x",
	"redis://h h",
	"redis://h\n",
	"redis://::1",
	"redis://[::1",
	"redis://[::1]6379",
	"redis://[]",
	"redis://[h-x]",
	"redis://a,b/0",
	"redis://h/x",
	"redis://h/1/2",
	"redis://h/65536",
	"redis://h/99999999999999999999",
	"redis://u%zz@h",
	"redis://u%4@h",
	"redis://u%00@h",
	"redis://h?ca=x",
	"redis://h?nonsense=1",
	"redis://h?sentinel_password=x",
	"redis://h?db=",
	"redis://h?&",
	"rediss://h?cert=x",
	"rediss://h?key=x",
	"unix://run/redis.sock",
	"unix://",
	"unix:///a%00b",
	"redis+sentinel://h",
	"redis+sentinel://h/",
	"redis+sentinel://h,/m",
	"redis+sentinel://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17/m",
	"redis+sentinel://h/m/x",
};

START_TEST(a_bad_url_is_refused_with_a_reason)
{
	ck_assert_msg(redis_url_parse(bad[_i], &url, &why) == -EINVAL, "%s",
		      bad[_i]);
	ck_assert_ptr_nonnull(why);
}
END_TEST

START_TEST(names_that_do_not_fit_are_refused)
{
	static char text[REDIS_SECRET_MAX * 2];
	static const struct {
		const char *before;
		size_t most;
		const char *after;
	} rows[] = {
		{ "redis://", REDIS_HOST_MAX - 1, "" },
		{ "redis://", REDIS_NAME_MAX - 1, "@h" },
		{ "redis://:", REDIS_SECRET_MAX - 1, "@h" },
		{ "redis+sentinel://h/", REDIS_NAME_MAX - 1, "" },
		{ "unix:///", REDIS_SOCKET_MAX - 2, "" },
		{ "rediss://h?ca=", REDIS_FILE_MAX - 1, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t more = 0; more < 2; more++) {
			char *p = stpcpy(text, rows[i].before);
			memset(p, 'a', rows[i].most + more);
			strcpy(p + rows[i].most + more, rows[i].after);
			ck_assert_int_eq(redis_url_parse(text, &url, &why),
					 more ? -EINVAL : 0);
		}
	}
}
END_TEST

START_TEST(a_refused_url_leaves_no_password_behind)
{
	static const struct redis_login empty;

	ck_assert_int_eq(redis_url_parse("redis://u:hidden@h:x", &url, &why),
			 -EINVAL);
	ck_assert_mem_eq(&url.login, &empty, sizeof(empty));
	ck_assert_ptr_null(strstr(why, "hidden"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("redis_url");
	TCase *t = tcase_create("url");

	tcase_add_test(t, a_plain_url_gets_the_usual_port_and_database);
	tcase_add_test(t, user_password_port_and_database_are_taken);
	tcase_add_test(t, a_password_without_a_user_is_for_the_default_user);
	tcase_add_test(t, an_ipv6_host_is_written_in_brackets);
	tcase_add_test(t, a_unix_socket_takes_its_options_as_parameters);
	tcase_add_test(t, sentinels_are_listed_before_the_masters_name);
	tcase_add_loop_test(t, a_bad_url_is_refused_with_a_reason, 0,
			    ARRAY_LEN(bad));
	tcase_add_test(t, names_that_do_not_fit_are_refused);
	tcase_add_test(t, a_refused_url_leaves_no_password_behind);
	suite_add_tcase(s, t);

	SRunner *run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	int failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
