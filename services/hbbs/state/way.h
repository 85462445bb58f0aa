/*
 * way: how a message goes through the core.
 *
 * A message goes from step to step. A step is a function that does one thing
 * and returns the next step, or the one that goes on when what it has asked
 * for is there: then the message is parked (job.h), and the result is an
 * argument of that step. What a message has found out so far goes with it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/proto/wire.h"
#include "common/site/record.h"
#include "common/site/transport.h"
#include "services/hbbs/state/result.h"
#include "services/hbbs/state/verdicts.h"

struct ask;
struct client;
struct core;
struct job;
struct request;
struct step;

/* R is NULL unless the step was waited for. */
typedef struct step step_fn(struct core *c, struct request *q,
			    const union result *r);

struct step {
	step_fn *run; /* NULL: the message is done */
	bool waits;   /* for a result */
};

static inline struct step way_on(step_fn *next)
{
	return (struct step){ .run = next };
}

/* What is waited for was asked with the ticket of the request's job. */
static inline struct step way_wait(step_fn *next)
{
	return (struct step){ .run = next, .waits = true };
}

static inline struct step way_end(void)
{
	return (struct step){ 0 };
}

enum route { ROUTE_UDP, ROUTE_CLIENT, ROUTE_NODE };

/* Where B is, and how a message reaches it. */
struct target {
	enum route route;
	enum transport via;    /* how the peer itself is connected */
	struct addr addr;      /* its observed address */
	struct addr local;     /* ROUTE_UDP: which address of ours it knows */
	struct client *client; /* ROUTE_CLIENT */
	uint32_t node;         /* ROUTE_NODE: epoch */
	bool disabled;
	bool has_pk;
	uint8_t pk[RECORD_PK_LEN];
};

/* PunchHoleRequest and RequestRelay (connect.h). TO and ASK are good until the
 * next wait: they point to what may be gone by then. */
struct connecting {
	step_fn *plan;        /* where the two part */
	struct lookup *found; /* Redis' word of B; NULL: not asked */
	bool undelivered;     /* the node that holds B has died */
	struct target to;
	struct verdict verdict;
	struct ask *ask;
	bool local;      /* FetchLocalAddr instead of PunchHole */
	bool relay_only; /* B shall not be punched through to */
};

/* RegisterPk. */
struct registering {
	struct lookup *found; /* the peer of the id; with old_id: of both */
	unsigned tries;       /* to write */
};

enum { ONLINE_BITS = (WIRE_PEERS_MAX + 7) / 8 };

/* What a message has found out so far: the first step of a way begins with
 * nothing. */
union known {
	struct connecting connect;
	struct registering pk;
	uint8_t asked[ONLINE_BITS]; /* OnlineRequest: the ids that Redis was
				       asked for */
};

/* A message on its way. */
struct request {
	struct origin from;
	Hbb__RendezvousMessage *m;
	const uint8_t *data; /* as received, for parking */
	size_t len;
	struct job *job; /* NULL as long as it has not waited */
	bool over_bus;   /* another node received it from B */
	union known known;
};
