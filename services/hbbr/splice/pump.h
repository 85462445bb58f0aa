/*
 * pump: moves the bytes of one TCP pair, one small turn at a time.
 *
 *	ends[0] ==flows[0]==> ends[1]      flow i reads ends[i] and
 *	ends[0] <==flows[1]== ends[1]      writes ends[1 - i]
 *
 * Small messages are copied through a scratch buffer; as soon as a read fills
 * that buffer the flow splices through a borrowed pipe until reads are small
 * again. Readiness is edge-triggered: the worker sets readable and writable
 * when epoll says so, the pump clears them when a call says EAGAIN. A sink
 * that blocks stops only its own flow; what was already taken from the source
 * (at most one pipe) waits in the flow.
 *
 * A flow is done when its source has ended and every byte is written, or when
 * its sink is gone. A finished flow shuts its sink down for writing, so the
 * far end sees the end of the stream after the last byte and never before.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "services/hbbr/splice/pipes.h"
#include "services/hbbr/state/limits.h"
#include "services/hbbr/state/reason.h"

enum {
	PUMP_SMALL = 16 * 1024, /* a fuller read means bulk: splice */
	PUMP_CHUNK = 64 * 1024, /* most one turn copies, for fairness */
};

struct end {
	int fd;
	bool readable;  /* until a read says EAGAIN */
	bool writable;  /* until a write says EAGAIN */
	bool hup;       /* no new edge will tell of data or its end */
	bool dead;      /* both directions are shut down or reset */
	uint8_t side;   /* its index in ends */
	uint64_t bytes; /* read from it */
	struct addr client;
};

struct flow_list;
struct flow {
	TAILQ_ENTRY(flow) link;
	struct flow_list *queue; /* the worker's queue it is in, or NULL */
	struct pipe *pipe;       /* holds HELD bytes, or ... */
	uint8_t *chunk;          /* ... this does, from chunk_at on */
	uint32_t held;
	uint32_t chunk_at;
	uint8_t side; /* index of its source */
	bool bulk;    /* the last read was full */
	bool done;
};
TAILQ_HEAD(flow_list, flow);

struct pair {
	struct end ends[2];
	struct flow flows[2];
	struct meter meter;
	uint64_t active_ms;     /* last byte moved */
	uint64_t listed_ms;     /* active_ms when last moved in the list */
	bool reset;             /* an end died instead of closing */
	bool ending;            /* in the worker's list of ending pairs */
	uint64_t left;          /* undelivered bytes when last looked, and */
	uint64_t left_ms;       /* when that number last changed */
	void *token;            /* the front's session */
	TAILQ_ENTRY(pair) link; /* all pairs, most recently active last */
	TAILQ_ENTRY(pair) ending_link;
};

/* What every pair of a worker uses. */
struct pump {
	struct pipes pipes;
	struct shared_limit *total;
	uint64_t now_ms; /* set by the worker before turns */
	uint64_t moved;  /* bytes since the worker last looked */
	uint8_t scratch[PUMP_CHUNK];
};

void pump_init(struct pump *p, struct shared_limit *total, size_t max_pipes);
void pump_fini(struct pump *p);

/* The descriptors must be non-blocking; their flags start unready. */
void pair_init(struct pair *pair, const int fd[static 2],
	       const struct limits *l, uint64_t now_ms);
/* Frees what the flows hold and closes the descriptors. */
void pair_fini(struct pump *p, struct pair *pair);
struct pair *pair_of_flow(struct flow *f);
struct pair *pair_of_end(struct end *e);

enum turn {
	TURN_AGAIN, /* more to do at once */
	TURN_WAIT,  /* for readiness */
	TURN_SLOW,  /* for tokens */
};

/* One turn of one flow: at most one chunk. */
enum turn pump_turn(struct pump *p, struct flow *f);

/* True once an end has closed: pair_settled() is worth asking. */
bool pair_ending(const struct pair *pair);
/*
 * True if an ending pair may be closed now: both flows are done, or the open
 * one was quiet for QUIET_MS, and closing destroys no delivered bytes; or
 * nothing moved for STALL_MS, then *WHY is REASON_STUCK.
 */
bool pair_settled(struct pair *pair, uint64_t now_ms, enum reason *why);

enum {
	PAIR_QUIET_MS = 1000,   /* spec 8.7 case 114: closed within 1 s */
	PAIR_STALL_MS = 120000, /* a reader may pause for a minute (case 116) */
};
