/*
 * ws: WebSocket connections on our loop, by libwebsockets as a guest.
 *
 * Our own listener accepts; ws adopts the descriptor, answers the HTTP
 * upgrade on any path (spec 1.5), and from then on delivers whole messages.
 * With a certificate the same port takes TLS and plain, told apart by the
 * first byte. One context per loop; never called from another thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/net/loop.h"
#include "common/proto/forwarded.h"

struct ws_context;
struct ws; /* one connection; heap, freed after on_close */

struct ws_events {
	/* The upgrade is done. CLIENT is the address behind a trusted proxy,
	 * else the peer (its port is always the peer's port: unique). Returns
	 * the context for later events, or NULL to refuse (closes). */
	void *(*on_open)(void *owner, struct ws *ws, const struct addr *client,
			 bool proxied);
	/* One whole message. Text messages come with BINARY false. DATA is
	 * valid during the call. */
	void (*on_message)(void *conn, const uint8_t *data, size_t len,
			   bool binary);
	/* As stream_events.on_held. */
	bool (*on_held)(void *conn, size_t bytes);
	/* The queue fell to or below the low mark after being above it. */
	void (*on_drain)(void *conn);
	/* Last event; WS is gone afterwards. REASON is a literal. */
	void (*on_close)(void *conn, const char *reason);
};

struct ws_opts {
	const char *name;              /* for logs */
	size_t max_message;            /* inbound cap, bytes; larger closes */
	size_t max_queue;              /* outbound cap, bytes; beyond closes */
	size_t low_mark;               /* for on_drain */
	unsigned handshake_ms;         /* HTTP upgrade deadline (10 000) */
	const struct trusted *trusted; /* whose X-Real-IP counts; borrowed */
	const char *cert_file;         /* PEM chain, or "" for plain only */
	const char *key_file;
};

MUST_USE int ws_context_open(struct loop *l, const struct ws_opts *o,
			     const struct ws_events *ev, void *owner,
			     struct ws_context **out);
/* Closes every connection (on_close for each) and frees the context once the
 * loop has run its handles down; call on the loop's thread before stopping,
 * not inside an event. */
void ws_context_close(struct ws_context *cx);

/* Looks at the certificate now instead of within half a minute. A pair that
 * has changed and is good serves who connects from now on; a bad one is
 * logged and the old one stays. NULL is fine. */
void ws_context_reload(struct ws_context *cx);

/* Takes FD (also on failure). 0 or -errno. */
MUST_USE int ws_adopt(struct ws_context *cx, int fd, const struct addr *peer);

/* Copies one binary message to the queue, which is written at the end of this
 * turn of the loop. 0, or -ENOBUFS beyond max_queue
 * (the connection is closed then) or -EPIPE when closing. */
MUST_USE int ws_send(struct ws *ws, const void *data, size_t len);

/* Largest inbound message from now on (ws_opts.max_message until then): a
 * first message may be small only, a relayed one large. */
void ws_set_max_message(struct ws *ws, size_t max_message);

size_t ws_queued(const struct ws *ws); /* bytes not yet written */
/* Stops reading (back-pressure); whether the peer has gone is not noticed
 * either until ws_resume() or a write. */
void ws_pause(struct ws *ws);
void ws_resume(struct ws *ws);
/* Sends what is queued, then Close CODE; on_close follows later. */
void ws_close(struct ws *ws, uint16_t code);
