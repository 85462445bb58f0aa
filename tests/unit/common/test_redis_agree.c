/*
 * Both clients meet the same fault and say the same about it.
 */
#include "redis_client.h"

#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/redis/redis_sync.h"

enum { PATIENCE_MS = 2000 };

static FILE *said; /* what the log says */
static pid_t fakes[2];
static size_t nfakes;

/* In place of the C library's: no name has an address. */
__attribute__((visibility("default"))) int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
	    struct addrinfo **found)
{
	(void)name;
	(void)service;
	(void)hints;
	*found = NULL;
	return EAI_NONAME;
}

static void collect_log(void)
{
	start_loop();
	nfakes = 0;
	server.dir[0] = 0;
	said = tmpfile();
	ck_assert_ptr_nonnull(said);
	ck_assert_int_ge(dup2(fileno(said), STDERR_FILENO), 0);
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_SETFL, O_APPEND), 0);
}

static void end_all(void)
{
	end_loop();
	while (nfakes > 0)
		fake_stop(fakes[--nfakes]);
	if (server.dir[0])
		server_stop(&server);
	fclose(said);
}

static uint16_t fake(void (*script)(int, const char *), const char *says)
{
	uint16_t port;

	fakes[nfakes++] = fake_start(script, says, &port);
	return port;
}

static void instead_of_greeting(int listening, const char *says)
{
	for (;;) {
		int fd = accept(listening, NULL, NULL);
		fake_say(fd, says);
		(void)fake_expect(fd, "never");
		close(fd);
	}
}

static void after_greeting(int listening, const char *says)
{
	for (;;) {
		int fd = fake_accept(listening);
		if (fake_expect(fd, "GET\r\n$1\r\nk\r\n"))
			fake_say(fd, says);
		(void)fake_expect(fd, "never");
		close(fd);
	}
}

static void greets_with(const char *says)
{
	snprintf(url, sizeof(url), "redis://:pw@127.0.0.1:%u",
		 fake(instead_of_greeting, says));
}

static void answers_with(const char *says)
{
	snprintf(url, sizeof(url), "redis://127.0.0.1:%u",
		 fake(after_greeting, says));
}

static void sentinel_says(const char *says)
{
	snprintf(url, sizeof(url), "redis+sentinel://127.0.0.1:%u/main",
		 fake(instead_of_greeting, says));
}

static void sentinel_names_a_server_that(const char *says)
{
	static char answer[128];
	char port[8];

	snprintf(port, sizeof(port), "%u", fake(instead_of_greeting, says));
	snprintf(answer, sizeof(answer),
		 "+OK\r\n*2\r\n$9\r\n127.0.0.1\r\n$%zu\r\n%s\r\n", strlen(port),
		 port);
	sentinel_says(answer);
}

static void nobody_listens(const char *unused)
{
	(void)unused;
	snprintf(url, sizeof(url), "redis://127.0.0.1:%u", free_port());
}

static void has_no_address(const char *unused)
{
	(void)unused;
	snprintf(url, sizeof(url), "redis://host.invalid");
}

static void no_socket(const char *unused)
{
	(void)unused;
	snprintf(url, sizeof(url), "unix:///nonexistent/socket");
}

static void with_tls(const char *fmt)
{
	char at[64];

	server_start_tls(&server, "--tls-auth-clients no");
	snprintf(at, sizeof(at), "rediss://%s:%u", fmt, server.tls_port);
	snprintf(url, sizeof(url), "%s?ca=%s/cert.pem", at, server.dir);
}

static void unknown_authority(const char *unused)
{
	(void)unused;
	with_tls("127.0.0.1");
	strchr(url, '?')[0] = 0;
}

