#include "common/net/listen.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/sock.h"
#include "common/proto/proxyproto.h"

enum {
	ACCEPT_BATCH = 64,     /* accepts per wake-up, then others get a turn */
	BACKOFF_MS = 100,      /* pause when descriptors have run out */
	PROXY_WAIT_MS = 5000,  /* to send the whole PROXY header */
	PROXY_WAIT_MAX = 4096, /* connections that may owe one: about 4 MiB */
	/* A dead peer is noticed after 60 + 4 * 15 seconds: NAT tables and
	 * proxies hold idle connections longer than that. */
	KEEPALIVE_IDLE_S = 60,
	KEEPALIVE_INTERVAL_S = 15,
	KEEPALIVE_COUNT = 4,
};

struct listener;

/* A connection whose PROXY header is not complete yet. */
struct waiting {
	TAILQ_ENTRY(waiting) link;
	struct io io;
	struct listener *owner;
	struct addr peer;
	uint64_t deadline_ms;
	size_t len; /* bytes of the header that were read */
	uint8_t head[PROXYPROTO_MAX];
};

struct listener {
	struct io io;
	struct timer backoff;
	struct timer expiry; /* of the oldest waiting connection */
	struct loop *loop;
	accept_fn fn;
	void *ctx;
	const struct trusted *proxy;   /* or NULL */
	TAILQ_HEAD(, waiting) waiting; /* oldest first */
	unsigned nwaiting;
	uint16_t port;
	int open_handles; /* of io, backoff, expiry */
	bool starved;     /* out of descriptors; it was logged */
	bool closing;
};

static void set_options(int fd)
{
	sock_nodelay(fd);
	sock_keepalive(fd, KEEPALIVE_IDLE_S, KEEPALIVE_INTERVAL_S,
		       KEEPALIVE_COUNT);
}

static void log_drop(const char *reason, const struct addr *peer)
{
	struct log_line line;

	log_begin(&line, LOG_WARN, "proxy_header_refused");
	log_str(&line, "reason", reason);
	log_addr(&line, "peer", peer);
	log_end(&line);
}

static void on_waiting_closed(void *ctx)
{
	free(ctx);
}

/* Ends the wait; the descriptor is closed or stays open for the next owner. */
static void waiting_end(struct waiting *w, bool close_fd)
{
	struct listener *li = w->owner;

	TAILQ_REMOVE(&li->waiting, w, link);
	li->nwaiting--;
	io_close(&w->io, close_fd, on_waiting_closed);
}

static void waiting_drop(struct waiting *w, const char *reason)
{
	log_drop(reason, &w->peer);
	waiting_end(w, true);
}

static void waiting_done(struct waiting *w, const struct addr *client)
{
	struct listener *li = w->owner;
	int fd = w->io.fd;
	struct addr peer = w->peer;

	waiting_end(w, false);
	li->fn(li->ctx, fd, &peer, client);
}

/*
 * Peeks, so that not one byte behind the header is taken: what follows
 * belongs to the next owner of the descriptor. While the header is incomplete
 * all that was peeked is part of it and is taken, else epoll would report the
 * same bytes again and again.
 */
static void on_waiting(struct io *io, int events, void *ctx)
{
	struct waiting *w = ctx;
	(void)events;

	ssize_t n = recv(io->fd, w->head + w->len, sizeof w->head - w->len,
			 MSG_PEEK);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		io_want(io, IO_READ);
		return;
	}
	if (n <= 0) {
		waiting_drop(w, n == 0 ? "eof" : "reset");
		return;
	}

	struct addr client = w->peer;
	bool local = false;
	size_t have = w->len + (size_t)n;
	int r = proxyproto_parse(w->head, have, &client, &local);
	if (r < 0 || (r == 0 && have == sizeof w->head)) {
		waiting_drop(w, "no_proxy_header");
		return;
	}
	size_t take = (r > 0 ? (size_t)r : have) - w->len;
	if (recv(io->fd, w->head + w->len, take, 0) != (ssize_t)take) {
		waiting_drop(w, "reset");
		return;
	}
	w->len += take;
	if (r > 0)
		waiting_done(w, &client);
}

static void on_expiry(void *ctx)
{
	struct listener *li = ctx;
	uint64_t now = loop_now(li->loop);
	struct waiting *w;

	while ((w = TAILQ_FIRST(&li->waiting)) && w->deadline_ms <= now)
		waiting_drop(w, "proxy_header_timeout");
	if (w)
		timer_start(&li->expiry, w->deadline_ms - now, 0);
}

