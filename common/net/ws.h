/*
 * ws: WebSocket connections on our loop (RFC 6455).
 *
 * Our own listener accepts; ws adopts the descriptor, answers the HTTP
 * upgrade on any path (spec 1.5), and from then on delivers whole messages.
 * libwebsockets is a guest of the loop that moves the bytes, through TLS or
 * not: with a certificate the same port takes both, told apart by the first
 * byte. Requests and frames are wsupgrade's and wsframe's.
 *
 * A connection that is not open yet has proved nothing: there are at most
 * ws_opts.max_half_open, and max_half_open_per_ip of one address unless it is
 * a trusted proxy. When all places are taken the oldest makes room.
 *
 * One context per loop; never called from another thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/net/loop.h"
#include "common/proto/foreign.h"
#include "common/proto/forwarded.h"

struct ws_context;
struct ws; /* one connection; heap, freed after on_close */

struct ws_events {
	/* The upgrade is done. FROM is the client behind a trusted proxy,
	 * else the peer (its port is always the peer's port: unique). Returns
	 * the context for later events, or NULL to refuse (closes). */
	void *(*on_open)(void *owner, struct ws *ws,
			 const struct forwarded *from);
	/* One whole message. Text messages come with BINARY false. DATA is
	 * valid during the call. */
	void (*on_message)(void *conn, const uint8_t *data, size_t len,
			   bool binary);
	/* The connection holds so many bytes of an incomplete message from now
	 * on, and ws_memory() has changed; false ends it ("memory"). NULL:
	 * nobody counts. */
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
	unsigned handshake_ms;         /* until it is open (10 000) */
	size_t max_half_open;          /* 0: WS_HALF_OPEN_MAX */
	unsigned max_half_open_per_ip; /* 0: WS_HALF_OPEN_PER_IP */
	const struct trusted *trusted; /* whose headers count; borrowed */
	const char *cert_file;         /* PEM chain, or "" for plain only */
	const char *key_file;
};

enum {
	/* About 16 KiB each, and the state of a TLS handshake: 100 MB. An
	 * honest one takes a round trip or three. */
	WS_HALF_OPEN_MAX = 2048,
	WS_HALF_OPEN_PER_IP = 256, /* an office behind one IPv4 address or
				      IPv6 /64 */
};

/* What became of connections that did not get open. */
struct ws_counts {
	size_t half_open;     /* now */
	uint64_t crowded_out; /* the oldest, when all places were taken */
	uint64_t per_ip;      /* one too many of its address */
	uint64_t late;        /* the whole request did not come in time */
	uint64_t bad_request;
	uint64_t foreign[FOREIGN_KINDS];
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

/* The state of now. CX may be NULL: all zero. */
struct ws_counts ws_context_counts(const struct ws_context *cx);

/* Takes FD (also on failure). 0, -EDQUOT (logged) or another -errno. */
MUST_USE int ws_adopt(struct ws_context *cx, int fd, const struct addr *peer);

/* Copies one binary message to the queue, which is written at the end of this
 * turn of the loop. 0, or -ENOBUFS beyond max_queue
 * (the connection is closed then) or -EPIPE when closing. */
MUST_USE int ws_send(struct ws *ws, const void *data, size_t len);

/* As ws_send(), a part of a message: FIRST and LAST of it. */
MUST_USE int ws_send_part(struct ws *ws, const void *data, size_t len,
			  bool first, bool last);

/*
 * Uncopied: LEN bytes of whole frames that wait in PIPE go out at once, as far
 * as the socket takes them, and the rest before anything that is sent later.
 * Only while ws_may_splice(): not through TLS, not behind what is queued.
 * Returns how many are left in PIPE, which must stay until ws_spliced() is 0,
 * of which on_drain tells while the connection is open, or until ws_unsplice().
 */
MUST_USE size_t ws_splice(struct ws *ws, int pipe, size_t len);
bool ws_may_splice(const struct ws *ws);
size_t ws_spliced(const struct ws *ws);
/* What is left in the pipe goes to memory. False: it does not (no memory, or
 * the connection is closing); the connection is cut, and the pipe not empty. */
bool ws_unsplice(struct ws *ws);

/* Largest inbound message from now on (ws_opts.max_message until then): a
 * first message may be small only, a relayed one large. */
void ws_set_max_message(struct ws *ws, size_t max_message);

size_t ws_queued(const struct ws *ws); /* bytes not yet written */
/* Bytes of buffers, those of TLS included. A record that comes in part is no
 * event: ask now and then. */
size_t ws_memory(const struct ws *ws);
/* Stops reading (back-pressure); whether the peer has gone is not noticed
 * either until ws_resume() or a write. */
void ws_pause(struct ws *ws);
void ws_resume(struct ws *ws);
/* Sends what is queued, then Close CODE; on_close follows later. */
void ws_close(struct ws *ws, uint16_t code);
