#include "services/hbbr/splice/pump.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

void pump_init(struct pump *p, struct shared_limit *total, size_t max_pipes)
{
	p->total = total;
	p->now_ms = 0;
	p->moved = 0;
	pipes_init(&p->pipes, max_pipes);
}

void pump_fini(struct pump *p)
{
	pipes_fini(&p->pipes);
}

void pair_init(struct pair *pair, const int fd[static 2],
	       const struct limits *l, uint64_t now_ms)
{
	*pair = (struct pair){ .active_ms = now_ms };
	for (uint8_t i = 0; i < 2; i++) {
		pair->ends[i].fd = fd[i];
		pair->ends[i].side = i;
		pair->flows[i].side = i;
	}
	meter_init(&pair->meter, l, now_ms);
}

struct pair *pair_of_flow(struct flow *f)
{
	return container_of(f - f->side, struct pair, flows[0]);
}

struct pair *pair_of_end(struct end *e)
{
	return container_of(e - e->side, struct pair, ends[0]);
}

/* Drops what the flow holds; it cannot be delivered. */
static void flow_drop(struct pump *p, struct flow *f)
{
	if (f->pipe)
		pipes_scrap(&p->pipes, f->pipe);
	free(f->chunk);
	f->pipe = NULL;
	f->chunk = NULL;
	f->held = 0;
}

void pair_fini(struct pump *p, struct pair *pair)
{
	for (size_t i = 0; i < 2; i++) {
		flow_drop(p, &pair->flows[i]);
		close(pair->ends[i].fd);
	}
}

/* The last held byte is out. */
static void flow_emptied(struct pump *p, struct flow *f)
{
	if (f->pipe)
		pipes_put(&p->pipes, f->pipe);
	free(f->chunk);
	f->pipe = NULL;
	f->chunk = NULL;
}

