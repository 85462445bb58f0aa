/*
 * ws_conn: what one WebSocket connection is between two calls of
 * libwebsockets. Private to ws.c, ws_conn.c and ws_cert.c.
 *
 *   adopted ──► HTTP upgrade ──► open ──► closing ──► closed ──► destroyed
 *      │        10 s at most │     │      5 s at most   ▲
 *      └─────────────────────┴─────┴────────────────────┘
 *
 * What goes out is framed by wsframe and handed to libwebsockets raw, because
 * its own call sends one frame per turn of the loop. It still writes Pong and
 * the echo of a Close, so each raw write ends with a whole frame. Writing
 * waits for the end of the turn: what a turn sends leaves in one write, and
 * nothing is closed while libwebsockets may be on the stack.
 */
#pragma once

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "common/base/buf.h"
#include "common/net/ws.h"

/* What tells one certificate and key from their successors. */
struct ws_stamp {
	uint64_t inode[2];
	struct timespec changed[2];
};

struct ws_context {
	struct lws_context *lws; /* cleared by libwebsockets at the very end */
	struct lws_vhost *vhost;
	struct lws_protocols protocols[2];
	struct loop *loop;
	struct ws_events ev;
	void *owner;
	struct ws_opts o;
	const struct addr *adopting; /* peer of the descriptor handed over */
	/* Connections in the order of their deadlines: one limit per list. */
	struct lws_dll2_owner handshaking;
	struct lws_dll2_owner lingering;
	struct lws_dll2_owner doomed; /* to be cut at the end of this turn */
	struct lws_dll2_owner dirty;  /* to be written to at its end */
	struct lws_dll2_owner stuck;  /* libwebsockets holds a partial write */
	struct deferred turn_end;
	struct deferred end;
	struct timer tick;
	struct timer look;     /* at the certificate */
	struct ws_stamp stamp; /* of the one that was loaded last */
	bool tls;
	bool turn_end_due;
	bool ticking;
	bool closing;
};

struct ws {
	struct lws *wsi;
	struct ws_context *cx;
	void *conn;             /* the owner's; NULL: no events */
	struct lws_dll2 link;   /* on one of the first three lists, or none */
	struct lws_dll2 output; /* on one of the other two, or none */
	uint64_t deadline_ms;
	struct buf in;  /* fragments of an incomplete message */
	struct buf out; /* whole frames not yet written */
	const char *reason;
	struct addr client; /* the peer until the headers were read */
	bool proxied;
	uint8_t quick; /* messages acknowledged at once so far */
	bool paused;
	bool closing;     /* no more messages either way */
	bool peer_closed; /* libwebsockets answers, we write no more */
	bool above_mark;  /* owes an on_drain */
};

/* Where an event returns int, it is what libwebsockets wants to know: 0 to go
 * on, -1 to hang up. */
int ws_conn_adopted(struct ws_context *cx, struct lws *wsi);
void ws_conn_established(struct ws *ws);
void ws_conn_receive(struct ws *ws, const uint8_t *data, size_t len);
int ws_conn_writable(struct ws *ws);
int ws_conn_peer_close(struct ws *ws);
void ws_conn_closed(struct ws *ws);
void ws_conn_destroyed(struct ws *ws);

void ws_conn_turn_end(struct deferred *d); /* of ws_context.turn_end */
void ws_conn_tick(void *cx);               /* of ws_context.tick */

/* Looks at the files of the certificate from now on (ws_cert.c). */
void ws_cert_watch(struct ws_context *cx);
/* A vhost with the certificate as it is now; NULL: chain and key are no
 * pair, or unreadable. */
struct lws_vhost *ws_cert_vhost(struct ws_context *cx, const char *name);
