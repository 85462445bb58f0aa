#include "common/net/ws_conn.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/net/sock.h"
#include "common/proto/wsframe.h"

enum {
	WRITE_BUDGET = 4, /* batches per turn, then others get one */
	LINGER_MS = 5000, /* to take what is queued, and to answer Close */
	TICK_MS = 100,    /* resolution of the two deadlines */
	/* A client that relays sends two messages that nobody answers, and
	 * its kernel keeps the second until the first is acknowledged. */
	QUICK_MESSAGES = 4,
};

static struct ws *first(struct lws_dll2_owner *list)
{
	struct lws_dll2 *d = lws_dll2_get_head(list);

	return d != NULL ? lws_container_of(d, struct ws, link) : NULL;
}

static void move_to(struct lws_dll2_owner *list, struct ws *ws)
{
	lws_dll2_remove(&ws->link);
	lws_dll2_add_tail(&ws->link, list);
}

static void act_at_turn_end(struct ws_context *cx)
{
	if (cx->turn_end_due)
		return;
	cx->turn_end_due = true;
	loop_defer(cx->loop, &cx->turn_end);
}

static void write_at_turn_end(struct ws *ws)
{
	if (!lws_dll2_is_detached(&ws->output))
		return; /* or stuck: it will be asked when that is over */
	lws_dll2_add_tail(&ws->output, &ws->cx->dirty);
	act_at_turn_end(ws->cx);
}

/* Ends a connection without a word. */
static void doom(struct ws *ws, const char *reason)
{
	ws->closing = true;
	if (ws->reason == NULL)
		ws->reason = reason;
	move_to(&ws->cx->doomed, ws);
	act_at_turn_end(ws->cx);
}

/* The socket first: libwebsockets would otherwise wait until a stuck peer has
 * taken what was handed over before. */
