#include "services/api/core/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/redis/redis_sync.h"
#include "services/api/core/accept.h"
#include "services/api/core/dispatch.h"
#include "services/api/core/framing.h"
#include "services/api/core/gate.h"
#include "services/api/core/http_head.h"
#include "services/api/core/http_read.h"
#include "services/api/core/http_send.h"
#include "services/api/core/lanes.h"
#include "services/api/core/route.h"

struct http {
	struct MHD_Daemon *mhd;
	struct app *app;
	struct gate *gate;
	struct acceptor *acceptor;
	_Atomic unsigned busy; /* exchanges between first and last byte */
	uint16_t port;
};

/* One request from its first line to its last answered byte. */
struct exchange {
	struct http_head head;
	struct call call;
	struct buf body;
	struct http *http;
	struct lane_task task;
	uint64_t started_ms;
	size_t counted;   /* bytes of the body that the gate knows of */
	bool begun;       /* its head is whole */
	bool nul_in_line; /* escaped: parts of the line would be cut short */
	bool decided;     /* the answer is in call: what is left is not read */
	bool handed;      /* suspended; when it goes on, the answer is ready */
};

/* Answers at once, past the library, where it would go on reading. */
static void end_with(struct exchange *x, unsigned status, const char *text)
{
	http_head_refuse(&x->head, status, text);
	gate_ending(x->http->gate, x->head.fd, app_tick_ms());
}

/* Where a connection keeps its exchange; NULL: out of memory. */
static struct exchange **place_of(struct MHD_Connection *conn)
{
	return MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

/* The library has no way out where the parts of a line exceed its memory: it
 * neither answers nor reads, and looks again and again; parameters it refuses
 * once for each. So it finds none: what it is about to cut up is its own. */
static void drop_parameters(const char *uri)
{
	char *args = strchr((char *)(uintptr_t)uri, '?');

	if (args)
		args[1] = '\0';
}

static void *on_uri(void *cls, const char *uri, struct MHD_Connection *conn)
{
	struct exchange **place = place_of(conn);
	struct exchange *x = place ? calloc(1, sizeof(*x)) : NULL;

	if (!x)
		return NULL;
	*place = x;
	x->http = cls;
	http_head_begin(&x->head, conn);
	if (!uri)
		return x;
	x->nul_in_line = strstr(uri, "%00");
	if (!framing_line_fits(uri, HTTP_LINE_MAX, CALL_QUERY_MAX)) {
		end_with(x, 414, "Address too long or too many parameters");
		drop_parameters(uri);
		shutdown(x->head.fd, SHUT_RDWR);
	}
	return x;
}

static enum MHD_Result take_framing(void *cls, enum MHD_ValueKind kind,
				    const char *name, const char *value)
{
	(void)kind;
	framing_header(cls, name, value);
	return MHD_YES;
}

/* What is small is read before anything is asked; what is large only for a
 * route that wants it from this caller. */
static void begin_body(struct exchange *x, const struct framing *f)
{
	struct call *c = &x->call;
	const struct route *r = c->route;
	size_t max = r && r->body_max ? r->body_max : ROUTE_BODY_MAX;

	/* One more for the NUL behind the body. */
	buf_init(&x->body, max + 1);
	if (f->length <= GATE_FREE_BODY && !f->encodings)
		return;
	if (r && f->length > max) {
		call_error(c, 413, "Request too large");
		x->decided = true;
	} else {
		x->decided = !dispatch_admit(c);
	}
}

static void begin(struct exchange *x, const char *url, const char *method)
{
	struct MHD_Connection *conn = x->head.conn;
	struct framing f = { 0 };

	http_head_end(&x->head);
	x->begun = true;
	x->started_ms = app_tick_ms();
	x->http->busy++;
	if (x->head.refused)
		return;
	gate_busy(x->http->gate, x->head.fd);
	x->call.app = x->http->app;
	http_read(conn, &x->call, url, method);
	MHD_get_connection_values(conn, MHD_HEADER_KIND, take_framing, &f);
	if (framing_fault(&f)) {
		end_with(x, 400, framing_fault(&f));
		return;
	}
	dispatch_route(&x->call);
	begin_body(x, &f);
	if (x->nul_in_line) {
		call_error(&x->call, 400, "Invalid format: NUL in the address");
		x->decided = true;
	}
}

static void on_lane(struct lane_task *t, bool late);

/* False: no room, and the answer says so. */
static bool hand_over(struct exchange *x, enum lane lane)
{
	struct call *c = &x->call;

	x->task.run = on_lane;
	x->task.from = addr_limit_key(&c->client);
	snprintf(x->task.key, sizeof(x->task.key), "%s", c->lane_key);
	c->lane = lane;
	if (c->moves++ < HTTP_MOVES_MAX &&
	    lanes_put(c->app->lanes, lane, &x->task) == 0)
		return true;
	dispatch_busy(c);
	return false;
}

static void on_lane(struct lane_task *t, bool late)
{
	struct exchange *x = container_of(t, struct exchange, task);
	enum lane next = LANE_HERE;

	if (late)
		dispatch_busy(&x->call);
	else
		next = dispatch(&x->call);
	if (next == LANE_HERE || !hand_over(x, next))
		MHD_resume_connection(x->head.conn);
}

/* The connection sleeps until the lane has answered the call. */
static enum MHD_Result leave_for(struct exchange *x, enum lane lane)
{
	x->handed = true;
	MHD_suspend_connection(x->head.conn);
	if (!hand_over(x, lane))
		MHD_resume_connection(x->head.conn);
	return MHD_YES;
}

/* Lists read more than others; a caller has half of their lane. */
static bool wants_listing(struct exchange *x)
{
	struct call *c = &x->call;
	char ip[ADDR_TEXT_MAX], *key = pool_alloc(&c->pool, SEAL_HASH);

	if (!c->route || !route_lists(c->route))
		return false;
	c->lane_key = key;
	if (c->bearer || c->cookie)
		seal_hash(c->bearer ? c->bearer : c->cookie, key);
	else
		c->lane_key = call_fmt(c, "%s", addr_format_ip(&c->client, ip));
	return true;
}

static enum MHD_Result answer(struct MHD_Connection *conn, struct exchange *x)
{
	struct call *c = &x->call;
	enum lane lane = LANE_HERE;

