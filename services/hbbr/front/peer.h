/*
 * peer: one connection while the front thread owns it, TCP or WebSocket.
 *
 *	P_HANDSHAKE --admitted, alone--> P_PARKED --other half--> P_BRIDGED
 *	   |    `------admitted, other half waits-------------------^   |
 *	   `--> P_GONE <---- closed, refused, or handed to a worker <---'
 *
 * A peer is freed only when the loop (TCP) or ws (WebSocket) has given up its
 * last pointer to it; P_GONE is the time between.
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
#include "services/hbbr/pairing/handshake.h"

struct bridge;
struct front;
struct session;

enum peer_state { P_HANDSHAKE, P_PARKED, P_BRIDGED, P_GONE, PEER_STATES };

extern const uint8_t peer_may_follow[PEER_STATES];

struct peer {
	struct front *front;
	enum peer_state state;
	bool counted;  /* holds one of the quota of unpaired connections */
	bool proxied;  /* CLIENT came from a trusted proxy's header */
	bool watched;  /* IO is open */
	bool leaving;  /* in the front's list of those that closed early */
	uint8_t side;  /* in the bridge */
	int fd;        /* TCP; -1 on WebSocket and once given away */
	struct ws *ws; /* WebSocket, or NULL */
	struct io io;
	struct addr client;
	uint64_t since_ms; /* accepted */
	struct handshake hs;
	struct session *session; /* parked */
	struct bridge *bridge;   /* bridged */
	/* Parked on WebSocket: messages that came early, as frames.
	 * Bridged on TCP: bytes read that are no whole frame yet. */
	struct buf in;
	struct buf out; /* bridged on TCP: not yet written */
	size_t held;    /* unpaired: its part of the memory of the bridges */
	struct deferred dead;
	uint64_t left_ms;       /* parked, and the far end has closed */
	TAILQ_ENTRY(peer) link; /* handshaking or leaving, oldest first */
};

TAILQ_HEAD(peer_list, peer);

/* A peer in P_HANDSHAKE; NULL when out of memory (FD stays the caller's). */
struct peer *peer_create(struct front *f, const struct addr *client,
			 uint64_t now_ms);

/* The one door: the only writer of state. */
void peer_enter(struct peer *p, enum peer_state next);

/* TCP: waits for WANT events. 0 or -errno. */
MUST_USE int peer_watch(struct peer *p, int want, io_fn fn);

/*
 * TCP: is it of no use to a second half any more? One that was reset or has
 * closed without a word is. One that closed behind early data may still be
 * paired for a moment, so that it does not depend on the order of events
 * whether that data arrives.
 */
bool peer_is_dead(const struct peer *p);

/* Bytes of buffers that it holds, in ws too. */
size_t peer_memory(const struct peer *p);

/* Closes the connection and frees the peer in time. */
void peer_close(struct peer *p);

/* TCP: gives the descriptor away and frees the peer in time. */
int peer_release(struct peer *p);

/* From ws's on_close: the connection is gone, the peer goes too. */
void peer_ws_closed(struct peer *p);
