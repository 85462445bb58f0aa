#include "services/hbbr/front/bridge.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/proto/frame.h"
#include "services/hbbr/state/metrics.h"

const uint8_t bridge_may_follow[BRIDGE_STATES] = {
	[B_OPEN] = BIT(B_FLUSHING) | BIT(B_OVER),
	[B_FLUSHING] = BIT(B_OVER),
	[B_OVER] = 0,
};

static uint64_t now_of(const struct bridge *b)
{
	return loop_now(b->owner->loop);
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
	(void)memory_change(bs->memory, b->memory, 0);
	bs->on_ended(bs->ctx, b->token, b->why, b->bytes, b->meter.downgraded);
	b->dead.run = on_dead;
	loop_defer(bs->loop, &b->dead);
}

/* --- the end -------------------------------------------------------------- */

static void bridge_check_over(struct bridge *b)
{
	if (!b->conns[0] && !b->conns[1])
		bridge_enter(b, B_OVER);
}

/* What the WebSocket has not taken of the pipe waits in memory from now on. */
static void pipe_release(struct bridge *b, struct ws *ws)
{
	if (b->pipe)
		reframe_put(&b->owner->reframe, b->pipe, ws_unsplice(ws));
	b->pipe = NULL;
}

void bridge_unpin(struct bridge *b, uint64_t now_ms)
{
	if (!b->pipe || now_ms - b->pipe_ms < BRIDGE_PIPE_MS)
		return;
	for (int i = 0; i < 2; i++)
		if (b->conns[i] && b->conns[i]->ws)
			pipe_release(b, b->conns[i]->ws);
	bridge_settle(b);
}

static struct conn *bridge_detach(struct bridge *b, int i)
{
	struct conn *c = b->conns[i];

	if (c->ws)
		pipe_release(b, c->ws);
	b->conns[i] = NULL;
	c->bridge = NULL;
	return c;
}

void bridge_abort(struct bridge *b, enum reason why)
{
	if (b->state == B_OVER)
		return;
	if (b->state == B_OPEN || why == REASON_STUCK)
		b->why = why;
	for (int i = 0; i < 2; i++) {
		if (b->conns[i])
			conn_close(bridge_detach(b, i));
	}
	bridge_check_over(b);
}

static size_t queued(const struct conn *c)
{
	return c->ws ? ws_queued(c->ws) : buf_len(&c->out);
}

/* A side closes once it is flushed; the last of a WebSocket queue, below the
 * mark whose passing is told, is flushed by its closing. */
static void side_close(struct bridge *b, int i)
{
	struct conn *c = b->conns[i];

	if (!c || queued(c) > (c->ws ? CONN_LOW : 0))
		return;
	bridge_detach(b, i);
	if (c->ws)
		conn_close(c);
	else
		linger_start(&b->owner->lingers, conn_release(c));
}

