/* What a WebSocket client sends: the request, then frames. */
#include <string.h>

#include "common/net/sock.h"
#include "common/net/ws_conn.h"
#include "common/proto/keys.h"
#include "common/proto/wsupgrade.h"

enum {
	DIGEST = 20, /* SHA-1 */
	ACCEPT = 32, /* its base64 */
	/* A client that relays sends two messages that nobody answers, and its
	 * kernel keeps the second until the first is acknowledged. */
	QUICK_READS = 5, /* the request, and four messages */
};

/* --- the request -----------------------------------------------------------
 */

static void write_answer(struct ws *ws, const char *text, size_t len)
{
	if (ws_conn_answer(ws, text, len) < 0)
		ws_conn_doom(ws, "disconnected");
}

static void refuse(struct ws *ws, enum wsupgrade_result why)
{
	char answer[WSUPGRADE_ANSWER_MAX];

	ws->cx->counts.bad_request++;
	write_answer(ws, answer, wsupgrade_refuse(why, answer));
	ws_conn_refused(ws);
}

/* It would not understand an answer. */
static void refuse_foreign(struct ws *ws, enum foreign what)
{
	ws->cx->counts.foreign[what]++;
	foreign_log(what, ws->cx->o.name, &ws->peer);
	ws_conn_doom(ws, foreign_word(what));
}

/* RFC 6455 4.2.2, 5.4. */
static void accept_of(const char *nonce, char out[static ACCEPT])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char all[WSUPGRADE_NONCE + sizeof guid - 1];
	unsigned char digest[DIGEST];

	memcpy(all, nonce, WSUPGRADE_NONCE);
	memcpy(all + WSUPGRADE_NONCE, guid, sizeof guid - 1);
	lws_SHA1(all, sizeof all, digest);
	keys_base64(out, ACCEPT, digest, sizeof digest);
}

static void upgrade(struct ws *ws, const struct wsupgrade *u)
{
	char answer[WSUPGRADE_ANSWER_MAX], accept[ACCEPT];
	struct forwarded_headers headers = wsupgrade_headers(u);
	struct forwarded from =
		forwarded_read(ws->cx->o.trusted, &ws->peer, &headers);

	accept_of(u->nonce, accept);
	write_answer(ws, answer, wsupgrade_accept(accept, answer));
	buf_consume(&ws->in, u->head_len);
	if (!ws->doomed)
		ws_conn_open(ws, &from);
}

static void take_request(struct ws *ws, const uint8_t *data, size_t len)
{
	struct wsupgrade u;

	if (buf_append(&ws->in, data, len) < 0) {
		ws_conn_doom(ws, "no_memory");
		return;
	}
	enum foreign what = foreign_look(buf_head(&ws->in), buf_len(&ws->in));
	if (what != FOREIGN_NONE) {
		refuse_foreign(ws, what);
		return;
	}
	enum wsupgrade_result r =
		wsupgrade_parse(buf_head(&ws->in), buf_len(&ws->in), &u);
	if (r == WSUPGRADE_OK)
		upgrade(ws, &u);
	else if (r != WSUPGRADE_MORE)
		refuse(ws, r);
}

/* --- frames ----------------------------------------------------------------
 */

static void take_ping(struct ws *ws)
{
	buf_fini(&ws->ping);
	ws->ping = ws->control;
	ws->pinged = true;
	buf_init(&ws->control, WSFRAME_CONTROL_MAX);
	ws_conn_dirty(ws);
}

static void take_control(struct ws *ws, const struct wsframe_part *p)
{
	if (buf_append(&ws->control, p->data, p->len) < 0) {
		ws_conn_doom(ws, "no_memory");
		return;
	}
	if (!p->last)
		return;
	if (p->kind == WSFRAME_PING && !ws->closing)
		take_ping(ws);
	else if (p->kind == WSFRAME_CLOSE)
		ws_conn_peer_close(ws, buf_head(&ws->control),
				   buf_len(&ws->control));
	buf_fini(&ws->control);
}

static void deliver(struct ws *ws, const uint8_t *data, size_t len,
		    const struct wsframe_part *p)
{
	ws->cx->ev.on_message(ws->conn, len > 0 ? data : (const uint8_t *)"",
			      len, p->kind == WSFRAME_BINARY);
}

static bool may_hold(struct ws *ws, size_t bytes)
{
	return !ws->cx->ev.on_held || ws->cx->ev.on_held(ws->conn, bytes);
}

static void take_data(struct ws *ws, const struct wsframe_part *p)
{
	size_t have = buf_len(&ws->message) + p->len;

	if (have > ws->message.cap || p->left > ws->message.cap - have) {
		ws_conn_close(ws, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
			      "too_big");
		return;
	}
	if (p->first && p->last) {
		deliver(ws, p->data, p->len, p);
		return;
	}
	if (buf_append(&ws->message, p->data, p->len) < 0) {
		ws_conn_doom(ws, "no_memory");
		return;
	}
	if (!may_hold(ws, p->last ? 0 : have)) {
		ws_conn_close(ws, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "memory");
		return;
	}
	if (p->last) {
		struct buf whole = ws->message;
		buf_init(&ws->message, whole.cap);
		deliver(ws, buf_head(&whole), buf_len(&whole), p);
		buf_fini(&whole);
	}
}

/* There is no telling where the next frame begins. */
static void refuse_frame(struct ws *ws)
{
	ws_conn_close(ws, LWS_CLOSE_STATUS_PROTOCOL_ERR, "protocol_error");
	ws->deaf = true;
}

/* Hands out what the bytes hold; returns how many were used. Of a connection
 * that closes only the peer's Close matters. */
static size_t feed(struct ws *ws, uint8_t *data, size_t len)
{
	size_t used = 0;

	while (!ws->paused && !ws->deaf) {
		struct wsframe_part p;
		int got = wsframe_read(&ws->reader, data, len, &used, &p);
		if (got == 0)
			break;
		if (got < 0) {
			refuse_frame(ws);
			break;
		}
		if (p.kind >= WSFRAME_CLOSE)
			take_control(ws, &p);
		else if (!ws->closing)
			take_data(ws, &p);
	}
	return used;
}

void ws_in_resume(struct ws *ws)
{
	if (ws->deaf || buf_len(&ws->in) == 0)
		return;
	buf_consume(&ws->in,
		    feed(ws, ws->in.data + ws->in.head, buf_len(&ws->in)));
}

void ws_in_receive(struct ws *ws, uint8_t *data, size_t len)
{
	if (ws->deaf)
		return;
	if (ws->quick < QUICK_READS) {
		ws->quick++;
		sock_quickack(lws_get_socket_fd(ws->wsi));
	}
	if (!ws->open) {
		take_request(ws, data, len);
		if (ws->open)
			ws_in_resume(ws); /* frames came with the request */
		return;
	}
	size_t used = buf_len(&ws->in) > 0 ? 0 : feed(ws, data, len);
	if (ws->deaf || used == len)
		return;
	if (buf_append(&ws->in, data + used, len - used) < 0)
		ws_conn_doom(ws, "no_memory");
	else
		ws_in_resume(ws);
}
