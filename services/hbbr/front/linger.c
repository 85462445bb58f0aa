#include "services/hbbr/front/linger.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/net/io.h"

enum { DISCARD_TURNS = 4, DISCARD_CHUNK = 16384 };

struct lingering {
	struct io io;
	struct lingers *owner;
	uint64_t since_ms;
	TAILQ_ENTRY(lingering) link;
};

void lingers_init(struct lingers *l, struct loop *loop)
{
	l->loop = loop;
	l->n = 0;
	TAILQ_INIT(&l->all);
}

static void on_closed(void *ctx)
{
	free(ctx);
}

static void linger_end(struct lingering *g)
{
	TAILQ_REMOVE(&g->owner->all, g, link);
	g->owner->n--;
	io_close(&g->io, true, on_closed);
}

static void on_readable(struct io *io, int events, void *ctx)
{
	uint8_t waste[DISCARD_CHUNK];
	(void)events;

	for (int i = 0; i < DISCARD_TURNS; i++) {
		ssize_t n = recv(io->fd, waste, sizeof(waste), MSG_DONTWAIT);
		if (n > 0)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		linger_end(ctx);
		return;
	}
	io_want(io, IO_READ);
}

void linger_start(struct lingers *l, int fd)
{
	struct lingering *g = malloc(sizeof(*g));

	(void)shutdown(fd, SHUT_WR);
	if (!g || io_open(l->loop, &g->io, fd, on_readable, g) < 0) {
		free(g);
		close(fd);
		return;
	}
	g->owner = l;
	g->since_ms = loop_now(l->loop);
	TAILQ_INSERT_TAIL(&l->all, g, link);
	l->n++;
	io_want(&g->io, IO_READ);
}

static int unacknowledged(const struct lingering *g)
{
	int n = 0;

	return ioctl(g->io.fd, SIOCOUTQ, &n) < 0 ? 0 : n;
}

void lingers_tick(struct lingers *l)
{
	uint64_t now = loop_now(l->loop);
	struct lingering *next;

	for (struct lingering *g = TAILQ_FIRST(&l->all); g; g = next) {
		next = TAILQ_NEXT(g, link);
		if (unacknowledged(g) == 0 || now - g->since_ms >= LINGER_MS)
			linger_end(g);
	}
}

void lingers_close(struct lingers *l)
{
	while (!TAILQ_EMPTY(&l->all))
		linger_end(TAILQ_FIRST(&l->all));
}
