#include "common/redis/redis_impl.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/sock.h"

enum {
	BACKOFF_FIRST_MS = 100,
	BACKOFF_MAX_MS = 5000,
	BACKOFF_DOUBLINGS = 6, /* 100 << 6 is more than the maximum */
};

static void note(struct redis *r, const char *event, enum log_level level,
		 const char *why, int error)
{
	struct log_line l;

	log_begin(&l, level, event);
	log_str(&l, "client", r->name);
	log_str(&l, "server", r->host.name);
	if (r->host.port)
		log_uint(&l, "port", r->host.port);
	if (r->hello.code[0])
		log_str(&l, "code", r->hello.code);
	if (why)
		log_str(&l, "reason", why);
	else if (error < 0)
		log_err(&l, "error", error);
	if (level > LOG_INFO && r->caller_ms == 0)
		log_uint(&l, "retry_ms", r->delay_ms);
	log_end(&l);
}

/* Half of the delay is random, so that the clients of a server that comes
 * back do not all come in the same moment. */
static uint64_t backoff(unsigned failures)
{
	uint64_t ms = BACKOFF_MAX_MS;
	uint16_t dice = 0;

	if (failures < BACKOFF_DOUBLINGS)
		ms = (uint64_t)BACKOFF_FIRST_MS << failures;
	(void)!getrandom(&dice, sizeof(dice), GRND_NONBLOCK);
	return ms / 2 + ms / 2 * dice / UINT16_MAX;
}

static bool has_sentinels(const struct redis *r)
{
	return r->url.via == REDIS_VIA_SENTINEL;
}

/* Back to what the URL says. */
static void forget_host(struct redis *r)
{
	r->delay_ms = 0;
	r->addrs.n = 0;
	r->side = has_sentinels(r) ? REDIS_SENTINEL : REDIS_SERVER;
}

/* Whom to try after a failure, and when: the next address of the name, the
 * next sentinel, or, after a pause, everything anew. */
static void plan(struct redis *r)
{
	bool sentinels = has_sentinels(r);
	bool was_ready = r->state == REDIS_READY;
	uint64_t now = loop_now(r->loop);

	r->delay_ms = 0;
	if (!was_ready && r->addrs.next < r->addrs.n)
		return;
	forget_host(r);
	if (was_ready)
		r->asked = 0;
	else if (sentinels)
		r->sentinel = (r->sentinel + 1) % r->url.nhosts;
	if (!was_ready && sentinels && ++r->asked < r->url.nhosts)
		return;
	r->asked = 0;
	/* A server that takes connections but loses them at once is no
	 * better than one that refuses them. */
	if (was_ready && now - r->ready_ms >= BACKOFF_MAX_MS)
		r->failures = 0;
	r->delay_ms = backoff(r->failures++);
}

static void wait_turn(struct redis *r)
{
	redis_enter(r, REDIS_WAITING);
	redis_timer_at(r, loop_now(r->loop) + r->delay_ms);
}

static void on_io_closed(void *ctx)
{
	struct redis *r = ctx;

	if (r->state == REDIS_DROPPING)
		wait_turn(r);
	redis_release(r);
}

void redis_hang_up(struct redis *r)
{
	redis_conn_fini(&r->conn);
	redis_reader_fini(&r->reader);
	buf_fini(&r->out);
	io_close(&r->io, true, on_io_closed);
}

/* Leaves the connection, or the attempt that did not get one. */
static void leave(struct redis *r)
{
	if (r->state == REDIS_RESOLVING || r->state == REDIS_WAITING) {
		wait_turn(r);
		return;
	}
	timer_stop(&r->timer);
	redis_hang_up(r);
	redis_enter(r, REDIS_DROPPING);
}

void redis_lose(struct redis *r, const char *why, int error)
{
	bool was_ready = r->state == REDIS_READY;

	plan(r);
	note(r, was_ready ? "redis_lost" : "redis_unavailable", LOG_WARN, why,
	     error);
	leave(r);
	if (was_ready && r->on_state)
		r->on_state(r->ctx, false);
	redis_flow_fail_all(r);
}

static void on_event(struct io *io, int events, void *ctx)
{
	struct redis *r = ctx;

	(void)io;
	(void)events;
	if (r->state == REDIS_GREETING || r->state == REDIS_READY)
		redis_flow_event(r);
	else
		redis_dial_event(r);
}

/* When the attempt that begins now is given up. If a caller waits, one that is
 * not the last may use half of what is left, so that one dead address does
 * not use up the time of the next. */
static uint64_t attempt_ends(const struct redis *r)
{
	uint64_t now = loop_now(r->loop);
	bool last = r->addrs.next >= r->addrs.n &&
		    (r->side == REDIS_SERVER || r->asked + 1 >= r->url.nhosts);

	if (r->caller_ms == 0)
		return now + r->connect_ms;
	return last || r->caller_ms <= now ? r->caller_ms
					   : now + (r->caller_ms - now) / 2;
}

/* FD is a connect() that may still be under way, or an error. */
static void watch(struct redis *r, int fd)
{
	int e = fd;

	if (fd >= 0) {
		e = io_open(r->loop, &r->io, fd, on_event, r);
		if (e < 0)
			close(fd);
	}
	if (e < 0) {
		redis_lose(r, NULL, e);
		return;
	}
	r->holds++;
	r->conn = (struct redis_conn){ .fd = fd };
	r->reader = (struct redis_reader){ .hiredis = NULL };
	redis_enter(r, REDIS_CONNECTING);
	io_want(&r->io, IO_WRITE);
	redis_timer_at(r, attempt_ends(r));
}