	if (x->head.refused)
		return MHD_NO;
	if (x->decided)
		return http_send(conn, c);
	if (buf_append(&x->body, "", 1) < 0) {
		call_error(c, 413, "Request too large");
	} else if (strcmp(c->method, "OPTIONS") == 0) {
		call_empty(c);
		c->status = 204;
	} else {
		c->body = (const char *)buf_head(&x->body);
		c->body_len = buf_len(&x->body) - 1;
		lane = wants_listing(x) ? LANE_LISTING : dispatch(c);
	}
	return lane == LANE_HERE ? http_send(conn, c) : leave_for(x, lane);
}

/* False: answered and over. */
static bool take_body(struct exchange *x, const char *data, size_t len)
{
	size_t now = buf_len(&x->body) + len;
	size_t wanted = now > GATE_FREE_BODY ? now : 0;

	if (now >= x->body.cap) {
		end_with(x, 413, "Request too large");
		return false;
	}
	if (wanted > x->counted) {
		if (!gate_take(x->http->gate, &x->call.client,
			       wanted - x->counted)) {
			end_with(x, 503, "Too many uploads at once");
			return false;
		}
		x->counted = wanted;
	}
	return buf_append(&x->body, data, len) == 0;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn,
				  const char *url, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_len, void **state)
{
	struct exchange *x = *state;

	(void)cls, (void)version;
	if (!x)
		return MHD_NO;
	if (!x->begun) {
		begin(x, url, method);
		return x->decided ? http_send(conn, &x->call) : MHD_YES;
	}
	if (x->handed)
		return http_send(conn, &x->call);
	if (*upload_len == 0)
		return answer(conn, x);
	/* A sender that drips bytes stays below the idle limit but not below
	 * this one. */
	if (app_tick_ms() - x->started_ms > HTTP_REQUEST_MS)
		return MHD_NO;
	if (!x->head.refused && !x->decided)
		(void)take_body(x, upload, *upload_len);
	*upload_len = 0;
	return MHD_YES;
}

static void end(struct exchange *x)
{
	struct http *h = x->http;

	http_head_end(&x->head);
	if (x->begun) {
		h->busy--;
		gate_give(h->gate, &x->call.client, x->counted);
		if (!x->head.refused)
			gate_idle(h->gate, x->head.fd, app_tick_ms());
	}
	pool_fini(&x->call.pool);
	buf_fini(&x->body);
	free(x);
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **state,
			 enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *state;

	(void)cls, (void)why;
	if (!x)
		return;
	*place_of(conn) = NULL;
	end(x);
	*state = NULL;
}

/* Its descriptor is about to be closed. A request that the library refuses
 * twice (http_head.h) is one whose end it does not tell. */
static void on_connection(void *cls, struct MHD_Connection *conn, void **place,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http *h = cls;
	struct exchange **x = *place;

	if (code != MHD_CONNECTION_NOTIFY_CLOSED) {
		*place = calloc(1, sizeof(void *));
		return;
	}
	if (x && *x)
		end(*x);
	free(x);
	int fd = http_head_fd(conn);
	if (gate_leave(h->gate, fd))
		http_head_none(fd);
	shutdown(fd, SHUT_WR);
}

static void on_accepted(void *ctx, int fd, const struct sockaddr *sa,
			socklen_t len)
{
	struct http *h = ctx;

	if (MHD_add_connection(h->mhd, fd, sa, len) != MHD_YES)
		(void)gate_leave(h->gate, fd);
}

__attribute__((format(printf, 2, 0))) static void
on_log(void *cls, const char *fmt, va_list ap)
{
	struct http *h = cls;
	char text[256];

	vsnprintf(text, sizeof(text), fmt, ap);
	log_debug("http", "%s", text);
	struct http_head *head = http_head_said(text);
	if (head)
		gate_ending(h->gate, head->fd, app_tick_ms());
}

/* Redis of each thread and of the lanes', epoll and wake-ups, files, sockets to
 * elsewhere. */
static size_t places(const struct api_config *cfg)
{
	size_t threads = (size_t)cfg->threads;

	return gate_places((size_t)cfg->connections,
			   32 + 4 * threads +
				   REDIS_SYNC_FILES *
					   (threads + lanes_threads()));
}

static int start_mhd(struct http *h, const struct api_config *cfg)
{
	/* The gate counts; the library's own limit is out of its way. */
	size_t max = 2 * places(cfg) + 64 * (size_t)cfg->threads;

	/* TURBO: a connection is still open when on_connection() is told. */
	h->mhd = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
			MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
			MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO,
		0, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER,
		on_log, h, MHD_OPTION_URI_LOG_CALLBACK, on_uri, h,
		MHD_OPTION_THREAD_POOL_SIZE, (unsigned)cfg->threads,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)max,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_END);
	return h->mhd ? 0 : -EIO;
}

