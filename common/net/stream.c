#include "common/net/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/net/io.h"
#include "common/proto/foreign.h"
#include "common/proto/frame.h"

enum {
	CHUNK = 16384,    /* one read; most turns need one */
	READ_BUDGET = 4,  /* reads per wake-up, then others get a turn */
	LINGER_MS = 5000, /* to take what is queued when we close */
	DISCARD = 65536,  /* unread input dropped at the close, see below */
};

/*
 *   OPEN ──► CLOSING ──► ENDED ──► on_close, free
 *     └───────────────────┘
 *
 * OPEN reads and writes; CLOSING only flushes; ENDED waits for the end of the
 * turn, because the caller may be inside on_message or stream_send.
 */
enum state { OPEN, CLOSING, ENDED };

struct stream {
	struct stream_events ev;
	void *ctx;
	struct loop *loop;
	const char *reason; /* set by whoever ends it first */
	struct deferred end;
	enum state state;
	bool is_ws;
	struct ws *ws; /* NULL once it has closed, and for TCP */
};

struct tcp {
	struct stream s;
	struct io io;
	struct timer linger;
	struct buf in;  /* an incomplete frame; no memory between frames */
	struct buf out; /* not yet accepted by the kernel */
	size_t max_body;
	unsigned users; /* open handles and the pending on_close */
	bool corked;    /* inside on_message: sends are collected */
	bool broken;    /* writing failed; what can be read still counts */
	bool heard;     /* something has come */
};

static struct tcp *tcp_of(struct stream *s)
{
	return container_of(s, struct tcp, s);
}

static void tcp_release(void *ctx)
{
	struct tcp *t = ctx;

	if (--t->users > 0)
		return;
	buf_fini(&t->in);
	buf_fini(&t->out);
	free(t);
}

static void run_end(struct deferred *d)
{
	struct stream *s = container_of(d, struct stream, end);

	s->ev.on_close(s->ctx, s->reason);
	if (s->is_ws)
		free(s);
	else
		tcp_release(tcp_of(s));
}

static void end(struct stream *s, const char *reason)
{
	s->state = ENDED;
	if (!s->reason)
		s->reason = reason;
	s->end.run = run_end;
	loop_defer(s->loop, &s->end);
}

/* Closing a socket with unread input makes the kernel send RST, and that can
 * destroy our last answer on its way; so the input is thrown away first. */
static void tcp_end(struct tcp *t, const char *reason)
{
	if (t->s.state == ENDED)
		return;
	shutdown(t->io.fd, SHUT_WR);
	(void)!recv(t->io.fd, NULL, DISCARD, MSG_TRUNC | MSG_DONTWAIT);
	io_close(&t->io, true, tcp_release);
	timer_close(&t->linger, tcp_release);
	end(&t->s, reason);
}

static void on_linger(void *ctx)
{
	tcp_end(ctx, "linger");
}

static void tcp_want(struct tcp *t)
{
	int want = buf_len(&t->out) > 0 ? IO_WRITE : 0;

	if (t->s.state == OPEN)
		want |= IO_READ;
	io_want(&t->io, want);
}

/* The far end is gone for writing, but what it sent before is still worth
 * reading; reading then reports the end. */
static void write_failed(struct tcp *t)
{
	t->broken = true;
	buf_fini(&t->out);
	if (t->s.state == CLOSING)
		tcp_end(t, "reset");
}

static ssize_t write_some(struct tcp *t, struct iovec *iov, size_t n)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = n };
	ssize_t sent = sendmsg(t->io.fd, &msg, MSG_NOSIGNAL);

	if (sent >= 0)
		return sent;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static void flush(struct tcp *t)
{
	size_t len = buf_len(&t->out);

	if (len > 0) {
		struct iovec iov = {
			.iov_base = (void *)(uintptr_t)buf_head(&t->out),
			.iov_len = len,
		};
		ssize_t n = write_some(t, &iov, 1);
		if (n < 0) {
			write_failed(t);
			return;
		}
		buf_consume(&t->out, (size_t)n);
	}
	if (buf_len(&t->out) == 0 && t->s.state == CLOSING)
		tcp_end(t, "closed");
}

