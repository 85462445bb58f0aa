#include "services/hbbr/front/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/io.h"
#include "common/net/sock.h"
#include "services/hbbr/state/metrics.h"

/* What the link waits to read; a dialing one connects first. */
enum stage { CONNECTING, CHALLENGE, HELLO, VERDICT };

struct link {
	struct links *owner;
	enum stage stage;
	int fd;
	struct io io;
	struct addr far; /* the other relay */
	uint64_t since_ms;
	struct link_half half; /* where we dial */
	size_t have;
	uint8_t in[HELLO_SIZE]; /* the largest message */
	uint8_t challenge[HELLO_CHALLENGE];
	uint8_t hello[HELLO_SIZE];
	TAILQ_ENTRY(link) entry;
};

static const size_t wanted[] = {
	[CHALLENGE] = HELLO_CHALLENGE,
	[HELLO] = HELLO_SIZE,
	[VERDICT] = HELLO_VERDICT,
};

static void on_io_closed(void *ctx)
{
	free(ctx);
}

/* Takes L out; returns its descriptor, or -1 if it was to be closed. */
static int link_end(struct link *l, bool keep_fd)
{
	int fd = keep_fd ? l->fd : -1;

	TAILQ_REMOVE(&l->owner->all, l, entry);
	l->owner->n--;
	io_close(&l->io, !keep_fd, on_io_closed);
	return fd;
}

static void log_link(const struct link *l, const char *what)
{
	struct log_line line;

	log_begin(&line, LOG_WARN, "link_failed");
	log_str(&line, "reason", what);
	log_addr(&line, "relay", &l->far);
	log_end(&line);
}

/* Nothing came of it. The session, if we dialed, asks anew. */
static void link_fail(struct link *l, const char *what)
{
	struct links *ls = l->owner;
	struct link_half half = l->half;
	bool dialed = l->stage != HELLO;

	log_link(l, what);
	metrics_count(M_LINK_FAILED);
	link_end(l, false);
	if (dialed)
		ls->events->on_failed(ls->ctx, &half);
}

