/*
 * conn: one connection while the front thread owns it, TCP or WebSocket.
 *
 *	C_HANDSHAKE --admitted, alone--> C_PARKED --other half--> C_BRIDGED
 *	   |    `------admitted, other half waits-------------------^   |
 *	   `--> C_GONE <---- closed, refused, or handed to a worker <---'
 *
 * It has one owner at a time, the entry and then a bridge, who hears what
 * comes over a WebSocket through conn_events; in C_GONE nobody does.
 *
 * A connection is freed only when the loop (TCP) or ws (WebSocket) has given
 * up its last pointer to it; C_GONE is the time between.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/net/io.h"
#include "common/net/loop.h"
#include "common/net/ws.h"
#include "common/proto/foreign.h"
#include "services/hbbr/pairing/handshake.h"

struct bridge;
struct conn;
struct entry;
struct session;

enum {
	CONN_LOW = 64 * 1024, /* WebSocket: on_drain when less is queued */
	/* A queue's cap beyond one largest message: where a bridge stops
	 * reading (BRIDGE_HIGH), and what libwebsockets had already read when
	 * it was told to pause. */
	CONN_QUEUE_SPARE = 2 * 1024 * 1024,
};

enum conn_state { C_HANDSHAKE, C_PARKED, C_BRIDGED, C_GONE, CONN_STATES };

extern const uint8_t conn_may_follow[CONN_STATES];

/* Of a WebSocket; see ws_events. */
struct conn_events {
	void (*on_message)(struct conn *c, const uint8_t *data, size_t len,
			   bool binary);
	void (*on_held)(struct conn *c);
	void (*on_drain)(struct conn *c);
	void (*on_gone)(struct conn *c); /* the last one */
};

struct conn {
	struct loop *loop;
	enum conn_state state;
	bool proxied;  /* CLIENT came from a trusted proxy's header */
	bool watched;  /* IO is open */
	bool leaving;  /* in the entry's list of those that closed early */
	uint8_t side;  /* in the bridge */
	int fd;        /* TCP; -1 on WebSocket and once given away */
	struct ws *ws; /* WebSocket, or NULL */
	struct io io;
	struct addr client;
	uint64_t since_ms; /* accepted */
	struct handshake hs;
	const struct conn_events *events; /* the owner's */
	struct entry *entry;              /* the owner of the unpaired */
	struct session *session;          /* parked */
	struct bridge *bridge;            /* bridged */
	/* Parked on WebSocket: messages that came early, as frames.
	 * Bridged on TCP: bytes read that are no whole frame yet. */
	struct buf in;
	struct buf out; /* bridged on TCP: not yet written */
	size_t held;    /* unpaired: its part of the memory of the front */
	struct deferred dead;
	uint64_t left_ms;       /* parked, and the far end has closed */
	TAILQ_ENTRY(conn) link; /* handshaking or leaving, oldest first */
};

TAILQ_HEAD(conn_list, conn);

/* A connection in C_HANDSHAKE on FD (-1: WebSocket), which nobody hears of
 * yet; NULL when out of memory (FD stays the caller's). */
struct conn *conn_create(struct loop *l, int fd, const struct addr *client);

/* The one door: the only writer of state. EVENTS go to whoever owns C now. */
void conn_enter(struct conn *c, enum conn_state next,
		const struct conn_events *events);

/* TCP: waits for WANT events. 0 or -errno. */
MUST_USE int conn_watch(struct conn *c, int want, io_fn fn);

/* TCP: reads on in the first frame. 1: it is complete, 0: wait for more,
 * < 0: it will not be, for the reason in *WHY. */
MUST_USE int conn_read_first(struct conn *c, enum reason *why);
/* TCP: another protocol, by what has been read and what follows it. */
enum foreign conn_foreign(const struct conn *c);

/*
 * TCP: is it of no use to a second half any more? One that was reset or has
 * closed without a word is. One that closed behind early data may still be
 * paired for a moment, so that it does not depend on the order of events
 * whether that data arrives.
 */
bool conn_is_dead(const struct conn *c);

/* Bytes of buffers that it holds, in ws too. */
size_t conn_memory(const struct conn *c);

/* TCP: sends the frame, or as much as the socket takes; the rest is queued.
 * 0 or -errno. */
MUST_USE int conn_send_frame(struct conn *c, const uint8_t *data, size_t len);
/* TCP: sends what is queued, as far as it goes. 0, or -errno when the socket
 * is dead. */
MUST_USE int conn_flush(struct conn *c);

/* Closes the connection and frees C in time. */
void conn_close(struct conn *c);

/* TCP: gives the descriptor away and frees C in time. */
int conn_release(struct conn *c);

/* ws's events of a connection: passed on to the owner. After the last one C
 * is gone. */
void conn_ws_message(void *conn, const uint8_t *data, size_t len, bool binary);
bool conn_ws_held(void *conn, size_t bytes);
void conn_ws_drain(void *conn);
void conn_ws_closed(void *conn, const char *reason);