static bool may_hold(struct stream *s, size_t bytes)
{
	return !s->ev.on_held || s->ev.on_held(s->ctx, bytes);
}

/* Hands out every whole frame; returns how many bytes they took. */
static size_t deliver(struct tcp *t, const uint8_t *data, size_t len)
{
	size_t used = 0;

	t->corked = true;
	while (t->s.state == OPEN) {
		struct frame f;
		int r = frame_parse(data + used, len - used, t->max_body, &f);
		if (r == 0)
			break;
		if (r < 0) {
			tcp_end(t, "too_big");
			break;
		}
		used += f.wire_len;
		t->s.ev.on_message(t->s.ctx, f.body, f.len);
	}
	t->corked = false;
	return used;
}

/* The first bytes may belong to another protocol: the reason tells which. */
static bool is_foreign(struct tcp *t, const uint8_t *data, size_t len)
{
	enum foreign what = t->heard ? FOREIGN_NONE : foreign_look(data, len);

	t->heard = true;
	if (what == FOREIGN_NONE)
		return false;
	tcp_end(t, foreign_word(what));
	return true;
}

/* Frames are taken straight from CHUNK; only a broken-off last one is kept,
 * so a connection between two messages holds no buffer. */
static void take_input(struct tcp *t, const uint8_t *chunk, size_t len)
{
	size_t used = 0;
	int r = 0;

	if (is_foreign(t, chunk, len))
		return;
	if (buf_len(&t->in) == 0) {
		used = deliver(t, chunk, len);
		if (t->s.state == OPEN && used < len)
			r = buf_append(&t->in, chunk + used, len - used);
	} else {
		r = buf_append(&t->in, chunk, len);
		if (r == 0) {
			used = deliver(t, buf_head(&t->in), buf_len(&t->in));
			buf_consume(&t->in, used);
		}
	}
	if (r < 0)
		tcp_end(t, "no_memory");
	if (buf_len(&t->in) == 0)
		buf_fini(&t->in);
	if (!may_hold(&t->s, buf_len(&t->in)))
		tcp_end(t, "memory");
}

/* One read; true if another may find more. */
static bool read_some(struct tcp *t)
{
	uint8_t chunk[CHUNK];
	ssize_t n = recv(t->io.fd, chunk, sizeof chunk, 0);

	if (n > 0) {
		take_input(t, chunk, (size_t)n);
		return n == CHUNK && t->s.state == OPEN;
	}
	if (n == 0)
		stream_close(&t->s, "eof");
	else if (errno == EINTR)
		return true;
	else if (errno != EAGAIN)
		tcp_end(t, errno == ECONNRESET ? "reset" : "error");
	return false;
}

static void on_io(struct io *io, int events, void *ctx)
{
	struct tcp *t = ctx;
	(void)io;

	for (int i = 0; t->s.state == OPEN && i < READ_BUDGET; i++) {
		if (!(events & IO_READ) || !read_some(t))
			break;
	}
	if (t->s.state != ENDED && !t->broken)
		flush(t);
	if (t->s.state != ENDED)
		tcp_want(t);
}

int stream_open_tcp(struct loop *l, int fd, size_t max_body, size_t max_queue,
		    const struct stream_events *ev, void *ctx,
		    struct stream **out)
{
	struct tcp *t = calloc(1, sizeof *t);
	if (!t) {
		close(fd);
		return -ENOMEM;
	}
	int r = io_open(l, &t->io, fd, on_io, t);
	if (r < 0) {
		free(t);
		close(fd);
		return r;
	}
	t->s = (struct stream){ .ev = *ev, .ctx = ctx, .loop = l };
	timer_init(l, &t->linger, on_linger, t);
	t->users = 3;
	buf_init(&t->in, 0);
	buf_init(&t->out, max_queue);
	stream_set_max_body(&t->s, max_body);
	tcp_want(t);
	*out = &t->s;
	return 0;
}

