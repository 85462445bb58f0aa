#include "redis_client.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/redis/redis_sync.h"

/* A master, its replica, and a sentinel that watches them. */
static struct server master;
static struct server replica;
static struct server sentinel;

static void start_three(void)
{
	char text[512];

	server_start(&master, "--repl-diskless-sync-delay 0");
	snprintf(text, sizeof(text), "--replicaof 127.0.0.1 %u", master.port);
	server_start(&replica, text);
	server_wait(&replica, "info replication", "master_link_status:up");
	snprintf(text, sizeof(text),
		 "sentinel monitor main 127.0.0.1 %u 1\\n"
		 "sentinel down-after-milliseconds main 300\\n"
		 "sentinel failover-timeout main 2000\\n"
		 "requirepass sesame\\n",
		 master.port);
	server_start_sentinel(&sentinel, text);
	server_wait(&sentinel,
		    "-a sesame --no-auth-warning sentinel replicas main",
		    "127.0.0.1");
	/* The first sentinel of the list does not exist. */
	snprintf(url, sizeof(url),
		 "redis+sentinel://127.0.0.1:%u,127.0.0.1:%u/main"
		 "?sentinel_password=sesame",
		 free_port(), sentinel.port);
	start_loop();
}

static void stop_three(void)
{
	end_loop();
	server_stop(&sentinel);
	server_stop(&replica);
	server_stop(&master);
}

START_TEST(the_client_follows_the_master_through_a_failover)
{
	open_plain();
	until(connected);
	ask("SET", "k", "before");
	server_wait(&replica, "get k", "before");
	server_kill(&master);
	until(disconnected);
	until(connected);
	ask("SET", "k", "after");
	ck_assert_str_eq(last, "OK");
	ck_assert(server_shows(&replica, "get k", "after"));
}
END_TEST

START_TEST(the_blocking_client_follows_the_master_through_a_failover)
{
	struct redis_sync *sync;
	struct redis_reply *reply;

	ck_assert_int_eq(redis_sync_open(url, "test", 2000, &sync), 0);
	reply = redis_sync_format(sync, "SET k before");
	ck_assert_ptr_nonnull(reply);
	redis_reply_free(reply);
	server_wait(&replica, "get k", "before");
	server_kill(&master);
	uint64_t end = clock_ms() + 30000;
	do {
		ck_assert(clock_ms() < end);
		pause_ms(TRY_MS);
		reply = redis_sync_format(sync, "SET k after");
	} while (!reply);
	ck_assert_str_eq(redis_str(reply, NULL), "OK");
	redis_reply_free(reply);
	ck_assert(server_shows(&replica, "get k", "after"));
	redis_sync_close(sync);
}
END_TEST

START_TEST(a_master_that_was_demoted_while_connected_is_left)
{
	open_plain();
	until(connected);
	ask("SET", "k", "before");
	server_wait(&replica, "get k", "before");
	server_wait(&sentinel,
		    "-a sesame --no-auth-warning sentinel failover main", "OK");
	server_wait(&replica, "role", "^master$");
	/* What the sentinel says as well, ten seconds later. */
	char demote[64];
	snprintf(demote, sizeof(demote), "replicaof 127.0.0.1 %u",
		 replica.port);
	server_wait(&master, demote, "OK");
	server_wait(&master, "role", "^slave$");
	/* Redis cuts its clients off when it is demoted, or tells them at
	 * their next write; either way the client ends up at the new one. */
	until(connected);
	uint64_t end = clock_ms() + 20000;
	do {
		ck_assert(clock_ms() < end);
		answered = 0;
		if (send3("SET", "k", "after", NULL) == 0)
			until(idle);
		else
			uv_run(&loop.uv, UV_RUN_ONCE);
	} while (!answered);
	ck_assert_str_eq(last, "OK");
	ck_assert(server_shows(&replica, "get k", "after"));
}
END_TEST

static int *asked; /* the sentinel below, where the test sees it */

/* A sentinel that is behind: it takes the server at the port ARG for the
 * master. */
static void stale_sentinel(int listening, const char *arg)
{
	char answer[128];

	snprintf(answer, sizeof(answer),
		 "+OK\r\n+OK\r\n*2\r\n$9\r\n127.0.0.1\r\n$%zu\r\n%s\r\n",
		 strlen(arg), arg);
	for (;;) {
		int fd = accept(listening, NULL, NULL);
		++*asked;
		if (fake_expect(fd, "main\r\n"))
			fake_say(fd, answer);
		close(fd);
	}
}

static pid_t start_stale(const char *others)
{
	static char port_text[16];
	uint16_t port;

	asked = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(asked, MAP_FAILED);
	snprintf(port_text, sizeof(port_text), "%u", replica.port);
	pid_t pid = fake_start(stale_sentinel, port_text, &port);
	snprintf(url, sizeof(url),
		 "redis+sentinel://127.0.0.1:%u%s/main"
		 "?sentinel_password=sesame",
		 port, others);
	return pid;
}

START_TEST(a_server_that_is_no_master_is_not_believed_to_be_one)
{
	char others[32];
	pid_t pid = start_stale("");

	open_plain();
	for (*asked = 0; *asked < 3;) {
		uv_run(&loop.uv, UV_RUN_ONCE);
		ck_assert(!redis_connected(r));
	}
	redis_close(r);
	fake_stop(pid);
	snprintf(others, sizeof(others), ",127.0.0.1:%u", sentinel.port);
	pid = start_stale(others);
	open_plain();
	until(connected);
	ask("SET", "k", "v");
	ck_assert_str_eq(last, "OK");

	struct redis_sync *sync;
	ck_assert_int_eq(redis_sync_open(url, "test", 2000, &sync), 0);
	struct redis_reply *reply = redis_sync_format(sync, "SET k w");
	ck_assert_ptr_nonnull(reply);
	ck_assert_str_eq(redis_str(reply, NULL), "OK");
	redis_reply_free(reply);
	redis_sync_close(sync);
	fake_stop(pid);
}
END_TEST

START_TEST(a_name_that_no_sentinel_knows_is_an_error_without_connection)
{
	snprintf(url, sizeof(url),
		 "redis+sentinel://127.0.0.1:%u/other"
		 "?sentinel_password=sesame",
		 sentinel.port);
	struct redis_sync *sync;
	ck_assert_int_eq(redis_sync_open(url, "test", 1000, &sync), 0);
	ck_assert_ptr_null(redis_sync_format(sync, "PING"));
	redis_sync_close(sync);
	snprintf(url, sizeof(url), "redis+sentinel://127.0.0.1:%u/main",
		 sentinel.port);
	ck_assert_int_eq(redis_sync_open(url, "test", 1000, &sync), 0);
	ck_assert_ptr_null(redis_sync_format(sync, "PING"));
	redis_sync_close(sync);
}
END_TEST

static TCase *failover(void)
{
	TCase *t = tcase_create("failover");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, start_three, stop_three);
	tcase_add_test(t, the_client_follows_the_master_through_a_failover);
	tcase_add_test(
		t, the_blocking_client_follows_the_master_through_a_failover);
	tcase_add_test(t, a_master_that_was_demoted_while_connected_is_left);
	tcase_add_test(t, a_server_that_is_no_master_is_not_believed_to_be_one);
	tcase_add_test(
		t,
		a_name_that_no_sentinel_knows_is_an_error_without_connection);
	return t;
}

int main(void)
{
	TCase *const cases[] = { failover() };

	return run_cases("redis_sentinel", cases, ARRAY_LEN(cases));
}
