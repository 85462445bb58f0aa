/*
 * How long the blocking client waits, and for what.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/redis/redis_sync.h"
#include "redis_server.h"

static struct redis_sync *r;
static pthread_mutex_t resolver = PTHREAD_MUTEX_INITIALIZER;

/* In place of the C library's: hangs while the test holds RESOLVER, then every
 * name is 127.0.0.1. freeaddrinfo() is that of the C library, which frees an
 * entry and its address as one piece. */
__attribute__((visibility("default"))) int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
	    struct addrinfo **found)
{
	(void)name;
	(void)service;
	(void)hints;
	pthread_mutex_lock(&resolver);
	pthread_mutex_unlock(&resolver);

	struct addrinfo *ai =
		calloc(1, sizeof(*ai) + sizeof(struct sockaddr_in));
	if (!ai)
		return EAI_MEMORY;
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)(ai + 1);
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ai->ai_family = AF_INET;
	ai->ai_addr = (struct sockaddr *)in;
	ai->ai_addrlen = sizeof(*in);
	*found = ai;
	return 0;
}

static void open_url(unsigned timeout_ms, const char *url)
{
	ck_assert_int_eq(redis_sync_open(url, "test", timeout_ms, &r), 0);
}

static bool pong(void)
{
	struct redis_reply *reply = redis_sync_format(r, "PING");
	bool yes = reply && redis_str(reply, NULL) &&
		   strcmp(redis_str(reply, NULL), "PONG") == 0;

	redis_reply_free(reply);
	return yes;
}

static int append(const char *text)
{
	const char *argv[] = { "ECHO", text };

	return redis_sync_append(r, 2, argv, NULL);
}

static void expect_next(const char *text)
{
	struct redis_reply *reply = redis_sync_next(r);

	ck_assert_msg(reply, "no reply instead of %s", text);
	ck_assert_str_eq(redis_str(reply, NULL), text);
	redis_reply_free(reply);
}

START_TEST(a_resolver_that_hangs_costs_no_more_than_the_callers_time)
{
	struct server server;
	char url[64];

	server_start(&server, "");
	snprintf(url, sizeof(url), "redis://name.example:%u", server.port);
	open_url(200, url);
	pthread_mutex_lock(&resolver);
	ck_assert(!pong());
	ck_assert(!pong());
	pthread_mutex_unlock(&resolver);
	for (int i = 0; !pong(); i++)
		ck_assert_int_lt(i, 100);
	redis_sync_close(r);
	server_stop(&server);
}
END_TEST

static void says(int listening, const char *answer)
{
	for (;;) {
		int fd = accept(listening, NULL, NULL);
		fake_say(fd, answer);
		(void)fake_expect(fd, "never");
		close(fd);
	}
}

START_TEST(a_dead_sentinel_leaves_time_for_the_next)
{
	struct server server;
	char answer[128], port[8], url[128];
	uint16_t dead, alive;

	server_start(&server, "");
	snprintf(port, sizeof(port), "%u", server.port);
	snprintf(answer, sizeof(answer),
		 "+OK\r\n*2\r\n$9\r\n127.0.0.1\r\n$%zu\r\n%s\r\n", strlen(port),
		 port);
	pid_t first = fake_start(says, "", &dead);
	pid_t second = fake_start(says, answer, &alive);
	snprintf(url, sizeof(url),
		 "redis+sentinel://127.0.0.1:%u,127.0.0.1:%u/main", dead,
		 alive);
	open_url(3000, url);
	ck_assert(pong());
	redis_sync_close(r);
	fake_stop(first);
	fake_stop(second);
	server_stop(&server);
}
END_TEST

/* The second reply comes when the time of both, had it begun with their
 * sending, is over. */
static void answers_twice(int listening, const char *unused)
{
	int fd = fake_accept(listening);

	(void)unused;
	(void)fake_expect(fd, "two\r\n");
	fake_say(fd, "+one\r\n");
	pause_ms(4200);
	fake_say(fd, "+two\r\n");
	(void)fake_expect(fd, "never");
}

START_TEST(each_reply_of_a_pipeline_has_its_own_time)
{
	char url[64];
	uint16_t port;
	pid_t pid = fake_start(answers_twice, "", &port);

	snprintf(url, sizeof(url), "redis://127.0.0.1:%u", port);
	open_url(4000, url);
	ck_assert_int_eq(append("one"), 0);
	ck_assert_int_eq(append("two"), 0);
	expect_next("one");
	pause_ms(3900);
	expect_next("two");
	redis_sync_close(r);
	fake_stop(pid);
}
END_TEST

/* The first reply, then the second and with it the end; then another
 * connection. */
static void breaks_off(int listening, const char *unused)
{
	int fd = fake_accept(listening);

	(void)unused;
	(void)fake_expect(fd, "three\r\n");
	fake_say(fd, "+one\r\n");
	pause_ms(50);
	fake_say(fd, "+two\r\n");
	close(fd);
	fd = fake_accept(listening);
	(void)fake_expect(fd, "four\r\n");
	fake_say(fd, "+four\r\n");
	(void)fake_expect(fd, "never");
}

START_TEST(what_is_appended_to_a_broken_pipeline_gets_no_reply)
{
	char url[64];
	uint16_t port;
	pid_t pid = fake_start(breaks_off, "", &port);

	snprintf(url, sizeof(url), "redis://127.0.0.1:%u", port);
	open_url(3000, url);
	ck_assert_int_eq(append("one"), 0);
	ck_assert_int_eq(append("two"), 0);
	ck_assert_int_eq(append("three"), 0);
	expect_next("one");
	pause_ms(300); /* most likely the end is seen with the second */
	expect_next("two");
	(void)!append("four");
	ck_assert_ptr_null(redis_sync_next(r));
	ck_assert_ptr_null(redis_sync_next(r));
	redis_sync_close(r);
	fake_stop(pid);
}
END_TEST

START_TEST(a_pipeline_has_an_end)
{
	struct server server;
	const char *argv[] = { "PING" };
	char url[64];
	int e = 0, n = 0;

	server_start(&server, "");
	snprintf(url, sizeof(url), "redis://127.0.0.1:%u", server.port);
	open_url(3000, url);
	for (; e == 0 && n <= 100000; n += e == 0)
		e = redis_sync_append(r, 1, argv, NULL);
	ck_assert_int_eq(n, 100000);
	ck_assert_int_eq(e, -ENOBUFS);
	ck_assert(pong());
	redis_sync_close(r);
	server_stop(&server);
}
END_TEST

static TCase *patience(void)
{
	TCase *t = tcase_create("patience");

	tcase_set_timeout(t, 90);
	tcase_add_test(
		t, a_resolver_that_hangs_costs_no_more_than_the_callers_time);
	tcase_add_test(t, a_dead_sentinel_leaves_time_for_the_next);
	tcase_add_test(t, each_reply_of_a_pipeline_has_its_own_time);
	tcase_add_test(t, what_is_appended_to_a_broken_pipeline_gets_no_reply);
	tcase_add_test(t, a_pipeline_has_an_end);
	return t;
}

int main(void)
{
	TCase *const cases[] = { patience() };

	return run_cases("redis_patience", cases, ARRAY_LEN(cases));
}
