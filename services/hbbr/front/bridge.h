/*
 * bridge: relays a pair of which at least one end is WebSocket (spec 4.16).
 *
 *	TCP  --frames-->  in: whole frames only  --> ws_send    WS
 *	TCP  <--frames--  out: what TCP would not take yet <--  WS
 *
 * One frame is one message. A side is read only while the other side's queue
 * is short and the session has tokens, so a slow reader costs at most one
 * message beyond the high mark. All bridges together, with what unpaired
 * connections have sent and what libwebsockets holds, have a fixed amount of
 * memory; when it is exceeded the session that holds the most ends.
 *
 * When an end closes, what was read from it is delivered, then the other end
 * is closed; there is no half-close through WebSocket.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/base/attr.h"
#include "common/net/loop.h"
#include "services/hbbr/front/peer.h"
#include "services/hbbr/state/ipset.h"
#include "services/hbbr/state/limits.h"
#include "services/hbbr/state/reason.h"
#include "services/hbbr/state/usage.h"

enum {
	BRIDGE_HIGH = 256 * 1024, /* a longer queue stops the other side */
	BRIDGE_LOW = 64 * 1024,   /* WebSocket: resume below this */
	BRIDGE_CHUNK = 64 * 1024, /* most one turn reads from TCP */
	BRIDGE_FLUSH_MS = 30000,  /* to take the last bytes */
	BRIDGE_REFILL_MS = 20,
	/* A queue's cap beyond one largest message: the high mark, and what
	 * libwebsockets had already read when it was told to pause. */
	BRIDGE_QUEUE_SPARE = 2 * 1024 * 1024,
};

enum bridge_state { B_OPEN, B_FLUSHING, B_OVER, BRIDGE_STATES };
extern const uint8_t bridge_may_follow[BRIDGE_STATES];

struct bridges;
struct session;

struct bridge {
	struct bridges *owner;
	struct session *session;
	enum bridge_state state;
	struct peer *peers[2]; /* NULL once it left */
	bool paused[2];        /* WebSocket source is not read */
	bool slow;             /* out of tokens */
	enum reason why;       /* of the end */
	struct meter meter;
	uint64_t bytes[2];  /* payload from each end */
	uint64_t active_ms; /* last byte; while flushing: last progress */
	size_t memory;      /* its part of the owner's */
	struct deferred dead;
	TAILQ_ENTRY(bridge) link;
	TAILQ_ENTRY(bridge) slow_link;
};

TAILQ_HEAD(bridge_list, bridge);

struct bridges {
	struct front *front;
	struct bridge_list all;
	struct bridge_list slow; /* out of tokens */
	size_t n;
	size_t memory;          /* held by all of them, and by the unpaired */
	struct timer refill;    /* runs while SLOW is not empty */
	struct deferred relief; /* too much is held */
	bool relief_due;
};

void bridges_init(struct bridges *bs, struct front *f);
/* Ends all of them and the timer; ON_CLOSED may be NULL. */
void bridges_close(struct bridges *bs, void (*on_closed)(void *ctx));
/* Idle and stuck sessions end; call about once a second. */
void bridges_tick(struct bridges *bs);
void bridges_apply_lists(struct bridges *bs, const struct ipset *blocked,
			 const struct ipset *slow);
/* Allocates *ROWS (the caller frees) and returns their number. */
size_t bridges_usage(struct bridges *bs, struct usage_row **rows);

/* Joins the two peers; S ends by relay_ended(). 0, or -ENOMEM and nothing
 * has changed. */
MUST_USE int bridge_start(struct bridges *bs, struct session *s,
			  struct peer *first, struct peer *second, bool slow);

/* Ends at once; nothing more is delivered. */
void bridge_abort(struct bridge *b, enum reason why);
/* After anything changed: delivers what waited, sets what to wait for. */
void bridge_settle(struct bridge *b);

/* MEMORY was held by somebody until now, NOW is: if that is too much the
 * largest session ends, at the end of the turn. False: too much even so. */
bool bridges_account(struct bridges *bs, size_t memory, size_t now);

/* Events of a bridged WebSocket peer. */
void bridge_ws_held(struct peer *p);
void bridge_ws_message(struct peer *p, const uint8_t *data, size_t len);
void bridge_ws_drain(struct peer *p);
void bridge_ws_gone(struct peer *p);
