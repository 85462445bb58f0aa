#include "common/redis/redis_impl.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
	RING_FIRST = 64,
	READ_SIZE = 16384,
	READS_PER_TURN = 16, /* then others get their turn */
};

static struct redis_pending *slot(struct redis *r, size_t i)
{
	return &r->ring[(r->first + i) & (r->ring_size - 1)];
}

int redis_flow_room(struct redis *r)
{
	if (r->in_flight >= r->max_in_flight)
		return -ENOBUFS;
	if (r->in_flight < r->ring_size)
		return 0;

	size_t size = r->ring_size ? r->ring_size * 2 : RING_FIRST;
	struct redis_pending *ring = malloc(size * sizeof(*ring));
	if (!ring)
		return -ENOMEM;
	for (size_t i = 0; i < r->in_flight; i++)
		ring[i] = *slot(r, i);
	free(r->ring);
	r->ring = ring;
	r->ring_size = size;
	r->first = 0;
	return 0;
}

void redis_flow_soon(struct redis *r)
{
	if (r->soon_queued)
		return;
	r->soon_queued = true;
	r->holds++;
	loop_defer(r->loop, &r->soon);
}

void redis_flow_push(struct redis *r, struct redis_pending p)
{
	assert(r->in_flight < r->ring_size);
	p.deadline_ms = loop_now(r->loop) + r->command_ms;
	p.sent_us = uv_hrtime() / 1000;
	*slot(r, r->in_flight++) = p;
	if (p.deadline_ms < r->timer_ms)
		redis_timer_at(r, p.deadline_ms);
	redis_flow_soon(r);
}

static struct redis_pending pop(struct redis *r)
{
	struct redis_pending p = *slot(r, 0);

	r->first++;
	r->in_flight--;
	return p;
}

/* The end of a command: ARGS go, the callback is told. */
static void finish(struct redis_pending *p, const struct redis_reply *reply)
{
	redis_args_destroy(p->args);
	if (p->fn)
		p->fn(reply, p->ctx);
}

/* A callback may close the client, which comes here again. */
void redis_flow_fail_all(struct redis *r)
{
	while (r->in_flight > 0) {
		struct redis_pending p = pop(r);
		finish(&p, NULL);
	}
}

void redis_flow_restart(struct redis *r)
{
	if (r->in_flight == 0)
		return;
	slot(r, 0)->deadline_ms = loop_now(r->loop) + r->command_ms;
	redis_timer_at(r, slot(r, 0)->deadline_ms);
}

/* The server lacks the script: send it. Its place in the order is lost. */
static bool send_source(struct redis *r, struct redis_pending *p)
{
	if (redis_put_eval(&r->out, p->script, p->args, false) < 0)
		return false;
	redis_args_destroy(p->args);
	p->args = NULL;
	redis_flow_push(r, *p);
	return true;
}

static void on_command_reply(struct redis *r, const struct redis_reply *reply)
{
	if (r->in_flight == 0) {
		redis_lose(r, "a reply that nobody asked for", -EPROTO);
		return;
	}
	struct redis_pending p = pop(r);
	r->rtt_us = uv_hrtime() / 1000 - p.sent_us;
	if (redis_unavailable(reply)) {
		redis_error_code(reply, r->hello.code);
		finish(&p, NULL);
		if (r->state == REDIS_READY)
			redis_lose(r, "not serving any more", -EBUSY);
		return;
	}
	if (p.args && redis_error_is(reply, "NOSCRIPT") && send_source(r, &p))
		return;
	finish(&p, reply);
}

/* ["message", channel, data], which may come at any time. */
static bool take_message(struct redis *r, const struct redis_reply *reply)
{
	const struct redis_reply *kind = redis_at(reply, 0);
	const struct redis_reply *body = redis_at(reply, 2);
	size_t len;

	if (!kind || !redis_str(kind, NULL) ||
	    strcmp(redis_str(kind, NULL), "message") != 0)
		return false;
	const char *data = body ? redis_str(body, &len) : NULL;
	if (data)
		r->on_message(r->message_ctx, data, len);
	return true;
}