static ssize_t flow_write_held(struct flow *f, int fd)
{
	if (f->pipe)
		return splice(f->pipe->out, NULL, fd, NULL, f->held,
			      SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	return send(fd, f->chunk + f->chunk_at, f->held,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Writes what is held. 1: nothing is left, 0: blocked, -errno: sink is gone */
static int flow_flush(struct pump *p, struct flow *f, struct end *sink)
{
	while (f->held > 0) {
		ssize_t n = flow_write_held(f, sink->fd);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			sink->writable = false;
			return 0;
		}
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		f->held -= (uint32_t)n;
		f->chunk_at += (uint32_t)n;
	}
	flow_emptied(p, f);
	return 1;
}

/* Keeps the LEN bytes at DATA until the sink takes them. */
static int flow_hold(struct flow *f, const uint8_t *data, size_t len)
{
	f->chunk = malloc(len);
	if (!f->chunk)
		return -ENOMEM;
	memcpy(f->chunk, data, len);
	f->chunk_at = 0;
	f->held = (uint32_t)len;
	return 0;
}

/* A small message mostly leaves in the same turn, without being held. */
static int copy_out(struct flow *f, struct end *sink, const uint8_t *data,
		    size_t len)
{
	ssize_t n;

	do {
		n = send(sink->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		return -errno;
	size_t sent = n < 0 ? 0 : (size_t)n;
	if (sent == len)
		return 1;
	sink->writable = false;
	return flow_hold(f, data + sent, len - sent);
}

/* What one read yielded, and how the write behind it went. */
struct moved {
	ssize_t in; /* bytes, 0 at the end of the stream, or -errno */
	int out;    /* 1, 0 or -errno as flow_flush() */
};

static struct moved move_copy(struct pump *p, struct flow *f, struct end *src,
			      struct end *sink, size_t want)
{
	ssize_t n = recv(src->fd, p->scratch, want, MSG_DONTWAIT);
	if (n <= 0)
		return (struct moved){ .in = n < 0 ? -errno : 0, .out = 1 };

	/* All there was has been read; an edge will announce more, unless
	 * the end of the stream was announced already. */
	if ((size_t)n < want && !src->hup)
		src->readable = false;
	return (struct moved){
		.in = n,
		.out = copy_out(f, sink, p->scratch, (size_t)n),
	};
}

/* The pipe is empty before, so EAGAIN can only mean an empty socket. */
static struct moved move_splice(struct pump *p, struct flow *f, struct end *src,
				struct end *sink, size_t want,
				struct pipe *pipe)
{
	if (want > pipe->size)
		want = pipe->size;
	ssize_t n = splice(src->fd, NULL, pipe->in, NULL, want,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n <= 0) {
		int in = n < 0 ? -errno : 0;
		pipes_put(&p->pipes, pipe);
		return (struct moved){ .in = in, .out = 1 };
	}
	f->pipe = pipe;
	f->held = (uint32_t)n;
	return (struct moved){ .in = n, .out = flow_flush(p, f, sink) };
}

static struct moved move(struct pump *p, struct flow *f, struct end *src,
			 struct end *sink, uint64_t allow)
{
	struct pipe *pipe = f->bulk ? pipes_get(&p->pipes, p->now_ms) : NULL;
	size_t want = f->bulk ? PUMP_CHUNK : PUMP_SMALL;

	if (pipe)
		want = pipe->size;
	if (want > allow)
		want = (size_t)allow;
	if (pipe)
		return move_splice(p, f, src, sink, want, pipe);
	return move_copy(p, f, src, sink, want);
}

/* A reset is news only from an end that has not closed properly before. */
static void note_reset(struct pair *pair, uint8_t side)
{
	if (!pair->flows[side].done)
		pair->reset = true;
}

/* Nothing of this flow can be delivered any more. */
static void flow_sink_gone(struct pump *p, struct flow *f)
{
	flow_drop(p, f);
	note_reset(pair_of_flow(f), 1 - f->side);
	f->done = true;
}

/* Bytes in the kernel's send queue that the far end has not acknowledged. */
static uint64_t end_unsent(const struct end *e)
{
	int n = 0;

	if (e->dead || ioctl(e->fd, SIOCOUTQ, &n) < 0 || n < 0)
		return 0;
	return (uint64_t)n;
}

/*
 * Closing a socket with unread input makes the kernel answer with a reset and
 * throw its send queue away, which may still hold the other end's last bytes.
 */
static bool end_closable(const struct end *e)
{
	int unread = 0;

	if (end_unsent(e) == 0)
		return true;
	return ioctl(e->fd, SIOCINQ, &unread) == 0 && unread == 0;
}

/* Both streams have ended and the pair is closed at once: that tells the far
 * end as well, and takes one system call less. */
static bool close_follows(const struct pair *pair)
{
	return pair->flows[0].done && pair->flows[1].done && !pair->reset &&
	       end_closable(&pair->ends[0]) && end_closable(&pair->ends[1]);
}

static void flow_finish(struct flow *f, struct end *sink)
{
	f->done = true;
	/* Fails if the sink was reset meanwhile: then it knows. */
	if (!close_follows(pair_of_flow(f)))
		(void)shutdown(sink->fd, SHUT_WR);
}

/* What a read without bytes means: nothing now, or the end of the stream. */
static void flow_read_none(struct flow *f, struct end *src, struct end *sink,
			   ssize_t n)
{
	if (n == -EINTR)
		return;
	src->readable = false;
	if (n == -EAGAIN)
		return;
	/* Nor is one that answers the end of the other stream. */
	if (n < 0)
		note_reset(pair_of_flow(f), 1 - f->side);
	flow_finish(f, sink);
}

static void flow_read_some(struct pump *p, struct flow *f, struct end *src,
			   uint64_t n)
{
	struct pair *pair = pair_of_flow(f);

	f->bulk = n >= PUMP_SMALL;
	src->bytes += n;
	p->moved += n;
	pair->active_ms = p->now_ms;
	meter_spend(&pair->meter, p->total, n, p->now_ms);
}

static enum turn flow_move(struct pump *p, struct flow *f, struct end *src,
			   struct end *sink)
{
	if (!src->readable)
		return TURN_WAIT;
	uint64_t allow =
		meter_allow(&pair_of_flow(f)->meter, p->total, p->now_ms);
	if (allow == 0)
		return TURN_SLOW;

	struct moved m = move(p, f, src, sink, allow);
	if (m.in > 0)
		flow_read_some(p, f, src, (uint64_t)m.in);
	else
		flow_read_none(f, src, sink, m.in);
	if (m.out < 0)
		flow_sink_gone(p, f);
	return !f->done && f->held == 0 && src->readable ? TURN_AGAIN
							 : TURN_WAIT;
}

enum turn pump_turn(struct pump *p, struct flow *f)
{
	struct pair *pair = pair_of_flow(f);
	struct end *src = &pair->ends[f->side];
	struct end *sink = &pair->ends[1 - f->side];

	if (f->done || !sink->writable)
		return TURN_WAIT;
	if (f->held > 0) {
		int r = flow_flush(p, f, sink);
		if (r < 0)
			flow_sink_gone(p, f);
		if (r <= 0)
			return TURN_WAIT;
		pair->active_ms = p->now_ms;
	}
	return flow_move(p, f, src, sink);
}

bool pair_ending(const struct pair *pair)
{
	return pair->flows[0].done || pair->flows[1].done ||
	       pair->ends[0].hup || pair->ends[1].hup;
}

static bool pair_finished(const struct pair *pair, uint64_t now_ms)
{
	if (pair->flows[0].done && pair->flows[1].done)
		return end_closable(&pair->ends[0]) &&
		       end_closable(&pair->ends[1]);
	if (!pair->flows[0].done && !pair->flows[1].done)
		return false;

	/* One end has closed; the other saw it and had its time to close. */
	const struct end *sink = &pair->ends[pair->flows[0].done ? 1 : 0];
	return now_ms - pair->active_ms >= PAIR_QUIET_MS &&
	       end_unsent(sink) == 0;
}

bool pair_settled(struct pair *pair, uint64_t now_ms, enum reason *why)
{
	*why = pair->reset ? REASON_RESET : REASON_CLOSED;
	if (pair_finished(pair, now_ms))
		return true;

	uint64_t left = end_unsent(&pair->ends[0]) +
			end_unsent(&pair->ends[1]) + pair->flows[0].held +
			pair->flows[1].held + pair->ends[0].bytes +
			pair->ends[1].bytes;
	if (left != pair->left) {
		pair->left = left;
		pair->left_ms = now_ms;
	}
	*why = REASON_STUCK;
	return now_ms - pair->left_ms >= PAIR_STALL_MS;
}
