/*
 * ws_conn: what one WebSocket connection is between two calls of
 * libwebsockets. Private to ws.c and ws_*.c.
 *
 *   adopted ──► HTTP upgrade ──► open ──► closing ──► closed ──► destroyed
 *      │        10 s at most │     │      5 s at most   ▲
 *      └─────────────────────┴─────┴────────────────────┘
 *
 * libwebsockets knows only a stream of bytes. What comes in goes through
 * ws_in.c; what goes out is framed by wsframe. Writing waits for the end of
 * the turn: what a turn sends leaves in one write, and nothing is closed while
 * libwebsockets may be on the stack. A Pong finds room between two batches of
 * whole frames.
 */
#pragma once

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "common/base/buf.h"
#include "common/base/quota.h"
#include "common/net/ws.h"
#include "common/proto/wsframe.h"

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
	struct lws_dll2_owner doomed;  /* to be cut at the end of this turn */
	struct lws_dll2_owner dirty;   /* to be written to at its end */
	struct lws_dll2_owner resumed; /* to look at what they hold */
	struct quota half_open;
	struct ws_counts counts;
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
	struct lws_dll2 output; /* on dirty, or none */
	struct lws_dll2 input;  /* on resumed, or none */
	uint64_t deadline_ms;
	struct wsframe_reader reader;
	struct buf in;      /* an incomplete request; what came while paused */
	struct buf message; /* fragments of an incomplete message */
	struct buf control; /* of an incomplete control frame */
	struct buf ping;    /* the newest that has no answer yet */
	struct buf pong;    /* the frame that answers an older one */
	struct buf out;     /* frames not yet written */
	int pipe;           /* of the owner; goes before OUT ... */
	size_t spliced;     /* ... and holds so many bytes of whole frames */
	size_t owed;        /* bytes of frames that were begun ... */
	bool owes_pong;     /* ... of PONG, not of OUT */
	const char *reason;
	struct addr peer;
	uint8_t quick; /* reads acknowledged at once so far */
	bool open;     /* the upgrade is done */
	bool counted;  /* has a place among those that are not open */
	bool pinged;   /* PING is to be answered */
	bool paused;
	bool closing;     /* no more messages either way */
	bool deaf;        /* what comes is not looked at */
	bool peer_closed; /* ends when its Close was answered */
	bool doomed;      /* on that list, or cut */
	bool above_mark;  /* owes an on_drain */
};

/* Where an event returns int, it is what libwebsockets wants to know: 0 to go
 * on, -1 to hang up. */
int ws_conn_adopted(struct ws_context *cx, struct lws *wsi);
int ws_conn_writable(struct ws *ws);
void ws_conn_closed(struct ws *ws);
void ws_conn_destroyed(struct ws *ws);

/* A place among those that are not open: 0, or -EDQUOT. The oldest goes if
 * all are taken. */
MUST_USE int ws_conn_admit(struct ws_context *cx, const struct addr *peer);

void ws_conn_give_place(struct ws_context *cx, const struct addr *peer);

void ws_conn_turn_end(struct deferred *d); /* of ws_context.turn_end */
void ws_conn_tick(void *cx);               /* of ws_context.tick */

/* The upgrade is done: FROM is who it is. */
void ws_conn_open(struct ws *ws, const struct forwarded *from);
/* Sends what is queued, then Close CODE. */
void ws_conn_close(struct ws *ws, uint16_t code, const char *reason);
/* The peer's Close, with LEN bytes at DATA, is answered. */
void ws_conn_peer_close(struct ws *ws, const uint8_t *data, size_t len);
/* Ends a connection without a word, at the end of the turn. */
void ws_conn_doom(struct ws *ws, const char *reason);
/* Something waits to be written. */
void ws_conn_dirty(struct ws *ws);
/* Writes the answer to a request at once. 0 or -1. */
MUST_USE int ws_conn_answer(struct ws *ws, const char *text, size_t len);
/* Ends a request that was answered with an error. */
void ws_conn_refused(struct ws *ws);

/* --- ws_in.c ---------------------------------------------------------------
 */

/* LEN bytes have come; they are unmasked in place. */
void ws_in_receive(struct ws *ws, uint8_t *data, size_t len);
/* What is held is looked at again. */
void ws_in_resume(struct ws *ws);

/* --- ws_splice.c -----------------------------------------------------------
 */

/* Writes what the pipe holds, as far as the socket takes it. 0 or -1. */
MUST_USE int ws_splice_write(struct ws *ws);

/* --- ws_cert.c -------------------------------------------------------------
 */

/* Looks at the files of the certificate from now on. */
void ws_cert_watch(struct ws_context *cx);
/* A vhost with the certificate as it is now; NULL: chain and key are no
 * pair, or unreadable. */
struct lws_vhost *ws_cert_vhost(struct ws_context *cx, const char *name);