static void waiting_start(struct listener *li, int fd, const struct addr *peer)
{
	if (li->nwaiting >= PROXY_WAIT_MAX) {
		log_drop("too_many_waiting", peer);
		close(fd);
		return;
	}
	struct waiting *w = calloc(1, sizeof *w);
	if (!w || io_open(li->loop, &w->io, fd, on_waiting, w) < 0) {
		log_drop("no_memory", peer);
		free(w);
		close(fd);
		return;
	}
	w->owner = li;
	w->peer = *peer;
	w->deadline_ms = loop_now(li->loop) + PROXY_WAIT_MS;
	if (TAILQ_EMPTY(&li->waiting))
		timer_start(&li->expiry, PROXY_WAIT_MS, 0);
	TAILQ_INSERT_TAIL(&li->waiting, w, link);
	li->nwaiting++;
	io_want(&w->io, IO_READ);
}

static bool out_of_resources(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOBUFS ||
	       err == ENOMEM;
}

/* The connection stays in the kernel's backlog; polling it would only spin. */
static void back_off(struct listener *li, int err)
{
	if (!li->starved) {
		struct log_line line;
		log_begin(&line, LOG_ERROR, "accept_blocked");
		log_uint(&line, "port", li->port);
		log_err(&line, "error", -err);
		log_end(&line);
	}
	li->starved = true;
	io_want(&li->io, 0);
	timer_start(&li->backoff, BACKOFF_MS, 0);
}

static void on_backoff(void *ctx)
{
	struct listener *li = ctx;

	io_want(&li->io, IO_READ);
}

/* True if there may be more to accept. */
static bool accept_one(struct listener *li)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof from;

	int fd = accept4(li->io.fd, (struct sockaddr *)&from, &len,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		int err = errno;
		if (out_of_resources(err))
			back_off(li, err);
		/* Any other error is that one connection's: it is gone. */
		return !out_of_resources(err) && err != EAGAIN;
	}
	if (li->starved) {
		li->starved = false;
		log_info("accept_resumed", "port %u", (unsigned)li->port);
	}

	struct addr peer = addr_from_sockaddr((struct sockaddr *)&from);
	if (li->proxy && trusted_has(li->proxy, &peer))
		waiting_start(li, fd, &peer);
	else
		li->fn(li->ctx, fd, &peer, &peer);
	return true;
}

static void on_acceptable(struct io *io, int events, void *ctx)
{
	struct listener *li = ctx;
	(void)events;

	io_want(io, IO_READ); /* an error event has switched it off */
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		if (li->closing || !accept_one(li))
			return;
	}
}

int listen_open(struct loop *l, const struct listen_opts *o, accept_fn fn,
		void *ctx, struct listener **out)
{
	struct listener *li = calloc(1, sizeof *li);
	if (!li)
		return -ENOMEM;
	li->loop = l;
	li->fn = fn;
	li->ctx = ctx;
	li->proxy = o->proxy;
	TAILQ_INIT(&li->waiting);

	struct addr local;
	int fd = sock_listen(o->bind, o->port, o->reuseport);
	int r = fd;
	if (fd < 0)
		goto err_free;
	set_options(fd); /* the kernel hands them on to what it accepts */
	r = sock_local(fd, &local);
	if (r < 0)
		goto err_close;
	li->port = local.port;
	r = io_open(l, &li->io, fd, on_acceptable, li);
	if (r < 0)
		goto err_close;
	timer_init(l, &li->backoff, on_backoff, li);
	timer_init(l, &li->expiry, on_expiry, li);
	li->open_handles = 3;
	io_want(&li->io, IO_READ);
	*out = li;
	return 0;

err_close:
	close(fd);
err_free:
	free(li);
	return r;
}

uint16_t listen_port(const struct listener *li)
{
	return li->port;
}

static void on_handle_closed(void *ctx)
{
	struct listener *li = ctx;

	if (--li->open_handles == 0)
		free(li);
}

void listen_close(struct listener *li)
{
	if (!li || li->closing)
		return;
	li->closing = true;
	while (!TAILQ_EMPTY(&li->waiting))
		waiting_end(TAILQ_FIRST(&li->waiting), true);
	io_close(&li->io, true, on_handle_closed);
	timer_close(&li->backoff, on_handle_closed);
	timer_close(&li->expiry, on_handle_closed);
}
