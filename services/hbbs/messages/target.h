/*
 * target: where is B, and how does a message reach it?
 */
#pragma once

#include <stdbool.h>

#include "services/hbbs/state/core.h"

enum target_state {
	TARGET_READY,
	TARGET_PARKED,  /* the request comes back when more is known */
	TARGET_UNKNOWN, /* no such id */
	TARGET_OFFLINE,
	TARGET_LIMITED, /* this address asks for too many absent ids */
	TARGET_ERROR,   /* Redis is away and we do not know the id */
};

enum route { ROUTE_UDP, ROUTE_CLIENT, ROUTE_NODE };

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

enum target_state target_find(struct core *c, const struct request *q,
			      const char *id, struct target *out);

/*
 * Sends M to the peer ID at T. Over UDP it goes twice, a little apart
 * (spec 4.8, W32); returns the name of the second copy for core_settled(), or
 * 0. To another node it goes over the bus with the key of the asking
 * connection; if nobody listens there, the request comes back.
 */
uint64_t target_push(struct core *c, const struct request *q, const char *id,
		     const struct target *t, const Hbb__RendezvousMessage *m);

/* Delivers a packed message to a peer held here; false if it is not. */
bool target_deliver(struct core *c, const char *id, const uint8_t *data,
		    size_t len);
