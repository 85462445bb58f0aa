#include "services/api/core/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/net/sock.h"
#include "services/api/core/dispatch.h"
#include "services/api/core/origin.h"
#include "services/api/core/route.h"

enum { STREAM_BLOCK = 4096 }; /* sent at a time */

struct http {
	struct MHD_Daemon *mhd;
	struct app *app;
	_Atomic unsigned busy; /* exchanges between first and last byte */
	uint16_t port;
	int fd;
};

/* One request from its first header to its last answered byte. */
struct exchange {
	struct call call;
	struct buf body;
	uint64_t started_ms;
	bool refused; /* too large: the rest of the body is not read */
};

static const char *header(struct MHD_Connection *conn, const char *name)
{
	return MHD_lookup_connection_value(conn, MHD_HEADER_KIND, name);
}

static enum MHD_Result take_query(void *cls, enum MHD_ValueKind kind,
				  const char *name, const char *value)
{
	struct call *c = cls;

	(void)kind;
	if (c->nquery == CALL_QUERY_MAX)
		return MHD_NO;
	c->query[c->nquery++] = (struct call_arg){
		.name = pool_strdup(&c->pool, name),
		.value = pool_strdup(&c->pool, value ? value : ""),
	};
	return MHD_YES;
}

static void read_wanted(struct call *c, struct MHD_Connection *conn)
{
	static const char *const names[CALL_HEADERS] = {
		[CALL_ACCEPT_ENCODING] = "Accept-Encoding",
		[CALL_IF_NONE_MATCH] = "If-None-Match",
		[CALL_LAST_EVENT_ID] = "Last-Event-ID",
		[CALL_RANGE] = "Range",
	};

	for (size_t i = 0; i < CALL_HEADERS; i++) {
		const char *value = header(conn, names[i]);

		c->header[i] = value ? pool_strdup(&c->pool, value) : NULL;
	}
	const char *cookie = MHD_lookup_connection_value(conn, MHD_COOKIE_KIND,
							 origin_cookie(c));
	c->cookie = cookie && *cookie ? pool_strdup(&c->pool, cookie) : NULL;
}

static struct addr peer_of(struct MHD_Connection *conn)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return addr_from_sockaddr(info->client_addr);
}

static void read_head(struct exchange *x, struct MHD_Connection *conn,
		      struct app *app, const char *url, const char *method)
{
	struct call *c = &x->call;
	struct addr peer = peer_of(conn);
	const char *auth = header(conn, "Authorization");
	const char *host = header(conn, "Host");
	const char *origin = header(conn, "Origin");
	const char *proto = header(conn, "X-Forwarded-Proto");
	bool proxied;

	c->app = app;
	c->now_ms = app_now_ms();
	c->method = pool_strdup(&c->pool, method);
	c->path = pool_strdup(&c->pool, url);
	c->host = pool_strdup(&c->pool, host ? host : "");
	c->origin = pool_strdup(&c->pool, origin ? origin : "");
	c->client = forwarded_client(&app->trusted, &peer,
				     header(conn, "X-Real-IP"),
				     header(conn, "X-Forwarded-For"), &proxied);
	c->https = proxied && proto && strcmp(proto, "https") == 0;
	if (auth && strncasecmp(auth, "Bearer ", 7) == 0)
		c->bearer = pool_strdup(&c->pool, auth + 7);
	read_wanted(c, conn);
	MHD_get_connection_values(conn, MHD_GET_ARGUMENT_KIND, take_query, c);
}

/* The body cap of the route that will get it. */
static size_t body_max(struct call *c)
{
	const struct route *before = c->route;
	size_t max = route_find(c) == 0 && c->route->body_max
			     ? c->route->body_max
			     : ROUTE_BODY_MAX;

	c->route = before;
	return max;
}

static struct exchange *begin(struct MHD_Connection *conn, struct app *app,
			      const char *url, const char *method)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->started_ms = app_tick_ms();
	read_head(x, conn, app, url, method);
	/* One more for the NUL behind the body. */
	buf_init(&x->body, body_max(&x->call) + 1);
	const char *len = header(conn, "Content-Length");
	if (len && strtoull(len, NULL, 10) >= x->body.cap)
		x->refused = true;
	return x;
}

static void add_header(struct MHD_Response *rs, const char *name,
		       const char *value)
{
	if (value && MHD_add_response_header(rs, name, value) != MHD_YES)
		log_warn("bad_header", "%s", name);
}

/* Web clients on another origin (contract 9.7), if an administrator lists it.
 */
static bool cors_allowed(const struct call *c)
{
	const char *list = c->app->cfg->cors_origins;
	size_t len = strlen(c->origin);

	if (len == 0)
		return false;
	while (*list) {
		list += strspn(list, ", ");
		size_t n = strcspn(list, ", ");

		if (n == len && memcmp(list, c->origin, n) == 0)
			return true;
		list += n;
	}
	return false;
}

/* Pages have a policy of their own (web/pages.c); what is none may load
 * nothing and stand in no frame. */
static void add_policy(struct MHD_Response *rs, const struct call *c)
{
	static const char name[] = "Content-Security-Policy";

	for (size_t i = 0; i < c->nextra; i++)
		if (strcmp(c->extra[i].name, name) == 0)
			return;
	add_header(rs, "X-Frame-Options", "DENY");
	add_header(rs, name,
		   c->csp ? c->csp
			  : "default-src 'none'; frame-ancestors 'none'");
}

