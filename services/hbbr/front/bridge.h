/*
 * bridge: relays a pair of which at least one end is WebSocket (spec 4.16).
 *
 *	TCP  --frames-->  in: whole frames only  --> ws_send    WS
 *	TCP  <--frames--  out: what TCP would not take yet <--  WS
 *
 * Large frames from TCP are not copied (reframe.h); of one whose beginning went
 * that way the rest may.
 *
 * One frame is one message. A side is read only while the other side's queue
 * is short and the session has tokens, so a slow reader costs at most one
 * message beyond the high mark. Memory is counted (memory.h); when there is
 * too little the session that holds the most ends (bridges.h).
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
#include "services/hbbr/front/conn.h"
#include "services/hbbr/front/linger.h"
#include "services/hbbr/front/memory.h"
#include "services/hbbr/front/reframe.h"
#include "services/hbbr/state/limits.h"
#include "services/hbbr/state/reason.h"

enum {
	BRIDGE_HIGH = 256 * 1024, /* a longer queue stops the other side */
	BRIDGE_CHUNK = 64 * 1024, /* most one turn copies from TCP */
	BRIDGE_FLUSH_MS = 30000,  /* to take the last bytes */
	BRIDGE_PIPE_MS = 1000,    /* a slow reader has one of the few pipes */
	BRIDGE_REFILL_MS = 20,
};

enum bridge_state { B_OPEN, B_FLUSHING, B_OVER, BRIDGE_STATES };
extern const uint8_t bridge_may_follow[BRIDGE_STATES];

struct bridges;

struct bridge {
	struct bridges *owner;
	void *token; /* the owner's caller knows the session by it */
	enum bridge_state state;
	struct conn *conns[2]; /* NULL once it left */
	struct addr client[2];
	bool paused[2];  /* WebSocket source is not read */
	bool slow;       /* out of tokens */
	bool bulk;       /* TCP sends large frames: they are not copied */
	enum reason why; /* of the end */
	struct meter meter;
	struct message_rest rest; /* of the message TCP has begun */
	struct pipe *pipe;        /* what the WebSocket does not take yet */
	uint64_t pipe_ms;         /* when it was borrowed */
	uint64_t bytes[2];        /* payload from each end */
	uint64_t active_ms;       /* last byte; while flushing: last progress */
	size_t memory;            /* its part of the front's */
	struct deferred dead;
	TAILQ_ENTRY(bridge) link;
	TAILQ_ENTRY(bridge) slow_link;
};

TAILQ_HEAD(bridge_list, bridge);

/* What all bridges share; made by bridges.h. */
struct bridges {
	struct loop *loop;
	struct shared_limit *total;
	struct memory *memory;
	size_t max_message;
	uint64_t idle_ms; /* 0: sessions may idle for ever */
	void (*on_ended)(void *ctx, void *token, enum reason why,
			 const uint64_t bytes[static 2], bool downgraded);
	void *ctx;
	struct bridge_list all;
	struct bridge_list slow; /* out of tokens */
	size_t n;
	struct timer refill; /* runs while SLOW is not empty */
	struct lingers lingers;
	struct reframe reframe;
	void (*on_closed)(void *ctx);
};

/* A pair to relay, the connections in order of arrival. */
struct bridge_pair {
	void *token;
	struct conn *conns[2];
	struct limits limits;
	bool slow; /* an end is on the throttle list */
};

/* Joins the two connections, which are the bridge's then; it ends by on_ended.
 * 0, or -ENOMEM and nothing has changed. */
MUST_USE int bridge_start(struct bridges *bs, const struct bridge_pair *p);
/* Ends at once; nothing more is delivered. */
void bridge_abort(struct bridge *b, enum reason why);
/* After anything changed: delivers what waited, sets what to wait for. */
void bridge_settle(struct bridge *b);
/* Gives back the pipe that a slow reader has had for BRIDGE_PIPE_MS. */
void bridge_unpin(struct bridge *b, uint64_t now_ms);
/* Counts what the session holds. */
void bridge_account(struct bridge *b);
