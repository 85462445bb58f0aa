#include "common/process/ops.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/io.h"
#include "common/net/listen.h"
#include "common/net/sock.h"

enum {
	METRICS_MAX = 1 << 20, /* a service has some hundred series */
	CONNECTIONS_MAX = 32,  /* a scraper, a health check, an operator */
	IDLE_S = 10,
	MEMORY_MAX = 16384, /* per connection, request headers included */
	REQUEST_MAX = 256,
	STATUS_LEN = 12, /* "HTTP/1.1 200" */
};

struct ops {
	struct MHD_Daemon *daemon;
	struct ops_hooks hooks;
	struct listener *listener; /* ours, so that descriptors may run out */
	struct io io;              /* the daemon's epoll descriptor */
	struct timer timeout;
	int open_handles; /* of io and timeout */
};

static enum MHD_Result respond(struct MHD_Connection *c, unsigned status,
			       const char *type, const void *data, size_t len)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		len, (void *)(uintptr_t)data, MHD_RESPMEM_MUST_COPY);

	if (!r)
		return MHD_NO;
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	enum MHD_Result queued = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return queued;
}

static enum MHD_Result say(struct MHD_Connection *c, unsigned status,
			   const char *text)
{
	char line[128];
	int n = snprintf(line, sizeof line, "%s\n", text);
	size_t len = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;

	return respond(c, status, "text/plain; charset=utf-8", line, len);
}

static enum MHD_Result metrics(struct ops *o, struct MHD_Connection *c)
{
	struct buf text;

	buf_init(&text, METRICS_MAX);
	o->hooks.metrics(o->hooks.ctx, &text);
	enum MHD_Result r = respond(c, MHD_HTTP_OK, "text/plain; version=0.0.4",
				    buf_head(&text), buf_len(&text));
	buf_fini(&text);
	return r;
}

static enum MHD_Result readiness(struct ops *o, struct MHD_Connection *c)
{
	const char *why = "not ready";

	if (o->hooks.ready(o->hooks.ctx, &why))
		return say(c, MHD_HTTP_OK, "ready");
	return say(c, MHD_HTTP_SERVICE_UNAVAILABLE, why);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c,
				  const char *url, const char *method,
				  const char *version, const char *body,
				  size_t *body_len, void **state)
{
	struct ops *o = ctx;
	(void)version, (void)body, (void)body_len;

	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return say(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET only");
	/* The first call comes with the headers; an answer to it would end
	 * the connection, and scrapers like to keep theirs. */
	if (!*state) {
		*state = o;
		return MHD_YES;
	}
	if (strcmp(url, "/metrics") == 0)
		return metrics(o, c);
	if (strcmp(url, "/readyz") == 0)
		return readiness(o, c);
	if (strcmp(url, "/livez") == 0)
		return say(c, MHD_HTTP_OK, "ok");
	return say(c, MHD_HTTP_NOT_FOUND, "not found");
}

static void PRINTF(2, 0)
	log_library(void *ctx, const char *format, va_list args)
{
	char line[256];
	(void)ctx;

	vsnprintf(line, sizeof line, format, args);
	log_debug("microhttpd", "%.*s", (int)strcspn(line, "\n"), line);
}

/* Lets the daemon do what is ready and arms its next time-out. */
static void turn(struct ops *o)
{
	MHD_UNSIGNED_LONG_LONG ms;

	(void)MHD_run(o->daemon);
	if (MHD_get_timeout(o->daemon, &ms) == MHD_YES)
		timer_start(&o->timeout, ms, 0);
	else
		timer_stop(&o->timeout);
}

static void on_ready(struct io *io, int events, void *ctx)
{
	(void)io, (void)events;
	turn(ctx);
}

static void on_timeout(void *ctx)
{
	turn(ctx);
}

/* The daemon closes the descriptor, also when it refuses it. */
static void on_accept(void *ctx, int fd, const struct addr *peer,
		      const struct addr *client)
{
	struct ops *o = ctx;
	struct sockaddr_storage from;
	socklen_t len = addr_to_sockaddr(peer, AF_INET6, &from);
	(void)client;

	if (MHD_add_connection(o->daemon, fd, (struct sockaddr *)&from, len) ==
	    MHD_YES)
		turn(o);
}

static int start_daemon(struct ops *o)
{
	o->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG, 0,
		NULL, NULL, on_request, o, MHD_OPTION_EXTERNAL_LOGGER,
		log_library, NULL, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MEMORY_MAX, MHD_OPTION_END);
	return o->daemon ? 0 : -ENOMEM;
}