static void add_headers(struct MHD_Response *rs, struct call *c)
{
	add_header(rs, "Content-Type", c->type);
	add_header(rs, "Cache-Control", c->cache ? c->cache : "no-store");
	add_header(rs, "X-Content-Type-Options", "nosniff");
	add_header(rs, "Referrer-Policy", "no-referrer");
	add_policy(rs, c);
	add_header(rs, "Location", c->location);
	add_header(rs, "Content-Disposition", c->disposition);
	for (size_t i = 0; i < c->nextra; i++)
		add_header(rs, c->extra[i].name, c->extra[i].value);
	if (c->retry_after_s)
		add_header(rs, "Retry-After",
			   call_fmt(c, "%u", c->retry_after_s));
	if (!cors_allowed(c))
		return;
	add_header(rs, "Access-Control-Allow-Origin", c->origin);
	add_header(rs, "Access-Control-Allow-Headers",
		   "authorization, content-type");
	add_header(rs, "Access-Control-Allow-Methods",
		   "GET, POST, PUT, PATCH, DELETE, OPTIONS");
	add_header(rs, "Vary", "Origin");
}

static ssize_t read_stream(void *cls, uint64_t pos, char *out, size_t max)
{
	struct call_stream *s = cls;
	long n = s->read(s, out, max);

	(void)pos;
	return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static void end_stream(void *cls)
{
	struct call_stream *s = cls;

	s->gone(s);
}

void http_rest(struct call_stream *s)
{
	MHD_suspend_connection(s->connection);
}

void http_wake(struct call_stream *s)
{
	MHD_resume_connection(s->connection);
}

static struct MHD_Response *response(struct MHD_Connection *conn,
				     const struct call *c)
{
	const struct call_file *f = c->file;

	if (c->stream) {
		c->stream->connection = conn;
		return MHD_create_response_from_callback(
			MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, c->stream,
			end_stream);
	}
	if (f)
		return MHD_create_response_from_fd_at_offset64(
			c->out_len, f->descriptor, f->offset);
	/* The bytes live in the pool until on_completed(). */
	return MHD_create_response_from_buffer(
		c->out_len, (void *)(uintptr_t)c->out, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_answer(struct MHD_Connection *conn,
				   struct exchange *x)
{
	struct call *c = &x->call;
	struct MHD_Response *rs = response(conn, c);

	if (!rs) {
		if (c->file)
			close(c->file->descriptor);
		if (c->stream)
			c->stream->gone(c->stream);
		return MHD_NO;
	}
	add_headers(rs, c);
	enum MHD_Result r = MHD_queue_response(conn, c->status, rs);
	MHD_destroy_response(rs);
	return r;
}

static enum MHD_Result answer(struct MHD_Connection *conn, struct exchange *x)
{
	struct call *c = &x->call;

	if (x->refused || buf_append(&x->body, "", 1) < 0) {
		call_error(c, 413, "Request too large");
	} else if (strcmp(c->method, "OPTIONS") == 0) {
		call_empty(c);
		c->status = 204;
	} else {
		c->body = (const char *)buf_head(&x->body);
		c->body_len = buf_len(&x->body) - 1;
		dispatch(c);
	}
	return send_answer(conn, x);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn,
				  const char *url, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_len, void **state)
{
	struct exchange *x = *state;

	(void)version;
	if (!x) {
		struct http *h = cls;

		*state = x = begin(conn, h->app, url, method);
		if (!x)
			return MHD_NO;
		h->busy++;
		return x->refused ? answer(conn, x) : MHD_YES;
	}
	if (*upload_len == 0)
		return answer(conn, x);
	/* A sender that drips bytes stays below the idle limit but not below
	 * this one. */
	if (app_tick_ms() - x->started_ms > HTTP_REQUEST_MS)
		return MHD_NO;
	if (!x->refused && buf_append(&x->body, upload, *upload_len) < 0)
		x->refused = true;
	*upload_len = 0;
	return MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **state,
			 enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *state;

	struct http *h = cls;

	(void)conn, (void)why;
	if (!x)
		return;
	h->busy--;
	pool_fini(&x->call.pool);
	buf_fini(&x->body);
	free(x);
	*state = NULL;
}

__attribute__((format(printf, 2, 0))) static void
on_log(void *cls, const char *fmt, va_list ap)
{
	char text[256];

	(void)cls;
	vsnprintf(text, sizeof(text), fmt, ap);
	log_debug("http", "%s", text);
}

int http_open(struct app *app, struct http **out)
{
	const struct api_config *cfg = app->cfg;
	struct http *h = calloc(1, sizeof(*h));
	struct addr local;

	if (!h)
		return -ENOMEM;
	h->app = app;
	h->fd = -1;
	int fd = sock_listen(cfg->bind, cfg->port, false);
	if (fd < 0) {
		free(h);
		return fd;
	}
	if (sock_local(fd, &local) == 0)
		h->port = local.port;
	h->mhd = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			MHD_USE_ERROR_LOG,
		0, NULL, NULL, on_request, h, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
		MHD_OPTION_THREAD_POOL_SIZE, (unsigned)cfg->threads,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)cfg->connections,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_END);
	if (!h->mhd) {
		close(fd);
		free(h);
		return -EIO;
	}
	*out = h;
	return 0;
}

void http_quiesce(struct http *h)
{
	h->fd = MHD_quiesce_daemon(h->mhd);
}

bool http_busy(const struct http *h)
{
	return h->busy > 0;
}

uint16_t http_port(const struct http *h)
{
	return h->port;
}

void http_close(struct http *h)
{
	if (!h)
		return;
	MHD_stop_daemon(h->mhd);
	if (h->fd >= 0)
		close(h->fd);
	free(h);
}