/* Writes at once what fits when nothing is queued before it; the queue gets
 * the rest. */
static int tcp_put(struct tcp *t, struct iovec iov[static 2])
{
	ssize_t n = 0;

	if (!t->corked && buf_len(&t->out) == 0)
		n = write_some(t, iov, 2);
	if (n < 0) {
		write_failed(t);
		return -EPIPE;
	}
	size_t sent = (size_t)n;
	for (int i = 0; i < 2; i++) {
		size_t skip = sent < iov[i].iov_len ? sent : iov[i].iov_len;
		int r = buf_append(&t->out, (uint8_t *)iov[i].iov_base + skip,
				   iov[i].iov_len - skip);
		if (r < 0)
			return r;
		sent -= skip;
	}
	return 0;
}

static int tcp_send(struct tcp *t, const void *data, size_t len)
{
	uint8_t head[FRAME_HEAD_MAX];
	size_t room = t->out.cap - buf_len(&t->out);

	if (t->broken)
		return -EPIPE;
	if (len > FRAME_BODY_MAX || room < FRAME_HEAD_MAX ||
	    len > room - FRAME_HEAD_MAX) {
		tcp_end(t, "queue_full");
		return -ENOBUFS;
	}
	struct iovec iov[2] = {
		{ .iov_base = head, .iov_len = frame_put_head(head, len) },
		{ .iov_base = (void *)(uintptr_t)data, .iov_len = len },
	};
	int r = tcp_put(t, iov);
	if (r == -ENOMEM)
		tcp_end(t, "no_memory");
	else if (r == 0 && !t->corked)
		tcp_want(t);
	return r == -ENOMEM ? -ENOBUFS : r;
}

int stream_send(struct stream *s, const void *data, size_t len)
{
	if (s->state != OPEN)
		return -EPIPE;
	return s->is_ws ? ws_send(s->ws, data, len)
			: tcp_send(tcp_of(s), data, len);
}

static void tcp_close(struct tcp *t)
{
	if (t->broken) {
		tcp_end(t, "reset");
		return;
	}
	timer_start(&t->linger, LINGER_MS, 0);
	if (!t->corked) {
		flush(t);
		if (t->s.state != ENDED)
			tcp_want(t);
	}
}

void stream_close(struct stream *s, const char *reason)
{
	if (s->state != OPEN)
		return;
	s->state = CLOSING;
	s->reason = reason;
	if (s->is_ws)
		ws_close(s->ws, 1000);
	else
		tcp_close(tcp_of(s));
}

void stream_set_max_queue(struct stream *s, size_t max_queue)
{
	if (!s->is_ws)
		tcp_of(s)->out.cap = max_queue;
}

void stream_set_max_body(struct stream *s, size_t max_body)
{
	if (s->is_ws) {
		if (s->state == OPEN)
			ws_set_max_message(s->ws, max_body);
		return;
	}
	struct tcp *t = tcp_of(s);
	t->max_body = max_body;
	/* An incomplete frame, and the read that completes it. */
	t->in.cap = max_body + FRAME_HEAD_MAX + CHUNK;
}

bool stream_is_ws(const struct stream *s)
{
	return s->is_ws;
}

int stream_open_ws(struct loop *l, struct ws *ws,
		   const struct stream_events *ev, void *ctx,
		   struct stream **out)
{
	struct stream *s = calloc(1, sizeof *s);
	if (!s)
		return -ENOMEM;
	*s = (struct stream){
		.ev = *ev, .ctx = ctx, .loop = l, .is_ws = true, .ws = ws
	};
	*out = s;
	return 0;
}

/* Text is not part of the protocol: read, and ignored (spec 1.5). */
void stream_ws_message(struct stream *s, const uint8_t *data, size_t len,
		       bool binary)
{
	if (s->state == OPEN && binary)
		s->ev.on_message(s->ctx, data, len);
}

bool stream_ws_held(struct stream *s, size_t bytes)
{
	return may_hold(s, bytes);
}

void stream_ws_closed(struct stream *s, const char *reason)
{
	s->ws = NULL;
	end(s, reason);
}