/* The default is IPv4's loopback; a host without IPv4 has the other one. */
static int open_port(struct loop *l, const char *bind, uint16_t port,
		     struct ops *o)
{
	struct listen_opts where = { .bind = bind, .port = port };
	int r = listen_open(l, &where, on_accept, o, &o->listener);

	if (r != -EADDRNOTAVAIL || strcmp(bind, "127.0.0.1") != 0)
		return r;
	where.bind = "::1";
	return listen_open(l, &where, on_accept, o, &o->listener);
}

int ops_open(struct loop *l, const char *bind, uint16_t port,
	     const struct ops_hooks *h, struct ops **out)
{
	struct ops *o = calloc(1, sizeof *o);
	if (!o)
		return -ENOMEM;
	o->hooks = *h;

	int r = start_daemon(o);
	if (r < 0)
		goto err_free;
	r = open_port(l, bind, port, o);
	if (r < 0)
		goto err_stop;
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(o->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	r = io_open(l, &o->io, info->epoll_fd, on_ready, o);
	if (r < 0)
		goto err_close;
	timer_init(l, &o->timeout, on_timeout, o);
	o->open_handles = 2;
	io_want(&o->io, IO_READ);
	*out = o;
	return 0;

err_close:
	listen_close(o->listener);
err_stop:
	MHD_stop_daemon(o->daemon);
err_free:
	free(o);
	return r;
}

uint16_t ops_port(const struct ops *o)
{
	return listen_port(o->listener);
}

static void on_handle_closed(void *ctx)
{
	struct ops *o = ctx;

	if (--o->open_handles == 0)
		free(o);
}

void ops_close(struct ops *o)
{
	if (!o)
		return;
	listen_close(o->listener);
	io_close(&o->io, false, on_handle_closed);
	timer_close(&o->timeout, on_handle_closed);
	MHD_stop_daemon(o->daemon);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* 0 once FD is ready for EVENTS, or -ETIMEDOUT at DEADLINE. */
static int wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = deadline - now_ms();
	int n = left > 0 ? poll(&p, 1, (int)left) : 0;

	return n > 0 ? 0 : n == 0 ? -ETIMEDOUT : -errno;
}

static int read_status(int fd, int64_t deadline)
{
	char text[STATUS_LEN + 1] = "";
	size_t len = 0;

	while (len < STATUS_LEN) {
		int r = wait_for(fd, POLLIN, deadline);
		if (r < 0)
			return r;
		ssize_t n = recv(fd, text + len, STATUS_LEN - len, 0);
		if (n <= 0)
			return n == 0 ? -EPROTO : -errno;
		len += (size_t)n;
	}
	if (strncmp(text, "HTTP/1.", 7) != 0)
		return -EPROTO;
	return strcmp(text + 8, " 200") == 0 ? 0 : -EBUSY;
}

static int ask(int fd, const char *path, int64_t deadline)
{
	char text[REQUEST_MAX];
	int n = snprintf(text, sizeof text,
			 "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path);

	if (n < 0 || (size_t)n >= sizeof text)
		return -ENAMETOOLONG;
	int r = wait_for(fd, POLLOUT, deadline);
	if (r < 0)
		return r;
	r = sock_error(fd);
	if (r < 0)
		return r;
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		return -EPIPE;
	return read_status(fd, deadline);
}

static int probe_at(const char *host, uint16_t port, const char *path,
		    int64_t deadline)
{
	struct addr to;
	int r = addr_parse(host, port, &to);
	if (r < 0)
		return r;
	int fd = sock_connect(&to);
	if (fd < 0)
		return fd;
	r = ask(fd, path, deadline);
	close(fd);
	return r;
}

/* Nobody listens there, or there is no such address. */
static bool is_elsewhere(int error)
{
	return error == -ECONNREFUSED || error == -EADDRNOTAVAIL ||
	       error == -ENETUNREACH || error == -EAFNOSUPPORT;
}

int ops_probe(const char *bind, uint16_t port, const char *path,
	      unsigned timeout_ms)
{
	int64_t deadline = now_ms() + timeout_ms;
	struct addr where;

	bool one = bind[0] != '\0' && addr_parse(bind, 0, &where) == 0 &&
		   !addr_is_unspecified(&where);
	int r = probe_at(one ? bind : "127.0.0.1", port, path, deadline);
	return is_elsewhere(r) ? probe_at("::1", port, path, deadline) : r;
}