static void cut(struct ws *ws)
{
	lws_dll2_remove(&ws->link);
	lws_dll2_remove(&ws->output);
	ws->closing = true;
	shutdown(lws_get_socket_fd(ws->wsi), SHUT_RDWR);
	lws_set_timeout(ws->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

static void cut_expired(struct lws_dll2_owner *list, uint64_t now)
{
	struct ws *ws;

	while ((ws = first(list)) != NULL && ws->deadline_ms <= now) {
		if (ws->reason == NULL)
			ws->reason = "timeout";
		cut(ws);
	}
}

/* A peer that takes nothing and has ended its side: libwebsockets would spin
 * on that end until it has delivered the rest, five seconds long. */
static void cut_half_closed(struct lws_dll2_owner *stuck)
{
	lws_start_foreach_dll_safe(struct lws_dll2 *, d, next,
				   lws_dll2_get_head(stuck))
	{
		struct ws *ws = lws_container_of(d, struct ws, output);
		char c;
		if (recv(lws_get_socket_fd(ws->wsi), &c, 1,
			 MSG_PEEK | MSG_DONTWAIT) == 0)
			cut(ws);
	}
	lws_end_foreach_dll_safe(d, next);
}

void ws_conn_tick(void *ctx)
{
	struct ws_context *cx = ctx;
	uint64_t now = loop_now(cx->loop);

	cut_expired(&cx->handshaking, now);
	cut_expired(&cx->lingering, now);
	cut_half_closed(&cx->stuck);
	if (cx->handshaking.count + cx->lingering.count + cx->stuck.count ==
	    0) {
		timer_stop(&cx->tick);
		cx->ticking = false;
	}
}

static void start_ticking(struct ws_context *cx)
{
	if (cx->ticking || cx->closing)
		return;
	cx->ticking = true;
	timer_start(&cx->tick, TICK_MS, TICK_MS);
}

static void set_deadline(struct ws *ws, struct lws_dll2_owner *list,
			 unsigned ms)
{
	struct ws_context *cx = ws->cx;

	ws->deadline_ms = loop_now(cx->loop) + ms;
	move_to(list, ws);
	start_ticking(cx);
}

static int write_queued(struct ws *ws)
{
	for (int i = 0; i < WRITE_BUDGET; i++) {
		size_t n = wsframe_batch(&ws->out);
		if (n == 0 || lws_partial_buffered(ws->wsi))
			return 0;
		uint8_t *data = ws->out.data + ws->out.head;
		if (lws_write(ws->wsi, data, n, LWS_WRITE_HTTP) < 0)
			return -1;
		buf_consume(&ws->out, n);
	}
	return 0;
}

static void tell_drained(struct ws *ws)
{
	if (!ws->above_mark || buf_len(&ws->out) > ws->cx->o.low_mark)
		return;
	ws->above_mark = false;
	if (!ws->closing)
		ws->cx->ev.on_drain(ws->conn);
}

/* What comes next when everything that could be written was written. */
static void after_write(struct ws *ws)
{
	lws_dll2_remove(&ws->output);
	if (buf_len(&ws->out) == 0)
		buf_fini(&ws->out);
	if (lws_partial_buffered(ws->wsi)) {
		lws_dll2_add_tail(&ws->output, &ws->cx->stuck);
		start_ticking(ws->cx);
	} else if (buf_len(&ws->out) > 0) {
		lws_callback_on_writable(ws->wsi);
	} else if (ws->closing) {
		/* The end right behind Close; the peer may still answer. */
		shutdown(lws_get_socket_fd(ws->wsi), SHUT_WR);
	}
}

int ws_conn_writable(struct ws *ws)
{
	if (ws->peer_closed)
		return 0;
	if (write_queued(ws) < 0)
		return -1;
	after_write(ws);
	tell_drained(ws);
	return 0;
}

/* Tries at once: asking to be told when it is possible would cost four
 * system calls and a turn. */
static void write_dirty(struct ws_context *cx)
{
	/* Those that on_drain adds are written to in the next turn. */
	for (uint32_t n = cx->dirty.count; n > 0; n--) {
		struct lws_dll2 *d = lws_dll2_get_head(&cx->dirty);
		struct ws *ws = lws_container_of(d, struct ws, output);
		lws_dll2_remove(d);
		if (ws_conn_writable(ws) < 0)
			doom(ws, "disconnected");
	}
}

void ws_conn_turn_end(struct deferred *d)
{
	struct ws_context *cx = container_of(d, struct ws_context, turn_end);
	struct ws *ws;

	cx->turn_end_due = false;
	write_dirty(cx);
	while ((ws = first(&cx->doomed)) != NULL)
		cut(ws);
}

/* Close goes through our queue: Debian's libwebsockets is a debug build that
 * ends a connection at once where it should send its own. */
static void close_for(struct ws *ws, uint16_t code, const char *reason)
{
	if (ws->closing)
		return;
	ws->closing = true;
	ws->reason = reason;
	wsframe_put_close(&ws->out, code);
	set_deadline(ws, &ws->cx->lingering, LINGER_MS);
	write_at_turn_end(ws);
	ws_resume(ws); /* to see the peer's answer */
}

/* The peer's address is known only here, so the state is made here. */
int ws_conn_adopted(struct ws_context *cx, struct lws *wsi)
{
	struct ws *ws = calloc(1, sizeof *ws);

	if (ws == NULL)
		return -1;
	ws->wsi = wsi;
	ws->cx = cx;
	ws->client = *cx->adopting;
	buf_init(&ws->in, cx->o.max_message);
	buf_init(&ws->out, cx->o.max_queue);
	lws_set_opaque_user_data(wsi, ws);
	/* The library's own time-outs are kept in a list that is searched
	 * from its start at every insertion; ours does not need them. */
	lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	set_deadline(ws, &cx->handshaking, cx->o.handshake_ms);
	return 0;
}

void ws_conn_established(struct ws *ws)
{
	struct ws_context *cx = ws->cx;

	lws_dll2_remove(&ws->link);
	ws->conn = cx->ev.on_open(cx->owner, ws, &ws->client, ws->proxied);
	if (ws->conn == NULL)
		close_for(ws, LWS_CLOSE_STATUS_POLICY_VIOLATION, "refused");
}

void ws_conn_receive(struct ws *ws, const uint8_t *data, size_t len)
{
	struct ws_context *cx = ws->cx;
	bool binary = lws_frame_is_binary(ws->wsi);
	bool last = lws_is_final_fragment(ws->wsi);
	size_t have = buf_len(&ws->in) + len;
	size_t announced = lws_remaining_packet_payload(ws->wsi);

	if (ws->closing)
		return;
	if (ws->quick < QUICK_MESSAGES) {
		ws->quick++;
		sock_quickack(lws_get_socket_fd(ws->wsi));
	}
	if (have > ws->in.cap || announced > ws->in.cap - have) {
		close_for(ws, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "too_big");
		return;
	}
	if (last && lws_is_first_fragment(ws->wsi)) {
		cx->ev.on_message(ws->conn, data, len, binary);
		return;
	}
	if (len > 0 && buf_append(&ws->in, data, len) < 0) {
		doom(ws, "no_memory");
		return;
	}
	if (cx->ev.on_held != NULL &&
	    !cx->ev.on_held(ws->conn, last ? 0 : buf_len(&ws->in))) {
		buf_fini(&ws->in);
		close_for(ws, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "memory");
		return;
	}
	if (last) {
		cx->ev.on_message(ws->conn, buf_head(&ws->in), buf_len(&ws->in),
				  binary);
		buf_fini(&ws->in);
	}
}

int ws_conn_peer_close(struct ws *ws)
{
	if (ws->closing)
		return -1;
	ws->closing = true;
	ws->peer_closed = true;
	ws->reason = "peer_closed";
	set_deadline(ws, &ws->cx->lingering, LINGER_MS);
	return 0;
}

void ws_conn_closed(struct ws *ws)
{
	void *conn = ws->conn;

	lws_dll2_remove(&ws->link);
	lws_dll2_remove(&ws->output);
	ws->closing = true;
	ws->conn = NULL;
	if (conn != NULL)
		ws->cx->ev.on_close(conn, ws->reason != NULL ? ws->reason
							     : "disconnected");
}

void ws_conn_destroyed(struct ws *ws)
{
	lws_dll2_remove(&ws->link);
	lws_dll2_remove(&ws->output);
	buf_fini(&ws->in);
	buf_fini(&ws->out);
	free(ws);
}

int ws_send(struct ws *ws, const void *data, size_t len)
{
	if (ws->closing)
		return -EPIPE;
	if (wsframe_put(&ws->out, data, len) < 0) {
		doom(ws, "queue_full");
		return -ENOBUFS;
	}
	if (buf_len(&ws->out) > ws->cx->o.low_mark)
		ws->above_mark = true;
	write_at_turn_end(ws);
	return 0;
}

void ws_set_max_message(struct ws *ws, size_t max_message)
{
	ws->in.cap = max_message;
}

size_t ws_queued(const struct ws *ws)
{
	return buf_len(&ws->out);
}

static void set_paused(struct ws *ws, bool paused)
{
	if (paused == ws->paused)
		return;
	ws->paused = paused;
	lws_rx_flow_control(ws->wsi, !paused);
}

void ws_pause(struct ws *ws)
{
	if (!ws->closing)
		set_paused(ws, true);
}

void ws_resume(struct ws *ws)
{
	set_paused(ws, false);
}

void ws_close(struct ws *ws, uint16_t code)
{
	close_for(ws, code, "closed");
}
