#include "common/process/ops.h"

#include <pthread.h>

#include "tests/unit/common/live.h"

struct site {
	struct live l;
	struct ops *ops;
	bool ready;
	char answer[4096];
	size_t len;
	const char *bind;
};

static void on_metrics(void *ctx, struct buf *out)
{
	(void)ctx;
	ck_assert_int_eq(buf_append(out, "x_total 7\n", 10), 0);
}

static bool on_ready(void *ctx, const char **why)
{
	*why = "draining";
	return ((struct site *)ctx)->ready;
}

static void site_open_at(struct site *s, const char *bind)
{
	struct ops_hooks h = { .metrics = on_metrics,
			       .ready = on_ready,
			       .ctx = s };

	*s = (struct site){ .ready = true, .bind = bind };
	live_start(&s->l);
	ck_assert_int_eq(ops_open(&s->l.loop, bind, 0, &h, &s->ops), 0);
}

static void site_open(struct site *s)
{
	site_open_at(s, "127.0.0.1");
}

static void site_close(struct site *s)
{
	ops_close(s->ops);
	live_end(&s->l);
}

/* Takes what is here; true at the end of the connection. */
static bool answered(struct site *s, int fd)
{
	ssize_t n;

	while ((n = recv(fd, s->answer + s->len, sizeof s->answer - s->len - 1,
			 MSG_DONTWAIT)) > 0)
		s->len += (size_t)n;
	return n == 0;
}

/* Sends REQUEST and reads until the server closes. */
static void ask(struct site *s, const char *request)
{
	int fd = live_connect(ops_port(s->ops));

	s->len = 0;
	memset(s->answer, 0, sizeof s->answer);
	live_write(fd, request, strlen(request));
	live_until(&s->l, answered(s, fd));
	close(fd);
}

static bool starts(const struct site *s, const char *text)
{
	return strncmp(s->answer, text, strlen(text)) == 0;
}

START_TEST(metrics_are_what_the_service_appends)
{
	struct site s;

	site_open(&s);
	ask(&s, "GET /metrics HTTP/1.0\r\n\r\n");
	ck_assert(starts(&s, "HTTP/1.0 200") || starts(&s, "HTTP/1.1 200"));
	ck_assert_ptr_nonnull(strstr(s.answer, "text/plain; version=0.0.4"));
	ck_assert_ptr_nonnull(strstr(s.answer, "\r\n\r\nx_total 7\n"));
	site_close(&s);
}
END_TEST