static void on_reply(struct redis *r, const struct redis_reply *reply)
{
	if (r->state == REDIS_GREETING)
		redis_dial_reply(r, reply);
	else if (!r->channel || !take_message(r, reply))
		on_command_reply(r, reply);
}

static bool attached(const struct redis *r)
{
	return r->state == REDIS_READY || r->state == REDIS_GREETING;
}

/* Any callback may close the client or lose the connection, and the parser
 * with it. */
static void drain(struct redis *r)
{
	struct redis_reply *reply = NULL;
	int e = 1;

	while (attached(r) && (e = redis_reader_next(&r->reader, &reply)) > 0) {
		on_reply(r, reply);
		redis_reply_free(reply);
	}
	if (attached(r) && e < 0)
		redis_lose(r, "garbage instead of a reply", e);
}

static int read_some(struct redis *r)
{
	char data[READ_SIZE];
	ssize_t n = redis_conn_read(&r->conn, data, sizeof(data));

	r->read_wants_write = n == -EAGAIN && r->conn.wait == POLLOUT;
	if (n < 0)
		return (int)n;
	r->heard_ms = loop_now(r->loop);
	return redis_reader_feed(&r->reader, data, (size_t)n);
}

static void read_all(struct redis *r)
{
	int e = 0;

	for (int i = 0; i < READS_PER_TURN && attached(r) && e == 0; i++) {
		e = read_some(r);
		if (e == 0)
			drain(r);
	}
	if (!attached(r) || e == -EAGAIN)
		return;
	if (e < 0)
		redis_lose(r, NULL, e);
	else if (redis_conn_pending(&r->conn))
		redis_flow_soon(r);
}

static int write_all(struct redis *r)
{
	r->write_wants_write = false;
	while (buf_len(&r->out) > 0) {
		ssize_t n = redis_conn_write(&r->conn, buf_head(&r->out),
					     buf_len(&r->out));
		if (n == -EAGAIN) {
			r->write_wants_write = r->conn.wait == POLLOUT;
			return 0;
		}
		if (n < 0)
			return (int)n;
		buf_consume(&r->out, (size_t)n);
	}
	return 0;
}

void redis_flow_event(struct redis *r)
{
	/* What arrived before a failure to write still counts. */
	int e = write_all(r);

	read_all(r);
	if (!attached(r))
		return;
	if (e < 0) {
		redis_lose(r, NULL, e);
		return;
	}
	bool write = r->read_wants_write || r->write_wants_write;
	io_want(&r->io, IO_READ | (write ? IO_WRITE : 0));
}

static int ping(struct redis *r)
{
	const char *const argv[] = { "PING" };
	int e = redis_flow_room(r);

	if (e == 0)
		e = redis_put(&r->out, 1, argv, NULL);
	if (e == 0)
		redis_flow_push(r, (struct redis_pending){ .fn = NULL });
	return e;
}

static bool overdue(struct redis *r)
{
	return r->in_flight > 0 && slot(r, 0)->deadline_ms <= loop_now(r->loop);
}

/* The timer is not moved for every command; it comes early and looks. */
void redis_flow_timer(struct redis *r)
{
	int e = 0;

	/* If this process was stopped for a while, the replies are waiting. */
	if (overdue(r))
		read_all(r);
	if (r->state != REDIS_READY)
		return;
	if (overdue(r))
		e = -ETIMEDOUT;
	else if (r->in_flight == 0 &&
		 r->heard_ms + r->idle_ms <= loop_now(r->loop))
		e = ping(r);
	if (e < 0)
		redis_lose(r, "no reply in time", e);
	else
		redis_timer_at(r, r->in_flight > 0 ? slot(r, 0)->deadline_ms
						   : r->heard_ms + r->idle_ms);
}
