#include "services/hbbr/front/bridge.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "common/proto/frame.h"
#include "services/hbbr/front/front.h"
#include "services/hbbr/state/metrics.h"

const uint8_t bridge_may_follow[BRIDGE_STATES] = {
	[B_OPEN] = BIT(B_FLUSHING) | BIT(B_OVER),
	[B_FLUSHING] = BIT(B_OVER),
	[B_OVER] = 0,
};

static uint64_t now_of(const struct bridge *b)
{
	return loop_now(b->owner->front->loop);
}

static void on_dead(struct deferred *d)
{
	free(container_of(d, struct bridge, dead));
}

/* The one door. An object in B_OVER lives until the end of the loop turn,
 * because its callers up the stack still look at its state. */
static void bridge_enter(struct bridge *b, enum bridge_state next)
{
	assert(bridge_may_follow[b->state] & BIT(next));
	b->state = next;
	if (next != B_OVER)
		return;

	struct bridges *bs = b->owner;
	if (b->slow)
		TAILQ_REMOVE(&bs->slow, b, slow_link);
	TAILQ_REMOVE(&bs->all, b, link);
	bs->n--;
	bs->memory -= b->memory;
	relay_ended(bs->front, b->session, b->why, b->bytes,
		    b->meter.downgraded);
	b->dead.run = on_dead;
	loop_defer(bs->front->loop, &b->dead);
}

/* --- the end -------------------------------------------------------------- */

static void bridge_check_over(struct bridge *b)
{
	if (b->peers[0] == NULL && b->peers[1] == NULL)
		bridge_enter(b, B_OVER);
}

static struct peer *bridge_detach(struct bridge *b, int i)
{
	struct peer *p = b->peers[i];

	b->peers[i] = NULL;
	p->bridge = NULL;
	return p;
}

void bridge_abort(struct bridge *b, enum reason why)
{
	if (b->state == B_OVER)
		return;
	if (b->state == B_OPEN || why == REASON_STUCK)
		b->why = why;
	for (int i = 0; i < 2; i++) {
		if (b->peers[i] != NULL)
			peer_close(bridge_detach(b, i));
	}
	bridge_check_over(b);
}

static size_t queued(const struct peer *p)
{
	return p->ws != NULL ? ws_queued(p->ws) : buf_len(&p->out);
}

/* A side closes once it is flushed; the last of a WebSocket queue, below the
 * mark whose passing is told, is flushed by its closing. */
static void side_close(struct bridge *b, int i)
{
	struct peer *p = b->peers[i];

	if (p == NULL || queued(p) > (p->ws != NULL ? BRIDGE_LOW : 0))
		return;
	bridge_detach(b, i);
	if (p->ws != NULL)
		peer_close(p);
	else
		linger_start(&b->owner->front->lingers, peer_release(p));
}

/* An end has closed: deliver what was read from it, then close the other. */
static void bridge_finish(struct bridge *b, enum reason why)
{
	if (b->state != B_OPEN)
		return;
	b->why = why;
	b->active_ms = now_of(b);
	bridge_enter(b, B_FLUSHING);
	for (int i = 0; i < 2; i++)
		side_close(b, i);
	bridge_check_over(b);
}

/* --- accounting ----------------------------------------------------------- */

static void bridge_account(struct bridge *b)
{
	size_t memory = 0;

	if (b->state == B_OVER)
		return;
	for (int i = 0; i < 2; i++)
		memory += b->peers[i] != NULL ? peer_memory(b->peers[i]) : 0;
	(void)bridges_account(b->owner, b->memory, memory);
	b->memory = memory;
}

void bridge_ws_held(struct peer *p)
{
	bridge_account(p->bridge);
}

static void bridge_spend(struct bridge *b, int from, size_t len)
{
	struct bridges *bs = b->owner;
	uint64_t now = now_of(b);

	b->active_ms = now;
	b->bytes[from] += len;
	metric_add(&hbbr_metrics, M_BYTES_BRIDGED, len);
	meter_spend(&b->meter, &bs->front->total, len, now);
	if (b->slow || meter_allow(&b->meter, &bs->front->total, now) > 0)
		return;
	b->slow = true;
	if (TAILQ_EMPTY(&bs->slow))
		timer_start(&bs->refill, BRIDGE_REFILL_MS, BRIDGE_REFILL_MS);
	TAILQ_INSERT_TAIL(&bs->slow, b, slow_link);
}