START_TEST(readiness_follows_the_service_and_says_why_not)
{
	struct site s;

	site_open(&s);
	ask(&s, "GET /readyz HTTP/1.0\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(s.answer, " 200 "));
	s.ready = false;
	ask(&s, "GET /readyz HTTP/1.0\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(s.answer, " 503 "));
	ck_assert_ptr_nonnull(strstr(s.answer, "draining"));
	ask(&s, "GET /livez HTTP/1.0\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(s.answer, " 200 "));
	site_close(&s);
}
END_TEST

START_TEST(other_paths_and_methods_are_refused)
{
	struct site s;

	site_open(&s);
	ask(&s, "GET /metrics/../secret HTTP/1.0\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(s.answer, " 404 "));
	ask(&s, "POST /metrics HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc");
	ck_assert_ptr_nonnull(strstr(s.answer, " 405 "));
	site_close(&s);
}
END_TEST

START_TEST(a_connection_can_ask_twice_and_others_are_served_meanwhile)
{
	struct site s;
	static const char request[] = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

	site_open(&s);
	int fd = live_connect(ops_port(s.ops));
	live_write(fd, request, sizeof request - 1);
	live_until(&s.l, (answered(&s, fd), strstr(s.answer, "ok\n")));
	ask(&s, "GET /livez HTTP/1.0\r\n\r\n");
	s.len = 0;
	memset(s.answer, 0, sizeof s.answer);
	live_write(fd, request, sizeof request - 1);
	live_until(&s.l, (answered(&s, fd), strstr(s.answer, "ok\n")));
	close(fd);
	site_close(&s);
}
END_TEST

START_TEST(more_connections_than_allowed_are_closed_and_room_is_reused)
{
	struct site s;
	int fds[40], refused = 0;

	site_open(&s);
	for (int i = 0; i < 40; i++)
		fds[i] = live_connect(ops_port(s.ops));
	live_turn(&s.l, 20);
	for (int i = 0; i < 40; i++)
		refused += live_ended(fds[i]);
	ck_assert_int_eq(refused, 8);
	for (int i = 0; i < 40; i++)
		close(fds[i]);
	live_turn(&s.l, 20);
	ask(&s, "GET /livez HTTP/1.0\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(s.answer, " 200 "));
	site_close(&s);
}
END_TEST

START_TEST(a_port_in_use_is_an_error)
{
	struct site s;
	struct ops *second;
	struct ops_hooks h = { .metrics = on_metrics, .ready = on_ready };

	site_open(&s);
	ck_assert_int_eq(
		ops_open(&s.l.loop, "127.0.0.1", ops_port(s.ops), &h, &second),
		-EADDRINUSE);
	site_close(&s);
}
END_TEST

struct probe {
	pthread_t thread;
	const char *bind;
	uint16_t port;
	const char *path;
	int result;
	struct live *l;
	uv_async_t done;
	bool finished;
};

static void *run_probe(void *arg)
{
	struct probe *p = arg;

	p->result = ops_probe(p->bind, p->port, p->path, 10000);
	uv_async_send(&p->done);
	return NULL;
}

static void on_done(uv_async_t *a)
{
	container_of(a, struct probe, done)->finished = true;
}

static int probe(struct site *s, const char *path)
{
	struct probe p = { .bind = s->bind,
			   .port = ops_port(s->ops),
			   .path = path };

	uv_async_init(&s->l.loop.uv, &p.done, on_done);
	pthread_create(&p.thread, NULL, run_probe, &p);
	live_until(&s->l, p.finished);
	pthread_join(p.thread, NULL);
	uv_close((uv_handle_t *)&p.done, NULL);
	live_turn(&s->l, 2);
	return p.result;
}

START_TEST(the_health_check_passes_only_on_200)
{
	struct site s;

	site_open(&s);
	ck_assert_int_eq(probe(&s, "/readyz"), 0);
	s.ready = false;
	ck_assert_int_eq(probe(&s, "/readyz"), -EBUSY);
	ck_assert_int_eq(probe(&s, "/livez"), 0);
	site_close(&s);
}
END_TEST

START_TEST(the_health_check_of_a_dead_or_hung_service_fails)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	ck_assert_int_eq(ops_probe("", ntohs(at.sin_port), "/livez", 1000),
			 -ECONNREFUSED);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(ops_probe("", ntohs(at.sin_port), "/livez", 100),
			 -ETIMEDOUT);
	close(fd);
}
END_TEST

START_TEST(the_health_check_looks_where_the_port_is)
{
	static const char *const binds[] = { "", "::1", "127.0.0.9", "0.0.0.0",
					     "::" };

	for (size_t i = 0; i < ARRAY_LEN(binds); i++) {
		struct site s;
		site_open_at(&s, binds[i]);
		ck_assert_msg(probe(&s, "/readyz") == 0, "%s", binds[i]);
		site_close(&s);
	}
}
END_TEST

LIVE_MAIN("ops", metrics_are_what_the_service_appends,
	  readiness_follows_the_service_and_says_why_not,
	  other_paths_and_methods_are_refused,
	  a_connection_can_ask_twice_and_others_are_served_meanwhile,
	  more_connections_than_allowed_are_closed_and_room_is_reused,
	  a_port_in_use_is_an_error, the_health_check_passes_only_on_200,
	  the_health_check_of_a_dead_or_hung_service_fails,
	  the_health_check_looks_where_the_port_is)