static const struct {
	const char *what;
	void (*stage)(const char *says);
	const char *says;
	const char *event;
	const char *words;
} faults[] = {
	{ "refused", nobody_listens, "", "redis_unavailable",
	  " error=\"Connection refused\"" },
	{ "no such socket", no_socket, "", "redis_unavailable",
	  " error=\"No such file or directory\"" },
	{ "no address", has_no_address, "", "redis_unavailable",
	  " reason=\"unknown node or service\"" },
	{ "silent", greets_with, "", "redis_unavailable",
	  " error=\"Connection timed out\"" },
	{ "another protocol", greets_with, "220 mail ESMTP\r\n",
	  "redis_unavailable", " reason=\"garbage instead of a reply\"" },
	{ "wrong password", greets_with, "-WRONGPASS no\r\n",
	  "redis_unavailable", " code=WRONGPASS reason=\"sign-in refused\"" },
	{ "loading", greets_with, "+OK\r\n+OK\r\n-LOADING wait\r\n",
	  "redis_unavailable", " code=LOADING reason=\"not ready to serve\"" },
	{ "read only", greets_with, "+OK\r\n+OK\r\n-READONLY no\r\n",
	  "redis_unavailable", " code=READONLY reason=\"not ready to serve\"" },
	{ "no master", greets_with, "+OK\r\n+OK\r\n-MASTERDOWN no\r\n",
	  "redis_unavailable",
	  " code=MASTERDOWN reason=\"not ready to serve\"" },
	{ "unknown master", sentinel_says, "+OK\r\n*-1\r\n",
	  "redis_unavailable",
	  " reason=\"the sentinel does not know the master\"" },
	{ "a sentinel that wants a password", sentinel_says,
	  "-NOAUTH no\r\n-NOAUTH no\r\n", "redis_unavailable",
	  " code=NOAUTH reason=\"sign-in refused\"" },
	{ "wrong role", sentinel_names_a_server_that,
	  "+OK\r\n*1\r\n$5\r\nslave\r\n+PONG\r\n", "redis_unavailable",
	  " reason=\"not the master\"" },
	{ "wrong name in TLS", with_tls, "127.0.0.2", "redis_unavailable",
	  " reason=\"IP address mismatch\"" },
	{ "unknown authority", unknown_authority, "", "redis_unavailable",
	  " reason=\"self-signed certificate\"" },
	{ "loading again", answers_with, "-LOADING wait\r\n", "redis_lost",
	  " code=LOADING reason=\"not serving any more\"" },
	{ "turned replica", answers_with, "-READONLY no\r\n", "redis_lost",
	  " code=READONLY reason=\"not serving any more\"" },
	{ "lost its master", answers_with, "-MASTERDOWN no\r\n", "redis_lost",
	  " code=MASTERDOWN reason=\"not serving any more\"" },
	{ "no reply", answers_with, "", "redis_lost",
	  " reason=\"no reply in time\"" },
	{ "half a reply", answers_with, "$100\r\nabc", "redis_lost",
	  " reason=\"no reply in time\"" },
	{ "a bad length", answers_with, "$-7\r\n", "redis_lost",
	  " reason=\"garbage instead of a reply\"" },
};

/* The first line of EVENT, from the client's name on; the pause before the
 * next attempt is the asynchronous client's alone. */
static bool find_line(const char *event, char line[static 512])
{
	while (fgets(line, 512, said)) {
		char *from = strstr(line, " client=");
		if (!strstr(line, event) || !from)
			continue;
		char *pause = strstr(from, " retry_ms=");
		from[strcspn(from, "\n")] = 0;
		if (pause)
			*pause = 0;
		memmove(line, from, strlen(from) + 1);
		return true;
	}
	return false;
}

static void empty_log(void)
{
	ck_assert_int_eq(ftruncate(fileno(said), 0), 0);
	rewind(said);
}

static void in_place(const char *event, char line[static 512])
{
	struct redis_sync *sync;

	empty_log();
	ck_assert_int_eq(redis_sync_open(url, "test", PATIENCE_MS, &sync), 0);
	ck_assert_ptr_null(redis_sync_format(sync, "GET k"));
	redis_sync_close(sync);
	rewind(said);
	ck_assert_msg(find_line(event, line), "the blocking client is silent");
}

static void ask_when_up(void *ctx, bool up)
{
	(void)ctx;
	if (up)
		ck_assert_int_eq(send3("GET", "k", NULL, NULL), 0);
}

static void on_the_loop(const char *event, char line[static 512])
{
	struct redis_opts o = { .url = url,
				.name = "test",
				.connect_ms = PATIENCE_MS,
				.command_ms = PATIENCE_MS,
				.on_state = ask_when_up };
	uint64_t end = clock_ms() + 60000;

	empty_log();
	ck_assert_int_eq(redis_open(&loop, &o, &r), 0);
	do {
		ck_assert_msg(clock_ms() < end,
			      "the asynchronous client is silent");
		uv_run(&loop.uv, UV_RUN_ONCE);
		rewind(said);
	} while (!find_line(event, line));
	ck_assert_int_eq(answered, 0);
}

START_TEST(both_clients_say_the_same_about_the_same_fault)
{
	char blocking[512];
	char asynchronous[512];

	faults[_i].stage(faults[_i].says);
	in_place(faults[_i].event, blocking);
	on_the_loop(faults[_i].event, asynchronous);
	ck_assert_str_eq(blocking, asynchronous);
	ck_assert_msg(strstr(blocking, faults[_i].words), "%s: %s",
		      faults[_i].what, blocking);
}
END_TEST

static TCase *agreement(void)
{
	TCase *t = tcase_create("agreement");

	tcase_set_timeout(t, 90);
	tcase_add_checked_fixture(t, collect_log, end_all);
	tcase_add_loop_test(t, both_clients_say_the_same_about_the_same_fault,
			    0, ARRAY_LEN(faults));
	return t;
}

int main(void)
{
	TCase *const cases[] = { agreement() };

	return run_cases("redis_agree", cases, ARRAY_LEN(cases));
}
