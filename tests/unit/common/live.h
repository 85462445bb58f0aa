/*
 * live: a real loop for unit tests, with a watchdog instead of sleeps.
 *
 * A test acts, then says what it waits for; if that does not happen within
 * LIVE_MS the test fails with the condition's line.
 */
#pragma once

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/net/loop.h"

/* One turn may fire the timer waited for and then block: looks are short. */
enum { LIVE_MS = 45000, LIVE_LOOK_MS = 50 };

struct live {
	struct loop loop;
	struct timer watchdog;
	uint64_t end_ms;
	bool late;
};

static inline void live_expired(void *ctx)
{
	struct live *l = ctx;
	l->late = loop_now(&l->loop) >= l->end_ms;
}

static inline void live_start(struct live *l)
{
	*l = (struct live){ 0 };
	ck_assert_int_eq(loop_init(&l->loop), 0);
	timer_init(&l->loop, &l->watchdog, live_expired, l);
	l->end_ms = loop_now(&l->loop) + LIVE_MS;
	timer_start(&l->watchdog, LIVE_LOOK_MS, LIVE_LOOK_MS);
}

/* Turns the loop until CONDITION holds. */
#define live_until(l, condition)                                               \
	do {                                                                   \
		while (!(condition)) {                                         \
			uv_run(&(l)->loop.uv, UV_RUN_ONCE);                    \
			ck_assert_msg(!(l)->late, "too late: %s", #condition); \
		}                                                              \
	} while (0)

/* Turns the loop N times without waiting: what is ready now happens. */
static inline void live_turn(struct live *l, int n)
{
	while (n-- > 0)
		uv_run(&l->loop.uv, UV_RUN_NOWAIT);
}

static inline void live_end(struct live *l)
{
	timer_close(&l->watchdog, NULL);
	loop_stop(&l->loop);
	loop_run(&l->loop);
	loop_fini(&l->loop);
}

/* A blocking client connection to a port on 127.0.0.1. */
static inline int live_connect(uint16_t port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static inline void live_nonblock(int fd)
{
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

/* A TCP connection over loopback: FDS[0] is ours and does not block. */
static inline void live_pair(int fds[static 2])
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int li = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(li, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(li, 1), 0);
	ck_assert_int_eq(getsockname(li, (struct sockaddr *)&at, &len), 0);
	fds[1] = live_connect(ntohs(at.sin_port));
	fds[0] = accept(li, NULL, NULL);
	ck_assert_int_ge(fds[0], 0);
	live_nonblock(fds[0]);
	close(li);
}

/* Ends the connection with RST. */
static inline void live_reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	ck_assert_int_eq(
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	close(fd);
}

static inline void live_write(int fd, const void *data, size_t len)
{
	ck_assert_int_eq(send(fd, data, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* Reads LEN bytes that are known to have been sent. */
static inline void live_read(int fd, void *data, size_t len)
{
	ck_assert_int_eq(recv(fd, data, len, MSG_WAITALL), (ssize_t)len);
}

/* True once the far end's FIN or RST has arrived, all data being read. */
static inline bool live_ended(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno == ECONNRESET);
}

#define LIVE_MAIN(name, ...)                                                   \
	int main(void)                                                         \
	{                                                                      \
		const TTest *const tests[] = { __VA_ARGS__ };                  \
		Suite *s = suite_create(name);                                 \
		TCase *tc = tcase_create(name);                                \
		tcase_set_timeout(tc, 60);                                     \
		for (size_t i = 0; i < ARRAY_LEN(tests); i++)                  \
			tcase_add_test(tc, tests[i]);                          \
		suite_add_tcase(s, tc);                                        \
		SRunner *sr = srunner_create(s);                               \
		srunner_run_all(sr, CK_ENV);                                   \
		int failed = srunner_ntests_failed(sr);                        \
		srunner_free(sr);                                              \
		return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;              \
	}