/* The WebSocket has taken all of it. */
static void pipe_back(struct bridge *b)
{
	if (b->pipe)
		reframe_put(&b->owner->reframe, b->pipe, true);
	b->pipe = NULL;
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

void bridge_account(struct bridge *b)
{
	size_t memory = 0;

	if (b->state == B_OVER)
		return;
	for (int i = 0; i < 2; i++)
		memory += b->conns[i] ? conn_memory(b->conns[i]) : 0;
	(void)memory_change(b->owner->memory, b->memory, memory);
	b->memory = memory;
}

static void bridge_spend(struct bridge *b, int from, size_t len)
{
	struct bridges *bs = b->owner;
	uint64_t now = now_of(b);

	b->active_ms = now;
	b->bytes[from] += len;
	metric_add(&hbbr_metrics, M_BYTES_BRIDGED, len);
	meter_spend(&b->meter, bs->total, len, now);
	if (b->slow || meter_allow(&b->meter, bs->total, now) > 0)
		return;
	b->slow = true;
	if (TAILQ_EMPTY(&bs->slow))
		timer_start(&bs->refill, BRIDGE_REFILL_MS, BRIDGE_REFILL_MS);
	TAILQ_INSERT_TAIL(&bs->slow, b, slow_link);
}

/* --- writing -------------------------------------------------------------- */

/* LEN bytes were passed on, or R says why not. False: the bridge has ended. */
static bool delivered(struct bridge *b, int from, size_t len, int r)
{
	if (r < 0) {
		bridge_abort(b, r == -ENOMEM || r == -ENOBUFS ? REASON_MEMORY
							      : REASON_RESET);
		return false;
	}
	bridge_spend(b, from, len);
	return true;
}

/* Passes one message on. False: the bridge has ended or is ending. */
static bool deliver(struct bridge *b, int from, const uint8_t *data, size_t len)
{
	struct conn *q = b->conns[1 - from];

	if (b->state != B_OPEN)
		return false;
	if (len == 0) { /* activity, nothing to forward (spec 4.16) */
		b->active_ms = now_of(b);
		return true;
	}
	return delivered(b, from, len,
			 q->ws ? ws_send(q->ws, data, len)
			       : conn_send_frame(q, data, len));
}

/* Copies what is there of a message whose begin was not copied. */
static bool deliver_rest(struct bridge *b, int from)
{
	struct conn *c = b->conns[from];
	struct message_rest *m = &b->rest;
	size_t n = buf_len(&c->in) < m->left ? buf_len(&c->in) : m->left;

	if (n == 0)
		return m->left == 0;
	int r = ws_send_part(b->conns[1 - from]->ws, buf_head(&c->in), n,
			     !m->begun, n == m->left);
	buf_consume(&c->in, n);
	m->begun = true;
	m->left -= (uint32_t)n;
	return delivered(b, from, n, r) && m->left == 0;
}

/* --- reading -------------------------------------------------------------- */

static bool may_read(const struct bridge *b, int i)
{
	return b->state == B_OPEN && !b->slow &&
	       !(b->pipe && !b->conns[i]->ws) &&
	       queued(b->conns[1 - i]) <= BRIDGE_HIGH;
}

/* Delivers the whole frames that were read, while the other side takes them;
 * how many. */
static size_t parse_frames(struct bridge *b, int i)
{
	size_t max = b->owner->max_message;
	struct conn *c = b->conns[i];
	size_t n = 0;

	for (; may_read(b, i) && (b->rest.left == 0 || deliver_rest(b, i));
	     n++) {
		struct frame f;
		int r = frame_parse(buf_head(&c->in), buf_len(&c->in), max, &f);
		if (r < 0)
			bridge_abort(b, REASON_BAD_FRAME);
		if (r <= 0 || !deliver(b, i, f.body, f.len))
			break;
		buf_consume(&c->in, f.wire_len);
	}
	return n;
}

/* What was spliced into a pipe goes out; the rest stays there. */
static void splice_on(struct bridge *b, int from, const struct reframed *out)
{
	struct conn *q = b->conns[1 - from];

	b->bulk = out->worth_it;
	if (!out->pipe)
		return;
	b->pipe = out->pipe;
	b->pipe_ms = now_of(b);
	if (ws_splice(q->ws, out->pipe->out, out->wire) == 0)
		pipe_back(b);
	bridge_spend(b, from, out->payload);
	(void)parse_frames(b, from);
}

/* Large frames go on uncopied. False: they cannot now, copy. */
static bool tcp_splice(struct bridge *b, int i)
{
	struct bridges *bs = b->owner;
	struct conn *c = b->conns[i];
	struct conn *q = b->conns[1 - i];
	uint64_t most = meter_allow(&b->meter, bs->total, now_of(b));
	struct reframed out;

	if (!b->bulk || most == 0 || !ws_may_splice(q->ws) ||
	    buf_len(&c->in) > REFRAME_EARLY)
		return false;
	ssize_t n = reframe_read(&bs->reframe, c->fd, most, &c->in, &b->rest,
				 now_of(b), &out);
	if (n == -ENOBUFS)
		return false;
	if (n == -EAGAIN || n == -EINTR)
		return true;
	if (n > 0 || n == -EMSGSIZE)
		splice_on(b, i, &out);
	if (n == -EMSGSIZE)
		bridge_abort(b, REASON_BAD_FRAME);
	else if (n == -EIO || n == -ENOMEM)
		bridge_abort(b, REASON_MEMORY);
	else if (n <= 0)
		bridge_finish(b, n < 0 ? REASON_RESET : REASON_CLOSED);
	return true;
}

/* Reads one chunk. Everything whole was delivered before, so an end of the
 * stream here is the end of what can be delivered. */
static void tcp_pull(struct bridge *b, int i)
{
	struct conn *c = b->conns[i];

	(void)parse_frames(b, i);
	if (!may_read(b, i) || tcp_splice(b, i))
		return;
	uint8_t *at = buf_reserve(&c->in, BRIDGE_CHUNK);
	if (!at) {
		bridge_abort(b, REASON_MEMORY);
		return;
	}
	ssize_t n = recv(c->fd, at, BRIDGE_CHUNK, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		bridge_finish(b, n < 0 ? REASON_RESET : REASON_CLOSED);
		return;
	}
	buf_wrote(&c->in, (size_t)n);
	size_t frames = parse_frames(b, i);
	b->bulk = n == BRIDGE_CHUNK && reframe_pays((size_t)n, frames);
}

static void on_tcp(struct io *io, int events, void *ctx);

static void tcp_rearm(struct bridge *b, int i)
{
	struct conn *c = b->conns[i];
	int want = (may_read(b, i) ? IO_READ : 0) |
		   (buf_len(&c->out) > 0 ? IO_WRITE : 0);

	if (conn_watch(c, want, on_tcp) < 0)
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
		ws_pause(b->conns[i]->ws);
	else
		ws_resume(b->conns[i]->ws);
}

void bridge_settle(struct bridge *b)
{
	for (int i = 0; i < 2 && b->state == B_OPEN; i++) {
		if (!b->conns[i]->ws)
			(void)parse_frames(b, i);
	}
	bridge_account(b);
	for (int i = 0; i < 2; i++) {
		if (b->state == B_OVER || !b->conns[i])
			continue;
		if (!b->conns[i]->ws)
			tcp_rearm(b, i);
		else
			ws_rearm(b, i);
	}
}

static void on_tcp(struct io *io, int events, void *ctx)
{
	struct conn *c = ctx;
	struct bridge *b = c->bridge;
	int i = c->side;
	(void)io;

	if ((events & IO_WRITE) != 0) {
		if (conn_flush(c) < 0) {
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

static void on_ws_message(struct conn *c, const uint8_t *data, size_t len,
			  bool binary)
{
	struct bridge *b = c->bridge;

	/* Text carries nothing for a relay. */
	if (deliver(b, c->side, data, binary ? len : 0))
		bridge_settle(b);
}

static void on_ws_held(struct conn *c)
{
	bridge_account(c->bridge);
}

static void on_ws_drain(struct conn *c)
{
	struct bridge *b = c->bridge;

	if (ws_spliced(c->ws) == 0)
		pipe_back(b);
	if (b->state == B_FLUSHING) {
		side_close(b, c->side);
		bridge_check_over(b);
	}
	bridge_settle(b);
}

static void on_ws_gone(struct conn *c)
{
	struct bridge *b = c->bridge;

	bridge_detach(b, c->side);
	if (b->state == B_OPEN)
		bridge_finish(b, REASON_CLOSED);
	else
		bridge_check_over(b);
	if (b->state == B_FLUSHING)
		bridge_settle(b);
}

static const struct conn_events bridged = {
	.on_message = on_ws_message,
	.on_held = on_ws_held,
	.on_drain = on_ws_drain,
	.on_gone = on_ws_gone,
};

/* --- the start ------------------------------------------------------------ */

/* What a parked WebSocket end said early comes before anything else. */
static void replay_early(struct bridge *b, int i)
{
	struct conn *c = b->conns[i];
	struct frame f;

	while (b->state == B_OPEN &&
	       frame_parse(buf_head(&c->in), buf_len(&c->in), FRAME_BODY_MAX,
			   &f) == 1) {
		if (!deliver(b, i, f.body, f.len))
			return;
		buf_consume(&c->in, f.wire_len);
	}
}

static void side_init(struct bridge *b, uint8_t i, struct conn *c)
{
	size_t max = b->owner->max_message;

	b->conns[i] = c;
	b->client[i] = c->client;
	c->bridge = b;
	c->side = i;
	conn_enter(c, C_BRIDGED, &bridged);
	if (c->ws) {
		ws_set_max_message(c->ws, max);
		b->paused[i] = true;
		ws_pause(c->ws);
	} else {
		buf_init(&c->in,
			 max + FRAME_HEAD_MAX + BRIDGE_CHUNK + PIPE_WANT);
		buf_init(&c->out, max + CONN_QUEUE_SPARE);
	}
}

int bridge_start(struct bridges *bs, const struct bridge_pair *p)
{
	struct bridge *b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->owner = bs;
	b->token = p->token;
	b->active_ms = now_of(b);
	meter_init(&b->meter, &p->limits, b->active_ms);
	meter_throttle(&b->meter, p->slow, b->active_ms);
	TAILQ_INSERT_TAIL(&bs->all, b, link);
	bs->n++;

	side_init(b, 0, p->conns[0]);
	side_init(b, 1, p->conns[1]);
	for (int i = 0; i < 2 && b->state == B_OPEN; i++) {
		if (b->conns[i]->ws)
			replay_early(b, i);
	}
	bridge_settle(b);
	return 0;
}
