#include "services/hbbr/front/conn.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/sock.h"

enum { WS_NORMAL = 1000 }; /* close code */

const uint8_t conn_may_follow[CONN_STATES] = {
	[C_HANDSHAKE] = BIT(C_PARKED) | BIT(C_BRIDGED) | BIT(C_GONE),
	[C_PARKED] = BIT(C_BRIDGED) | BIT(C_GONE),
	[C_BRIDGED] = BIT(C_GONE),
	[C_GONE] = 0,
};

struct conn *conn_create(struct loop *l, int fd, const struct addr *client)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->loop = l;
	c->fd = fd;
	c->client = *client;
	c->since_ms = loop_now(l);
	handshake_init(&c->hs);
	return c;
}

static void conn_free(struct conn *c)
{
	handshake_fini(&c->hs);
	buf_fini(&c->in);
	buf_fini(&c->out);
	free(c);
}

static void on_io_closed(void *ctx)
{
	conn_free(ctx);
}

static void on_dead(struct deferred *d)
{
	conn_free(container_of(d, struct conn, dead));
}

void conn_enter(struct conn *c, enum conn_state next,
		const struct conn_events *events)
{
	assert(conn_may_follow[c->state] & BIT(next));
	c->state = next;
	c->events = events;
}

int conn_watch(struct conn *c, int want, io_fn fn)
{
	if (!c->watched) {
		int r = io_open(c->loop, &c->io, c->fd, fn, c);
		if (r < 0)
			return r;
		c->watched = true;
	}
	c->io.fn = fn;
	io_want(&c->io, want);
	return 0;
}

bool conn_is_dead(const struct conn *c)
{
	int unread = 0;

	if (!sock_hung_up(c->fd))
		return false;
	return sock_error(c->fd) < 0 || ioctl(c->fd, SIOCINQ, &unread) < 0 ||
	       unread == 0;
}

int conn_read_first(struct conn *c, enum reason *why)
{
	for (;;) {
		uint8_t *at;
		size_t want = handshake_want(&c->hs, &at);
		ssize_t n = recv(c->fd, at, want, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		*why = REASON_GONE;
		if (n <= 0)
			return -1;
		int r = handshake_got(&c->hs, (size_t)n);
		*why = r == -EMSGSIZE ? REASON_TOO_BIG : REASON_BAD_MESSAGE;
		if (r != 0)
			return r;
	}
}

enum foreign conn_foreign(const struct conn *c)
{
	const struct handshake *hs = &c->hs;
	uint8_t first[FOREIGN_LOOK];
	size_t n = hs->have < FOREIGN_LOOK ? hs->have : FOREIGN_LOOK;

	memcpy(first, hs->frame ? hs->frame : hs->start, n);
	if (n > 0 && n < FOREIGN_LOOK) {
		ssize_t more = recv(c->fd, first + n, FOREIGN_LOOK - n,
				    MSG_PEEK | MSG_DONTWAIT);
		n += more > 0 ? (size_t)more : 0;
	}
	return foreign_look(first, n);
}

size_t conn_memory(const struct conn *c)
{
	return c->in.size + c->out.size + c->hs.total +
	       (c->ws ? ws_memory(c->ws) : 0);
}

int conn_send_frame(struct conn *c, const uint8_t *data, size_t len)
{
	uint8_t head[FRAME_HEAD_MAX];
	size_t head_len = frame_put_head(head, len);
	union {
		const uint8_t *from;
		void *to;
	} body = { .from = data };
	struct iovec iov[2] = { { head, head_len }, { body.to, len } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	size_t sent = 0;

	if (buf_len(&c->out) == 0) {
		ssize_t n = sendmsg(c->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		sent = n < 0 ? 0 : (size_t)n;
	}
	if (sent < head_len) {
		int r = buf_append(&c->out, head + sent, head_len - sent);
		if (r < 0)
			return r;
		sent = head_len;
	}
	size_t body_sent = sent - head_len;
	return body_sent == len
		       ? 0
		       : buf_append(&c->out, data + body_sent, len - body_sent);
}

int conn_flush(struct conn *c)
{
	while (buf_len(&c->out) > 0) {
		ssize_t n = send(c->fd, buf_head(&c->out), buf_len(&c->out),
				 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		buf_consume(&c->out, (size_t)n);
	}
	return 0;
}

/* Nothing of a TCP connection stays but its memory, until the loop lets go. */
static void conn_drop_fd(struct conn *c, bool close_fd)
{
	if (c->watched) {
		io_close(&c->io, close_fd, on_io_closed);
	} else {
		if (close_fd)
			close(c->fd);
		c->dead.run = on_dead;
		loop_defer(c->loop, &c->dead);
	}
	c->fd = -1;
}

void conn_close(struct conn *c)
{
	conn_enter(c, C_GONE, NULL);
	if (c->ws)
		ws_close(c->ws, WS_NORMAL);
	else
		conn_drop_fd(c, true);
}

int conn_release(struct conn *c)
{
	int fd = c->fd;

	assert(!c->ws);
	conn_enter(c, C_GONE, NULL);
	conn_drop_fd(c, false);
	return fd;
}

/* --- ws's events -----------------------------------------------------------
 */

void conn_ws_message(void *conn, const uint8_t *data, size_t len, bool binary)
{
	struct conn *c = conn;

	if (c->events)
		c->events->on_message(c, data, len, binary);
}

/* What is held is asked of the WebSocket itself, whoever held it. */
bool conn_ws_held(void *conn, size_t bytes)
{
	struct conn *c = conn;

	(void)bytes;
	if (c->events)
		c->events->on_held(c);
	return true;
}

void conn_ws_drain(void *conn)
{
	struct conn *c = conn;

	if (c->events)
		c->events->on_drain(c);
}

void conn_ws_closed(void *conn, const char *reason)
{
	struct conn *c = conn;

	log_debug("ws_closed", "%s", reason);
	if (c->events)
		c->events->on_gone(c);
	if (c->state != C_GONE)
		conn_enter(c, C_GONE, NULL);
	c->ws = NULL;
	conn_free(c);
}
