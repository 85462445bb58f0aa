#include "common/net/ws_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/base/log.h"
#include "common/proto/wsupgrade.h"

enum {
	WRITE_BUDGET = 4, /* batches per turn, then others get one */
	LINGER_MS = 5000, /* to take what is queued, and to answer Close */
	TICK_MS = 100,    /* resolution of the two deadlines */
};

static struct ws *first(struct lws_dll2_owner *list)
{
	struct lws_dll2 *d = lws_dll2_get_head(list);

	return d ? lws_container_of(d, struct ws, link) : NULL;
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

void ws_conn_dirty(struct ws *ws)
{
	if (!lws_dll2_is_detached(&ws->output))
		return;
	lws_dll2_add_tail(&ws->output, &ws->cx->dirty);
	act_at_turn_end(ws->cx);
}

void ws_conn_doom(struct ws *ws, const char *reason)
{
	ws->doomed = ws->deaf = true;
	ws->closing = true;
	if (!ws->reason)
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
	ws->doomed = ws->deaf = true;
	shutdown(lws_get_socket_fd(ws->wsi), SHUT_RDWR);
	lws_set_timeout(ws->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

static void cut_expired(struct lws_dll2_owner *list, uint64_t now)
{
	struct ws *ws;

	while ((ws = first(list)) && ws->deadline_ms <= now) {
		if (!ws->reason)
			ws->reason = "timeout";
		if (!ws->open && !ws->closing)
			ws->cx->counts.late++;
		cut(ws);
	}
}

void ws_conn_tick(void *ctx)
{
	struct ws_context *cx = ctx;
	uint64_t now = loop_now(cx->loop);

	cut_expired(&cx->handshaking, now);
	cut_expired(&cx->lingering, now);
	if (cx->handshaking.count + cx->lingering.count == 0) {
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

/* SSL_write() that takes as much as the socket does. */
static ssize_t put_tls(SSL *ssl, const uint8_t *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t n = 0;
		ERR_clear_error();
		if (SSL_write_ex(ssl, data + done, len - done, &n) != 1) {
			int e = SSL_get_error(ssl, 0);
			if (e != SSL_ERROR_WANT_WRITE &&
			    e != SSL_ERROR_WANT_READ)
				return -1;
			break;
		}
		done += n;
	}
	return (ssize_t)done;
}

/* libwebsockets' own call would keep what does not fit, and read nothing from
 * the peer until that is gone. Returns what was taken, or -1. */
static ssize_t put(struct ws *ws, const uint8_t *data, size_t len)
{
	SSL *ssl = lws_get_ssl(ws->wsi);

	if (ssl)
		return put_tls(ssl, data, len);
	ssize_t n = send(lws_get_socket_fd(ws->wsi), data, len,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

int ws_conn_answer(struct ws *ws, const char *text, size_t len)
{
	/* The socket is new: it takes a few hundred bytes. */
	return put(ws, (const uint8_t *)text, len) == (ssize_t)len ? 0 : -1;
}

/* Of several pings the newest is answered (RFC 6455 5.5.3). */
static void make_pong(struct ws *ws)
{
	if (!ws->pinged || ws->closing || buf_len(&ws->pong) > 0)
		return;
	ws->pinged = false;
	(void)!wsframe_put_control(&ws->pong, WSFRAME_PONG, buf_head(&ws->ping),
				   buf_len(&ws->ping));
	buf_fini(&ws->ping);
}

/* Writes of FROM what is at most N bytes; the rest is WS->owed. */
static int write_part(struct ws *ws, struct buf *from, size_t n)
{
	ssize_t taken = put(ws, buf_head(from), n);

	if (taken < 0)
		return -1;
	buf_consume(from, (size_t)taken);
	ws->owed = n - (size_t)taken;
	return 0;
}

/* Frames stay whole: what was begun is ended before anything else. */
static int write_queued(struct ws *ws)
{
	if (ws_splice_write(ws) < 0)
		return -1;
	for (int i = 0; i < WRITE_BUDGET && ws->spliced == 0; i++) {
		struct buf *from = &ws->out;
		size_t n = ws->owed;
		if (n == 0)
			make_pong(ws);
		if (buf_len(&ws->pong) > 0 && (n == 0 || ws->owes_pong)) {
			from = &ws->pong;
			n = buf_len(from);
		} else if (n == 0) {
			n = wsframe_batch(from);
		}
		if (n == 0)
			return 0;
		ws->owes_pong = from == &ws->pong;
		if (write_part(ws, from, n) < 0)
			return -1;
		if (ws->owed > 0)
			return 0;
	}
	return 0;
}

static void tell_drained(struct ws *ws)
{
	if (!ws->above_mark || ws->spliced > 0 ||
	    buf_len(&ws->out) > ws->cx->o.low_mark)
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
	if (ws->spliced + buf_len(&ws->out) + buf_len(&ws->pong) > 0) {
		lws_callback_on_writable(ws->wsi);
	} else if (ws->peer_closed) {
		ws_conn_doom(ws, "peer_closed");
	} else if (ws->closing) {
		/* The end right behind Close; the peer may still answer. */
		shutdown(lws_get_socket_fd(ws->wsi), SHUT_WR);
	}
}

int ws_conn_writable(struct ws *ws)
{
	if (ws->doomed || !ws->open)
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
			ws_conn_doom(ws, "disconnected");
	}
}

static void look_again(struct ws_context *cx)
{
	for (uint32_t n = cx->resumed.count; n > 0; n--) {
		struct lws_dll2 *d = lws_dll2_get_head(&cx->resumed);
		lws_dll2_remove(d);
		ws_in_resume(lws_container_of(d, struct ws, input));
	}
}

void ws_conn_turn_end(struct deferred *d)
{
	struct ws_context *cx = container_of(d, struct ws_context, turn_end);
	struct ws *ws;

	cx->turn_end_due = false;
	look_again(cx);
	write_dirty(cx);
	while ((ws = first(&cx->doomed)))
		cut(ws);
}

void ws_conn_close(struct ws *ws, uint16_t code, const char *reason)
{
	if (ws->closing)
		return;
	ws->closing = true;
	ws->reason = reason;
	buf_fini(&ws->message);
	wsframe_put_close(&ws->out, code);
	set_deadline(ws, &ws->cx->lingering, LINGER_MS);
	ws_conn_dirty(ws);
	ws_resume(ws); /* to see the peer's answer */
}

/* But for the rest of what was begun. */
static void drop_unsent(struct ws *ws)
{
	size_t keep = ws->owes_pong ? 0 : ws->owed;

	ws->out.tail = ws->out.head + keep;
	if (keep == 0)
		buf_fini(&ws->out);
}

void ws_conn_peer_close(struct ws *ws, const uint8_t *data, size_t len)
{
	static const uint8_t malformed[] = { 1002 >> 8, 1002 & 0xff };

	if (ws->closing) { /* the answer to ours */
		ws_conn_doom(ws, "closed");
		return;
	}
	ws->closing = ws->deaf = ws->peer_closed = true;
	ws->reason = "peer_closed";
	buf_fini(&ws->message);
	drop_unsent(ws); /* the peer takes nothing behind its Close */
	(void)!wsframe_put_control(&ws->out, WSFRAME_CLOSE,
				   len == 1 ? malformed : data,
				   len == 0 ? 0 : 2);
	set_deadline(ws, &ws->cx->lingering, LINGER_MS);
	ws_conn_dirty(ws);
}

/* --- not open yet -----------------------------------------------------------
 */

static void log_crowd(const char *why, const struct addr *peer)
{
	struct log_line l;

	log_begin(&l, LOG_WARN, "websocket_crowd");
	log_str(&l, "reason", why);
	log_addr(&l, "from", peer);
	log_end(&l);
}

int ws_conn_admit(struct ws_context *cx, const struct addr *peer)
{
	struct ws *oldest = first(&cx->handshaking);

	/* Of a proxy there are as many as it has clients. */
	if (!trusted_has(cx->o.trusted, peer) &&
	    quota_take(&cx->half_open, peer) < 0) {
		cx->counts.per_ip++;
		log_crowd("cap_ip", peer);
		return -EDQUOT;
	}
	if (cx->handshaking.count < cx->o.max_half_open || !oldest)
		return 0;
	cx->counts.crowded_out++;
	log_crowd("oldest_makes_room", &oldest->peer);
	cut(oldest);
	return 0;
}

void ws_conn_give_place(struct ws_context *cx, const struct addr *peer)
{
	if (!trusted_has(cx->o.trusted, peer))
		quota_give(&cx->half_open, peer);
}

static void leave_half_open(struct ws *ws)
{
	if (ws->counted)
		ws_conn_give_place(ws->cx, &ws->peer);
	ws->counted = false;
}

int ws_conn_adopted(struct ws_context *cx, struct lws *wsi)
{
	struct ws *ws = calloc(1, sizeof *ws);

	if (!ws)
		return -1;
	ws->wsi = wsi;
	ws->cx = cx;
	ws->peer = *cx->adopting;
	ws->counted = true;
	cx->adopting = NULL; /* its place is ours to give back now */
	buf_init(&ws->in, WSUPGRADE_MAX + 2 * (size_t)WSFRAME_BATCH);
	buf_init(&ws->message, cx->o.max_message);
	buf_init(&ws->control, WSFRAME_CONTROL_MAX);
	buf_init(&ws->out, cx->o.max_queue);
	lws_set_opaque_user_data(wsi, ws);
	/* The library's own time-outs are kept in a list that is searched
	 * from its start at every insertion; ours does not need them. */
	lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	set_deadline(ws, &cx->handshaking, cx->o.handshake_ms);
	return 0;
}

void ws_conn_open(struct ws *ws, const struct forwarded *from)
{
	struct ws_context *cx = ws->cx;

	ws->open = true;
	lws_dll2_remove(&ws->link);
	leave_half_open(ws);
	lws_set_timeout(ws->wsi, NO_PENDING_TIMEOUT, 0); /* of TLS */
	ws->conn = cx->ev.on_open(cx->owner, ws, from);
	if (!ws->conn)
		ws_conn_close(ws, LWS_CLOSE_STATUS_POLICY_VIOLATION, "refused");
}

/* It keeps its place and its deadline while the peer reads the answer. */
void ws_conn_refused(struct ws *ws)
{
	ws->closing = ws->deaf = true;
	buf_fini(&ws->in);
	shutdown(lws_get_socket_fd(ws->wsi), SHUT_WR);
}

/* --- the end ----------------------------------------------------------------
 */

void ws_conn_closed(struct ws *ws)
{
	void *conn = ws->conn;

	/* The end may have been read in the turn of a resume. */
	if (!ws->closing && ws->open)
		ws_in_resume(ws);
	lws_dll2_remove(&ws->link);
	lws_dll2_remove(&ws->output);
	lws_dll2_remove(&ws->input);
	leave_half_open(ws);
	ws->closing = true;
	ws->doomed = ws->deaf = true;
	ws->conn = NULL;
	if (conn)
		ws->cx->ev.on_close(conn,
				    ws->reason ? ws->reason : "disconnected");
}

void ws_conn_destroyed(struct ws *ws)
{
	lws_dll2_remove(&ws->link);
	lws_dll2_remove(&ws->output);
	lws_dll2_remove(&ws->input);
	leave_half_open(ws);
	buf_fini(&ws->in);
	buf_fini(&ws->message);
	buf_fini(&ws->control);
	buf_fini(&ws->ping);
	buf_fini(&ws->pong);
	buf_fini(&ws->out);
	free(ws);
}

int ws_send(struct ws *ws, const void *data, size_t len)
{
	return ws_send_part(ws, data, len, true, true);
}

int ws_send_part(struct ws *ws, const void *data, size_t len, bool first,
		 bool last)
{
	if (ws->closing)
		return -EPIPE;
	if (wsframe_put_part(&ws->out, data, len, first, last) < 0) {
		ws_conn_doom(ws, "queue_full");
		return -ENOBUFS;
	}
	if (buf_len(&ws->out) > ws->cx->o.low_mark)
		ws->above_mark = true;
	ws_conn_dirty(ws);
	return 0;
}

void ws_set_max_message(struct ws *ws, size_t max_message)
{
	ws->message.cap = max_message;
}

size_t ws_queued(const struct ws *ws)
{
	return ws->spliced + buf_len(&ws->out);
}

static void set_paused(struct ws *ws, bool paused)
{
	if (paused == ws->paused)
		return;
	ws->paused = paused;
	lws_rx_flow_control(ws->wsi, !paused);
	if (!paused && buf_len(&ws->in) > 0 &&
	    lws_dll2_is_detached(&ws->input)) {
		lws_dll2_add_tail(&ws->input, &ws->cx->resumed);
		act_at_turn_end(ws->cx);
	}
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
	ws_conn_close(ws, code, "closed");
}