/* A fresh socket takes these few bytes at once, or it is of no use. */
static bool send_all(const struct link *l, const uint8_t *data, size_t len)
{
	return send(l->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	       (ssize_t)len;
}

/* --- we dialed ------------------------------------------------------------ */

static void on_challenge(struct link *l)
{
	struct links *ls = l->owner;
	struct hello h;

	if (!ls->events->on_challenge(ls->ctx, &l->half, &h)) {
		link_end(l, false);
		return;
	}
	memcpy(l->challenge, l->in, HELLO_CHALLENGE);
	if (!hello_expected(l->challenge, l->half.owner)) {
		link_fail(l, "another_relay");
		return;
	}
	h.epoch = ls->claims->epoch;
	hello_pack(l->hello, &h, l->challenge, ls->claims->secret);
	if (!send_all(l, l->hello, HELLO_SIZE)) {
		link_fail(l, "not_sent");
		return;
	}
	l->stage = VERDICT;
}

static void on_verdict(struct link *l)
{
	struct links *ls = l->owner;
	struct link_half half = l->half;
	struct addr far = l->far;
	int r = hello_read_verdict(l->in, l->hello, l->challenge,
				   ls->claims->secret);

	if (r != 1)
		link_fail(l, r < 0 ? "not_authentic" : "other_half_gone");
	else
		ls->events->on_joined(ls->ctx, &half, link_end(l, true), &far);
}

/* --- we were dialed ------------------------------------------------------- */

static void on_hello(struct link *l)
{
	struct links *ls = l->owner;
	const uint8_t *secret = ls->claims->secret;
	uint8_t answer[HELLO_VERDICT];
	struct hello h;

	int r = hello_unpack(l->in, l->challenge, secret, &h);
	if (r < 0) {
		link_fail(l, r == -EACCES ? "not_authentic" : "bad_hello");
		return;
	}
	bool waits = ls->events->on_hello(ls->ctx, &h);
	hello_verdict(answer, waits, l->in, l->challenge, secret);
	bool told = send_all(l, answer, sizeof answer);
	if (waits && told)
		ls->events->on_accepted(ls->ctx, &h, link_end(l, true));
	else
		link_end(l, false);
}

/* --- both ----------------------------------------------------------------- */

static void on_message(struct link *l)
{
	l->have = 0;
	switch (l->stage) {
	case CHALLENGE:
		on_challenge(l);
		break;
	case HELLO:
		on_hello(l);
		break;
	case VERDICT:
		on_verdict(l);
		break;
	case CONNECTING:
		break;
	}
}

/* Reads no byte beyond the message: the stream follows the verdict. */
static void on_readable(struct link *l)
{
	size_t want = wanted[l->stage];
	ssize_t n = recv(l->fd, l->in + l->have, want - l->have, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		link_fail(l, "closed");
		return;
	}
	l->have += (size_t)n;
	if (l->have == want)
		on_message(l);
}

static void on_event(struct io *io, int events, void *ctx)
{
	struct link *l = ctx;
	(void)events;

	if (l->stage != CONNECTING) {
		on_readable(l);
		return;
	}
	if (sock_error(l->fd) < 0) {
		link_fail(l, "unreachable");
		return;
	}
	sock_nodelay(l->fd);
	l->stage = CHALLENGE;
	io_want(io, IO_READ);
}

/* Takes FD. NULL if there is no room. */
static struct link *link_create(struct links *ls, int fd, enum stage stage,
				const struct addr *far)
{
	struct link *l = ls->n < LINKS_MAX ? calloc(1, sizeof *l) : NULL;

	if (!l || io_open(ls->loop, &l->io, fd, on_event, l) < 0) {
		free(l);
		close(fd);
		return NULL;
	}
	l->owner = ls;
	l->stage = stage;
	l->fd = fd;
	l->far = *far;
	l->since_ms = loop_now(ls->loop);
	TAILQ_INSERT_TAIL(&ls->all, l, entry);
	ls->n++;
	return l;
}

int link_dial(struct links *ls, const struct link_half *half,
	      const struct addr *to)
{
	int fd = sock_connect(to);
	if (fd < 0)
		return fd;
	struct link *l = link_create(ls, fd, CONNECTING, to);
	if (!l)
		return -ENOBUFS;
	l->half = *half;
	io_want(&l->io, IO_WRITE);
	return 0;
}

static void on_accept(void *ctx, int fd, const struct addr *far,
		      const struct addr *client)
{
	struct links *ls = ctx;
	(void)client;

	if (!ls->claims->up(ls->claims->ctx)) {
		close(fd);
		return;
	}
	struct link *l = link_create(ls, fd, HELLO, far);
	if (!l)
		return;
	hello_challenge(l->challenge, ls->claims->epoch);
	if (send_all(l, l->challenge, HELLO_CHALLENGE))
		io_want(&l->io, IO_READ);
	else
		link_fail(l, "not_sent");
}

void links_init(struct links *ls, struct loop *l,
		const struct link_events *events, void *ctx)
{
	*ls = (struct links){ .loop = l, .events = events, .ctx = ctx };
	TAILQ_INIT(&ls->all);
}

int links_listen(struct links *ls, const struct claims *claims,
		 const char *bind, uint16_t port)
{
	struct listen_opts o = { .bind = bind, .port = port };

	ls->claims = claims;
	return listen_open(ls->loop, &o, on_accept, ls, &ls->listener);
}

uint16_t links_port(const struct links *ls)
{
	return ls->listener ? listen_port(ls->listener) : 0;
}

void links_tick(struct links *ls)
{
	uint64_t now = loop_now(ls->loop);
	struct link *l;

	while ((l = TAILQ_FIRST(&ls->all)) && now - l->since_ms >= LINK_MS)
		link_fail(l, "timeout");
}

void links_close(struct links *ls)
{
	if (ls->listener)
		listen_close(ls->listener);
	while (!TAILQ_EMPTY(&ls->all))
		link_end(TAILQ_FIRST(&ls->all), false);
}
