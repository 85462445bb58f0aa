/*
 * gate: which HTTP connections may stay, and how much they may be sending.
 *
 * A connection is fresh until its first head is complete, then busy while a
 * request is answered and idle between two. When all places are taken, the
 * oldest fresh one goes, then the oldest idle one. A proxy that is trusted
 * counts for its clients itself, so it is not limited by address.
 *
 * Ending a connection means shutdown(): its owner sees the end and closes
 * it. All calls may come from any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"

enum {
	GATE_HEAD_MS = 10000, /* for the first head, as a whole */
	GATE_IDLE_MS = 40000, /* from an answer to the next whole head */
	GATE_SHARE = 16,      /* one address gets this part of the places... */
	GATE_SHARE_MIN = 16,  /* ...but at least these */
	GATE_FREE_BODY = 16 << 10,   /* bytes of a body that are not counted */
	GATE_BODIES = 96 << 20,      /* bytes of unfinished bodies in all */
	GATE_BODIES_EACH = 16 << 20, /* and of one address */
};

struct gate;

/* How many connections the descriptors allow beside OWN others; at most MAX. */
size_t gate_places(size_t max, size_t own);
/* PLACES connections at most. 0 or -errno. */
MUST_USE int gate_open(size_t places, struct gate **out);
void gate_free(struct gate *g);

/* A connection was accepted. False: its address has too many, or no place
 * can be made; the caller closes it. */
bool gate_enter(struct gate *g, int fd, const struct addr *peer, bool trusted,
		uint64_t now_ms);
void gate_busy(struct gate *g, int fd);
void gate_idle(struct gate *g, int fd, uint64_t now_ms);
/* Answered for the last time: what it still sends has GATE_HEAD_MS to end. */
void gate_ending(struct gate *g, int fd, uint64_t now_ms);
/* Before the descriptor is closed. True: it has had no whole head. */
bool gate_leave(struct gate *g, int fd);

/* Ends what is over its time. */
void gate_reap(struct gate *g, uint64_t now_ms);
/* Makes room: ends the FRESH oldest fresh connections, or the oldest idle one
 * if there is no fresh one. */
void gate_evict(struct gate *g, size_t fresh);

/* LEN more bytes of a body from A are held; false: too many already. */
bool gate_take(struct gate *g, const struct addr *a, size_t len);
void gate_give(struct gate *g, const struct addr *a, size_t len);

struct gate_counts {
	uint64_t connections;
	uint64_t body_bytes;
	uint64_t refused; /* connections, since the start */
	uint64_t ended;   /* connections ended by the gate */
	uint64_t bodies_refused;
};
struct gate_counts gate_counts(struct gate *g);