/* --- writing -------------------------------------------------------------- */

/* Sends the frame, or as much as the socket takes; the rest is queued. */
static int tcp_send_frame(struct peer *q, const uint8_t *data, size_t len)
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

	if (buf_len(&q->out) == 0) {
		ssize_t n = sendmsg(q->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		sent = n < 0 ? 0 : (size_t)n;
	}
	if (sent < head_len) {
		int r = buf_append(&q->out, head + sent, head_len - sent);
		if (r < 0)
			return r;
		sent = head_len;
	}
	size_t body_sent = sent - head_len;
	return body_sent == len
		       ? 0
		       : buf_append(&q->out, data + body_sent, len - body_sent);
}

/* 0, or -errno when the socket is dead. */
static int tcp_flush(struct peer *q)
{
	while (buf_len(&q->out) > 0) {
		ssize_t n = send(q->fd, buf_head(&q->out), buf_len(&q->out),
				 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		buf_consume(&q->out, (size_t)n);
	}
	return 0;
}

/* Passes one message on. False: the bridge has ended or is ending. */
static bool deliver(struct bridge *b, int from, const uint8_t *data, size_t len)
{
	struct peer *q = b->peers[1 - from];

	if (b->state != B_OPEN)
		return false;
	if (len == 0) { /* activity, nothing to forward (spec 4.16) */
		b->active_ms = now_of(b);
		return true;
	}
	int r = q->ws != NULL ? ws_send(q->ws, data, len)
			      : tcp_send_frame(q, data, len);
	if (r < 0) {
		bridge_abort(b, r == -ENOMEM || r == -ENOBUFS ? REASON_MEMORY
							      : REASON_RESET);
		return false;
	}
	bridge_spend(b, from, len);
	return true;
}

/* --- reading -------------------------------------------------------------- */

static bool may_read(const struct bridge *b, int i)
{
	return b->state == B_OPEN && !b->slow &&
	       queued(b->peers[1 - i]) <= BRIDGE_HIGH;
}

/* Delivers the whole frames that were read, while the other side takes them */
static void parse_frames(struct bridge *b, int i)
{
	size_t max = (size_t)b->owner->front->cfg->max_message;
	struct peer *p = b->peers[i];
	struct frame f;

	while (may_read(b, i)) {
		int r = frame_parse(buf_head(&p->in), buf_len(&p->in), max, &f);
		if (r == 0)
			return;
		if (r < 0) {
			bridge_abort(b, REASON_BAD_FRAME);
			return;
		}
		if (!deliver(b, i, f.body, f.len))
			return;
		buf_consume(&p->in, f.wire_len);
	}
}

/* Reads one chunk. Everything whole was delivered before, so an end of the
 * stream here is the end of what can be delivered. */
static void tcp_pull(struct bridge *b, int i)
{
	struct peer *p = b->peers[i];

	parse_frames(b, i);
	if (!may_read(b, i))
		return;
	uint8_t *at = buf_reserve(&p->in, BRIDGE_CHUNK);
	if (at == NULL) {
		bridge_abort(b, REASON_MEMORY);
		return;
	}
	ssize_t n = recv(p->fd, at, BRIDGE_CHUNK, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		bridge_finish(b, n < 0 ? REASON_RESET : REASON_CLOSED);
		return;
	}
	buf_wrote(&p->in, (size_t)n);
	parse_frames(b, i);
}

static void on_tcp(struct io *io, int events, void *ctx);

static void tcp_rearm(struct bridge *b, int i)
{
	struct peer *p = b->peers[i];
	int want = (may_read(b, i) ? IO_READ : 0) |
		   (buf_len(&p->out) > 0 ? IO_WRITE : 0);

	if (peer_watch(p, want, on_tcp) < 0)
		bridge_abort(b, REASON_MEMORY);
}

static void ws_rearm(struct bridge *b, int i)
{
	/* While flushing it is read to see it close; messages are dropped. */
	bool pause = b->state == B_OPEN && !may_read(b, i);

	if (pause == b->paused[i])
		return;
	b->paused[i] = pause;
	if (pause)
		ws_pause(b->peers[i]->ws);
	else
		ws_resume(b->peers[i]->ws);
}

void bridge_settle(struct bridge *b)
{
	for (int i = 0; i < 2 && b->state == B_OPEN; i++) {
		if (b->peers[i]->ws == NULL)
			parse_frames(b, i);
	}
	bridge_account(b);
	for (int i = 0; i < 2; i++) {
		if (b->state == B_OVER || b->peers[i] == NULL)
			continue;
		if (b->peers[i]->ws == NULL)
			tcp_rearm(b, i);
		else
			ws_rearm(b, i);
	}
}

static void on_tcp(struct io *io, int events, void *ctx)
{
	struct peer *p = ctx;
	struct bridge *b = p->bridge;
	int i = p->side;
	(void)io;

	if ((events & IO_WRITE) != 0) {
		if (tcp_flush(p) < 0) {
			bridge_abort(b, REASON_RESET);
			return;
		}
		b->active_ms = now_of(b);
	}
	if (b->state == B_FLUSHING) {
		side_close(b, i);
		bridge_check_over(b);
	} else if ((events & (IO_READ | IO_HUP)) != 0) {
		tcp_pull(b, i);
	}
	bridge_settle(b);
}

void bridge_ws_message(struct peer *p, const uint8_t *data, size_t len)
{
	struct bridge *b = p->bridge;

	if (deliver(b, p->side, data, len))
		bridge_settle(b);
}

void bridge_ws_drain(struct peer *p)
{
	struct bridge *b = p->bridge;

	if (b->state == B_FLUSHING) {
		side_close(b, p->side);
		bridge_check_over(b);
	}
	bridge_settle(b);
}

void bridge_ws_gone(struct peer *p)
{
	struct bridge *b = p->bridge;

	bridge_detach(b, p->side);
	if (b->state == B_OPEN)
		bridge_finish(b, REASON_CLOSED);
	else
		bridge_check_over(b);
	if (b->state == B_FLUSHING)
		bridge_settle(b);
}

/* --- the start ------------------------------------------------------------ */

/* What a parked WebSocket end said early comes before anything else. */
static void replay_early(struct bridge *b, int i)
{
	struct peer *p = b->peers[i];
	struct frame f;

	while (b->state == B_OPEN &&
	       frame_parse(buf_head(&p->in), buf_len(&p->in), FRAME_BODY_MAX,
			   &f) == 1) {
		if (!deliver(b, i, f.body, f.len))
			return;
		buf_consume(&p->in, f.wire_len);
	}
}

static void side_init(struct bridge *b, uint8_t i, struct peer *p)
{
	size_t max = (size_t)b->owner->front->cfg->max_message;

	p->bridge = b;
	p->side = i;
	peer_enter(p, P_BRIDGED);
	if (p->ws != NULL) {
		ws_set_max_message(p->ws, max);
		b->paused[i] = true;
		ws_pause(p->ws);
	} else {
		buf_init(&p->in, max + FRAME_HEAD_MAX + BRIDGE_CHUNK);
		buf_init(&p->out, max + BRIDGE_QUEUE_SPARE);
	}
}

int bridge_start(struct bridges *bs, struct session *s, struct peer *first,
		 struct peer *second, bool slow)
{
	struct bridge *b = calloc(1, sizeof(*b));
	if (b == NULL)
		return -ENOMEM;
	b->owner = bs;
	b->session = s;
	b->peers[0] = first;
	b->peers[1] = second;
	b->active_ms = now_of(b);
	struct limits limits = relay_limits(bs->front, s);
	meter_init(&b->meter, &limits, b->active_ms);
	meter_throttle(&b->meter, slow, b->active_ms);
	TAILQ_INSERT_TAIL(&bs->all, b, link);
	bs->n++;

	side_init(b, 0, first);
	side_init(b, 1, second);
	for (int i = 0; i < 2 && b->state == B_OPEN; i++) {
		if (b->peers[i]->ws != NULL)
			replay_early(b, i);
	}
	bridge_settle(b);
	return 0;
}
