#include "common/redis/redis_sync.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/sock.h"
#include "common/redis/redis_conn.h"
#include "common/redis/redis_hello.h"
#include "common/redis/redis_resp.h"
#include "common/redis/redis_url.h"

enum { READ_SIZE = 16384 };

struct redis_sync {
	struct redis_url url;
	char name[64];
	unsigned timeout_ms; /* of connecting, and of each reply */
	struct redis_tls *tls;
	int fd; /* -1: not connected, and what follows is unused */
	struct redis_conn conn;
	struct redis_reader reader;
	struct buf out;
	size_t pending;            /* replies not yet read */
	size_t sentinel;           /* which one to ask first */
	char code[REDIS_CODE_MAX]; /* of what ended the last connection */
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* An attempt that is not the last one may use half of what is left, so that
 * one dead address does not use up the time of the next. */
static uint64_t share(uint64_t deadline, bool last)
{
	uint64_t now = now_ms();

	return last || deadline <= now ? deadline : now + (deadline - now) / 2;
}

static int wait_for(int fd, int events, uint64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = (short)events };

	for (;;) {
		uint64_t now = now_ms();
		int left = deadline > now ? (int)(deadline - now) : 0;
		int n = poll(&p, 1, left);
		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static void drop(struct redis_sync *r)
{
	if (r->fd < 0)
		return;
	redis_conn_fini(&r->conn);
	redis_reader_fini(&r->reader);
	buf_fini(&r->out);
	close(r->fd);
	r->fd = -1;
	r->pending = 0;
}

static int flush(struct redis_sync *r, uint64_t deadline)
{
	while (buf_len(&r->out) > 0) {
		ssize_t n = redis_conn_write(&r->conn, buf_head(&r->out),
					     buf_len(&r->out));
		if (n == -EAGAIN) {
			int e = wait_for(r->fd, r->conn.wait, deadline);
			if (e < 0)
				return e;
		} else if (n < 0) {
			return (int)n;
		} else {
			buf_consume(&r->out, (size_t)n);
		}
	}
	return 0;
}

static int fill(struct redis_sync *r, uint64_t deadline)
{
	char data[READ_SIZE];
	ssize_t n = redis_conn_read(&r->conn, data, sizeof(data));

	if (n == -EAGAIN)
		return wait_for(r->fd, r->conn.wait, deadline);
	if (n < 0)
		return (int)n;
	return redis_reader_feed(&r->reader, data, (size_t)n);
}

static int receive(struct redis_sync *r, uint64_t deadline,
		   struct redis_reply **out)
{
	for (;;) {
		int e = redis_reader_next(&r->reader, out);
		if (e != 0)
			return e < 0 ? e : 0;
		e = fill(r, deadline);
		if (e < 0)
			return e;
	}
}

/* Takes FD: TLS and the parser on top of it. */
static int attach(struct redis_sync *r, int fd, const char *host,
		  uint64_t deadline, const char **why)
{
	r->fd = fd;
	r->reader = (struct redis_reader){ .hiredis = NULL };
	int e = redis_conn_init(&r->conn, fd, r->tls, host);
	if (e == 0)
		e = redis_reader_init(&r->reader, REDIS_HELLO_MAX);
	while (e == 0) {
		e = redis_conn_handshake(&r->conn, why);
		if (e != -EAGAIN)
			break;
		e = wait_for(fd, r->conn.wait, deadline);
	}
	return e;
}

static int hello(struct redis_sync *r, enum redis_side side,
		 struct redis_hello *h, uint64_t deadline, const char **why)
{
	int e = redis_hello_begin(h, side, &r->url, r->name, &r->out);

	if (e == 0)
		e = flush(r, deadline);
	while (e == 0) {
		struct redis_reply *reply;
		e = receive(r, deadline, &reply);
		if (e < 0)
			return e;
		e = redis_hello_reply(h, reply, why);
		redis_reply_free(reply);
	}
	if (e > 0)
		r->reader.max = r->reader.budget = REDIS_REPLY_MAX;
	return e < 0 ? e : 0;
}

static int note(struct redis_sync *r, const struct redis_host *host,
		const struct redis_hello *h, const char *why, int error)
{
	struct log_line l;

	log_begin(&l, error ? LOG_WARN : LOG_INFO,
		  error ? "redis_unavailable" : "redis_connected");
	log_str(&l, "client", r->name);
	log_str(&l, "server", host ? host->name : r->url.path);
	if (host)
		log_uint(&l, "port", host->port);
	if (h->code[0])
		log_str(&l, "code", h->code);
	if (why)
		log_str(&l, "reason", why);
	else if (error)
		log_err(&l, "error", error);
	log_end(&l);
	return error;
}

static int dial_fd(struct redis_sync *r, int fd, enum redis_side side,
		   const struct redis_host *host, struct redis_hello *h,
		   uint64_t deadline)
{
	const char *why = NULL;
	int e = fd;

	h->code[0] = 0;
	if (fd >= 0)
		e = attach(r, fd, host ? host->name : "", deadline, &why);
	if (e == 0)
		why = NULL;
	if (e >= 0)
		e = hello(r, side, h, deadline, &why);
	if (e < 0) {
		memcpy(r->code, h->code, sizeof(r->code));
		drop(r);
	}
	if (e < 0 || side == REDIS_SERVER)
		note(r, host, h, e < 0 ? why : NULL, e);
	return e;
}

static int connect_addr(const struct addr *a, uint64_t deadline)
{
	int fd = sock_connect(a);

	if (fd < 0)
		return fd;
	int e = wait_for(fd, POLLOUT, deadline);
	if (e == 0)
		e = sock_error(fd);
	if (e < 0) {
		close(fd);
		return e;
	}
	sock_nodelay(fd);
	return fd;
}

static int resolve(const struct redis_host *host, struct redis_addrs *out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;

	if (redis_addrs_numeric(out, host))
		return 0;
	if (getaddrinfo(host->name, NULL, &hints, &found) != 0)
		return -EHOSTUNREACH;
	redis_addrs_resolved(out, found, host->port);
	freeaddrinfo(found);
	return 0;
}

static int dial_host(struct redis_sync *r, const struct redis_host *host,
		     enum redis_side side, struct redis_hello *h,
		     uint64_t deadline)
{
	struct redis_addrs addrs;
	int e = resolve(host, &addrs);
	int fd = e < 0 ? e : -EHOSTUNREACH;

	for (size_t i = 0; e == 0 && fd < 0 && i < addrs.n; i++)
		fd = connect_addr(&addrs.list[i],
				  share(deadline, i + 1 == addrs.n));
	return dial_fd(r, fd, side, host, h, deadline);
}

/* Asks each sentinel once, and believes one only when the server that it
 * names says itself that it is the master. */
static int dial_by_sentinel(struct redis_sync *r, uint64_t deadline)
{
	int e = -EHOSTUNREACH;

	for (size_t i = 0; i < r->url.nhosts; i++) {
		struct redis_hello h;
		const struct redis_host *s = &r->url.hosts[r->sentinel];
		uint64_t until = share(deadline, i + 1 == r->url.nhosts);

		e = dial_host(r, s, REDIS_SENTINEL, &h, until);
		if (e == 0) {
			struct redis_host master = h.master;
			drop(r);
			e = dial_host(r, &master, REDIS_SERVER, &h, deadline);
		}
		if (e == 0)
			return 0;
		r->sentinel = (r->sentinel + 1) % r->url.nhosts;
	}
	return e;
}

static int dial(struct redis_sync *r)
{
	uint64_t deadline = now_ms() + r->timeout_ms;
	struct redis_hello h;

	switch (r->url.via) {
	case REDIS_VIA_UNIX:
		return dial_fd(r, sock_connect_unix(r->url.path), REDIS_SERVER,
			       NULL, &h, deadline);
	case REDIS_VIA_TCP:
		return dial_host(r, &r->url.hosts[0], REDIS_SERVER, &h,
				 deadline);
	case REDIS_VIA_SENTINEL:
		return dial_by_sentinel(r, deadline);
	}
	abort();
}

/* A connection that the server closed while it was idle is replaced before
 * anything is sent on it; later it would be unknown whether a command ran. */
static int be_connected(struct redis_sync *r)
{
	if (r->fd >= 0 && r->pending == 0 && sock_hung_up(r->fd))
		drop(r);
	return r->fd >= 0 ? 0 : dial(r);
}

int redis_sync_open(const char *url, const char *name, unsigned timeout_ms,
		    struct redis_sync **out)
{
	const char *why = NULL;
	struct redis_sync *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->fd = -1;
	r->timeout_ms = timeout_ms;
	snprintf(r->name, sizeof(r->name), "%s", name);
	buf_init(&r->out, REDIS_OUT_MAX);
	int e = redis_url_parse(url, &r->url, &why);
	if (e == 0)
		e = redis_tls_create(&r->url, &r->tls, &why);
	if (e < 0) {
		log_error("redis_url", "%s: %s", name, why);
		redis_sync_close(r);
		return e;
	}
	*out = r;
	return 0;
}

void redis_sync_close(struct redis_sync *r)
{
	if (!r)
		return;
	drop(r);
	redis_tls_destroy(r->tls);
	redis_url_wipe(&r->url);
	free(r);
}

int redis_sync_append(struct redis_sync *r, int argc, const char *const *argv,
		      const size_t *lens)
{
	int e = be_connected(r);

	if (e == 0)
		e = redis_put(&r->out, argc, argv, lens);
	if (e == 0)
		r->pending++;
	return e;
}

const char *redis_sync_code(const struct redis_sync *r)
{
	return r->code;
}

static void note_lost(struct redis_sync *r, const struct redis_reply *reply,
		      int error)
{
	struct log_line l;

	r->code[0] = 0;

	log_begin(&l, LOG_WARN, "redis_lost");
	log_str(&l, "client", r->name);
	if (reply) {
		redis_error_code(reply, r->code);
		log_str(&l, "code", r->code);
	} else {
		log_err(&l, "error", error);
	}
	log_end(&l);
}

struct redis_reply *redis_sync_next(struct redis_sync *r)
{
	struct redis_reply *reply = NULL;
	uint64_t deadline = now_ms() + r->timeout_ms;

	if (r->pending == 0)
		return NULL;
	int e = flush(r, deadline);
	if (e == 0)
		e = receive(r, deadline, &reply);
	if (e == 0 && !redis_unavailable(reply)) {
		r->pending--;
		return reply;
	}
	note_lost(r, reply, e);
	redis_reply_free(reply);
	drop(r);
	return NULL;
}

/* Whoever starts anew has given up on what is outstanding. */
static void forget_pipeline(struct redis_sync *r)
{
	if (r->pending > 0)
		drop(r);
}

struct redis_reply *redis_sync_command(struct redis_sync *r, int argc,
				       const char *const *argv,
				       const size_t *lens)
{
	forget_pipeline(r);
	if (redis_sync_append(r, argc, argv, lens) < 0)
		return NULL;
	return redis_sync_next(r);
}

struct redis_reply *redis_sync_format(struct redis_sync *r, const char *fmt,
				      ...)
{
	char *command = NULL;
	va_list ap;

	va_start(ap, fmt);
	int len = redisvFormatCommand(&command, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	forget_pipeline(r);
	int e = be_connected(r);
	if (e == 0)
		e = buf_append(&r->out, command, (size_t)len);
	free(command);
	if (e < 0)
		return NULL;
	r->pending++;
	return redis_sync_next(r);
}

static struct redis_reply *send_eval(struct redis_sync *r,
				     const struct redis_script *s,
				     const struct redis_args *a, bool by_sha)
{
	if (be_connected(r) < 0 || redis_put_eval(&r->out, s, a, by_sha) < 0)
		return NULL;
	r->pending++;
	return redis_sync_next(r);
}

struct redis_reply *redis_sync_eval(struct redis_sync *r,
				    const struct redis_script *s, int nkeys,
				    int argc, const char *const *argv,
				    const size_t *lens)
{
	struct redis_args *a = redis_args_create(nkeys, argc, argv, lens);

	if (!a)
		return NULL;
	forget_pipeline(r);
	struct redis_reply *reply = send_eval(r, s, a, true);
	if (reply && redis_error_is(reply, "NOSCRIPT")) {
		redis_reply_free(reply);
		reply = send_eval(r, s, a, false);
	}
	redis_args_destroy(a);
	return reply;
}