static void connect_next(struct redis *r)
{
	if (r->addrs.next < r->addrs.n)
		watch(r, sock_connect(&r->addrs.list[r->addrs.next++]));
	else
		redis_lose(r, "no address", -EHOSTUNREACH);
}

static void on_resolved(uv_getaddrinfo_t *req, int status,
			struct addrinfo *found)
{
	struct redis *r = container_of(req, struct redis, resolve);

	if (r->state == REDIS_RESOLVING) {
		redis_addrs_resolved(&r->addrs, status < 0 ? NULL : found,
				     r->host.port);
		if (status < 0)
			redis_lose(r, uv_strerror(status), 0);
		else
			connect_next(r);
	}
	uv_freeaddrinfo(found);
	redis_release(r);
}

static void resolve(struct redis *r)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };

	if (redis_addrs_numeric(&r->addrs, &r->host)) {
		connect_next(r);
		return;
	}
	int e = uv_getaddrinfo(&r->loop->uv, &r->resolve, on_resolved,
			       r->host.name, NULL, &hints);
	if (e < 0) {
		redis_lose(r, uv_strerror(e), 0);
		return;
	}
	r->holds++;
	redis_enter(r, REDIS_RESOLVING);
	if (r->caller_ms > 0)
		redis_timer_at(r, r->caller_ms);
}

/* HOST is what the URL says, except after a sentinel named the master. */
void redis_dial(struct redis *r)
{
	r->hello.code[0] = 0;
	if (r->url.via == REDIS_VIA_UNIX) {
		r->host.port = 0;
		snprintf(r->host.name, sizeof(r->host.name), "%s", r->url.path);
		watch(r, sock_connect_unix(r->url.path));
		return;
	}
	if (r->addrs.next < r->addrs.n) {
		connect_next(r);
		return;
	}
	if (r->url.via == REDIS_VIA_TCP)
		r->host = r->url.hosts[0];
	else if (r->side == REDIS_SENTINEL)
		r->host = r->url.hosts[r->sentinel];
	resolve(r);
}

static void greet(struct redis *r)
{
	int e = redis_hello_begin(&r->hello, r->side, &r->url, r->name,
				  &r->out);

	if (e == 0 && r->channel && r->side == REDIS_SERVER)
		e = redis_hello_subscribe(&r->hello, r->channel, &r->out);
	redis_enter(r, REDIS_GREETING);
	if (e < 0)
		redis_lose(r, NULL, e);
	else
		redis_flow_event(r);
}

static void secure(struct redis *r)
{
	const char *why = NULL;
	int e = redis_conn_handshake(&r->conn, &why);

	if (e == -EAGAIN)
		io_want(&r->io, r->conn.wait == POLLOUT ? IO_WRITE : IO_READ);
	else if (e < 0)
		redis_lose(r, why, e);
	else
		greet(r);
}

void redis_dial_event(struct redis *r)
{
	if (r->state == REDIS_SECURING) {
		secure(r);
		return;
	}
	int e = sock_error(r->io.fd);
	if (e == 0)
		e = redis_conn_init(&r->conn, r->io.fd, r->tls, r->host.name);
	if (e == 0)
		e = redis_reader_init(&r->reader, REDIS_HELLO_MAX);
	if (e < 0) {
		redis_lose(r, NULL, e);
		return;
	}
	if (r->url.via != REDIS_VIA_UNIX)
		sock_nodelay(r->io.fd);
	redis_enter(r, REDIS_SECURING);
	secure(r);
}

/* The sentinel has answered: now to the server that it named. */
static void follow(struct redis *r)
{
	r->host = r->hello.master;
	r->side = REDIS_SERVER;
	r->addrs.n = 0;
	r->delay_ms = 0;
	leave(r);
}

void redis_dial_reply(struct redis *r, const struct redis_reply *reply)
{
	const char *why = NULL;
	int e = redis_hello_reply(&r->hello, reply, &why);

	if (e < 0) {
		redis_lose(r, why, e);
		return;
	}
	if (e == 0)
		return;
	if (r->side == REDIS_SENTINEL) {
		follow(r);
		return;
	}
	r->reader.max = r->reader.budget = REDIS_REPLY_MAX;
	r->ready_ms = loop_now(r->loop);
	redis_enter(r, REDIS_READY);
	note(r, "redis_connected", LOG_INFO, NULL, 0);
	redis_flow_timer(r);
	if (r->on_state)
		r->on_state(r->ctx, true);
}

void redis_dial_anew(struct redis *r, uint64_t until_ms)
{
	r->caller_ms = until_ms;
	r->delay_ms =
		0; /* of an attempt before: this caller's has not failed */
	r->asked = 0;
	if (r->state == REDIS_RESOLVING) {
		redis_timer_at(r, until_ms);
		return;
	}
	forget_host(r);
	if (r->state != REDIS_DROPPING)
		leave(r);
	redis_flow_fail_all(r);
}

bool redis_dial_failed(const struct redis *r)
{
	return r->delay_ms > 0 || loop_now(r->loop) >= r->caller_ms;
}

void redis_dial_late(struct redis *r)
{
	note(r, "redis_unavailable", LOG_WARN, "the name is not resolved",
	     -ETIMEDOUT);
}