static int start(struct http *h, const struct api_config *cfg)
{
	struct acceptor_hooks hooks = { .take = on_accepted,
					.ctx = h,
					.trusted = &h->app->trusted };
	int r = gate_open(places(cfg), &h->gate);

	if (r == 0)
		r = start_mhd(h, cfg);
	hooks.gate = h->gate;
	if (r == 0)
		r = acceptor_open(cfg->bind, cfg->port, &hooks, &h->acceptor);
	if (r == 0)
		h->port = acceptor_port(h->acceptor);
	return r;
}

int http_open(struct app *app, struct http **out)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->app = app;
	int r = start(h, app->cfg);
	if (r < 0) {
		http_close(h);
		return r;
	}
	*out = h;
	return 0;
}

void http_quiesce(struct http *h)
{
	acceptor_close(h->acceptor);
	h->acceptor = NULL;
}

bool http_busy(const struct http *h)
{
	return h->busy > 0;
}

uint16_t http_port(const struct http *h)
{
	return h->port;
}

void http_count(struct http *h)
{
	struct gate_counts n = gate_counts(h->gate);
	struct metric_set *m = &h->app->metrics;

	metric_gauge(m, M_CONNECTIONS, n.connections);
	metric_gauge(m, M_BODY_BYTES, n.body_bytes);
	metric_gauge(m, M_CONNECTIONS_REFUSED, n.refused);
	metric_gauge(m, M_CONNECTIONS_ENDED, n.ended);
	metric_gauge(m, M_BODIES_REFUSED, n.bodies_refused);
}

void http_close(struct http *h)
{
	if (!h)
		return;
	acceptor_close(h->acceptor);
	if (h->mhd)
		MHD_stop_daemon(h->mhd);
	gate_free(h->gate);
	free(h);
}
