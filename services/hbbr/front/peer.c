#include "services/hbbr/front/peer.h"

#include <assert.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/net/sock.h"
#include "services/hbbr/front/front.h"

enum { WS_NORMAL = 1000 }; /* close code */

const uint8_t peer_may_follow[PEER_STATES] = {
	[P_HANDSHAKE] = BIT(P_PARKED) | BIT(P_BRIDGED) | BIT(P_GONE),
	[P_PARKED] = BIT(P_BRIDGED) | BIT(P_GONE),
	[P_BRIDGED] = BIT(P_GONE),
	[P_GONE] = 0,
};

struct peer *peer_create(struct front *f, const struct addr *client,
			 uint64_t now_ms)
{
	struct peer *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->front = f;
	p->fd = -1;
	p->client = *client;
	p->since_ms = now_ms;
	handshake_init(&p->hs);
	return p;
}

static void peer_free(struct peer *p)
{
	handshake_fini(&p->hs);
	buf_fini(&p->in);
	buf_fini(&p->out);
	free(p);
}

static void on_io_closed(void *ctx)
{
	peer_free(ctx);
}

static void on_dead(struct deferred *d)
{
	peer_free(container_of(d, struct peer, dead));
}

void peer_enter(struct peer *p, enum peer_state next)
{
	assert(peer_may_follow[p->state] & BIT(next));
	p->state = next;
}

int peer_watch(struct peer *p, int want, io_fn fn)
{
	if (!p->watched) {
		int r = io_open(p->front->loop, &p->io, p->fd, fn, p);
		if (r < 0)
			return r;
		p->watched = true;
	}
	p->io.fn = fn;
	io_want(&p->io, want);
	return 0;
}

bool peer_is_dead(const struct peer *p)
{
	int unread = 0;

	if (!sock_hung_up(p->fd))
		return false;
	return sock_error(p->fd) < 0 || ioctl(p->fd, SIOCINQ, &unread) < 0 ||
	       unread == 0;
}

size_t peer_memory(const struct peer *p)
{
	return p->in.size + p->out.size + p->hs.total +
	       (p->ws != NULL ? ws_memory(p->ws) : 0);
}

/* Nothing of a TCP peer stays but its memory, until the loop lets go. */
static void peer_drop_fd(struct peer *p, bool close_fd)
{
	if (p->watched) {
		io_close(&p->io, close_fd, on_io_closed);
	} else {
		if (close_fd)
			close(p->fd);
		p->dead.run = on_dead;
		loop_defer(p->front->loop, &p->dead);
	}
	p->fd = -1;
}

void peer_close(struct peer *p)
{
	peer_enter(p, P_GONE);
	if (p->ws != NULL)
		ws_close(p->ws, WS_NORMAL);
	else
		peer_drop_fd(p, true);
}

int peer_release(struct peer *p)
{
	int fd = p->fd;

	assert(p->ws == NULL);
	peer_enter(p, P_GONE);
	peer_drop_fd(p, false);
	return fd;
}

void peer_ws_closed(struct peer *p)
{
	if (p->state != P_GONE)
		peer_enter(p, P_GONE);
	p->ws = NULL;
	peer_free(p);
}
