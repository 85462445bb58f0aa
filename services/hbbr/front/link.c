#include "services/hbbr/front/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/io.h"
#include "common/net/sock.h"
#include "services/hbbr/edge/registry.h"
#include "services/hbbr/front/front.h"
#include "services/hbbr/pairing/hello.h"
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
	uint64_t serial;   /* of the session, where we dial */
	uint32_t claimant; /* epoch of the relay that is dialed */
	char uuid[WIRE_UUID_TEXT_MAX + 1];
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
	struct front *f = l->owner->front;
	bool dialed = l->stage != HELLO;
	uint32_t claimant = l->claimant;
	struct session *s =
		dialed ? arrival_find(&f->arrivals, l->uuid, l->serial) : NULL;

	log_link(l, what);
	link_end(l, false);
	if (s != NULL && !s->gate.open)
		arrival_link_failed(&f->arrivals, s, claimant);
	else
		count(M_LINK_FAILED);
}

/* A fresh socket takes these few bytes at once, or it is of no use. */
static bool send_all(const struct link *l, const uint8_t *data, size_t len)
{
	return send(l->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	       (ssize_t)len;
}

/* --- we dialed ------------------------------------------------------------ */

static void describe(const struct session *s, uint32_t epoch, struct hello *h)
{
	const struct session_end *e = &s->ends[0];

	*h = (struct hello){
		.epoch = epoch,
		.ws = e->ws,
		.proxied = e->proxied,
		.controller = e->controller,
		.tunnel = e->tunnel,
		.client = e->client,
	};
	memcpy(h->uuid, s->uuid, sizeof h->uuid);
}

static void on_challenge(struct link *l)
{
	struct links *ls = l->owner;
	struct session *s =
		arrival_find(&ls->front->arrivals, l->uuid, l->serial);
	struct hello h;

	if (s == NULL || s->gate.open) { /* left, or was paired here */
		link_end(l, false);
		return;
	}
	memcpy(l->challenge, l->in, HELLO_CHALLENGE);
	if (!hello_expected(l->challenge, l->claimant)) {
		link_fail(l, "another_relay");
		return;
	}
	describe(s, registry_epoch(ls->registry), &h);
	hello_pack(l->hello, &h, l->challenge, registry_secret(ls->registry));
	if (!send_all(l, l->hello, HELLO_SIZE)) {
		link_fail(l, "not_sent");
		return;
	}
	l->stage = VERDICT;
}

static void on_verdict(struct link *l)
{
	struct links *ls = l->owner;
	struct front *f = ls->front;
	int r = hello_read_verdict(l->in, l->hello, l->challenge,
				   registry_secret(ls->registry));

	if (r != 1) {
		link_fail(l, r < 0 ? "not_authentic" : "other_half_gone");
		return;
	}
	struct session *s = arrival_find(&f->arrivals, l->uuid, l->serial);
	struct addr far = l->far;
	bool wanted_still = s != NULL && !s->gate.open;
	int fd = link_end(l, wanted_still);
	if (!wanted_still)
		return;
	count(M_LINK_OUT);
	relay_link_out(f, s, fd, &far);
}

/* --- we were dialed ------------------------------------------------------- */

static void on_hello(struct link *l)
{
	struct links *ls = l->owner;
	uint8_t answer[HELLO_VERDICT];
	struct hello h;

	int r = hello_unpack(l->in, l->challenge, registry_secret(ls->registry),
			     &h);
	if (r < 0) {
		link_fail(l, r == -EACCES ? "not_authentic" : "bad_hello");
		return;
	}
	struct session *s = relay_link_wanted(ls->front, &h);
	hello_verdict(answer, s != NULL, l->in, l->challenge,
		      registry_secret(ls->registry));
	bool told = send_all(l, answer, sizeof answer);
	if (s == NULL || !told) {
		link_end(l, false);
		return;
	}
	count(M_LINK_IN);
	relay_link_in(ls->front, s, link_end(l, true), &h);
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

	if (l == NULL ||
	    io_open(ls->front->loop, &l->io, fd, on_event, l) < 0) {
		free(l);
		close(fd);
		return NULL;
	}
	l->owner = ls;
	l->stage = stage;
	l->fd = fd;
	l->far = *far;
	l->since_ms = loop_now(ls->front->loop);
	TAILQ_INSERT_TAIL(&ls->all, l, entry);
	ls->n++;
	return l;
}

int link_dial(struct links *ls, const struct session *s, uint32_t owner,
	      const struct addr *to)
{
	int fd = sock_connect(to);
	if (fd < 0)
		return fd;
	struct link *l = link_create(ls, fd, CONNECTING, to);
	if (l == NULL)
		return -ENOBUFS;
	l->serial = s->gate.serial;
	l->claimant = owner;
	memcpy(l->uuid, s->uuid, sizeof l->uuid);
	io_want(&l->io, IO_WRITE);
	return 0;
}

static void on_accept(void *ctx, int fd, const struct addr *peer,
		      const struct addr *client)
{
	struct links *ls = ctx;
	(void)client;

	if (!registry_up(ls->registry)) {
		close(fd);
		return;
	}
	struct link *l = link_create(ls, fd, HELLO, peer);
	if (l == NULL)
		return;
	hello_challenge(l->challenge, registry_epoch(ls->registry));
	if (send_all(l, l->challenge, HELLO_CHALLENGE))
		io_want(&l->io, IO_READ);
	else
		link_fail(l, "not_sent");
}

void links_init(struct links *ls, struct front *f)
{
	*ls = (struct links){ .front = f };
	TAILQ_INIT(&ls->all);
}

int links_listen(struct links *ls)
{
	const struct settings *c = ls->front->cfg;
	struct listen_opts o = { .bind = c->mesh_bind, .port = c->mesh_port };

	if (ls->registry == NULL)
		return 0;
	return listen_open(ls->front->loop, &o, on_accept, ls, &ls->listener);
}

uint16_t links_port(const struct links *ls)
{
	return ls->listener != NULL ? listen_port(ls->listener) : 0;
}

void links_tick(struct links *ls)
{
	uint64_t now = loop_now(ls->front->loop);
	struct link *l;

	while ((l = TAILQ_FIRST(&ls->all)) != NULL &&
	       now - l->since_ms >= LINK_MS)
		link_fail(l, "timeout");
}

void links_close(struct links *ls)
{
	if (ls->listener != NULL)
		listen_close(ls->listener);
	while (!TAILQ_EMPTY(&ls->all))
		link_end(TAILQ_FIRST(&ls->all), false);
}
