/*
 * claims: what a relay asks of Redis about a waiting half, and what the
 * relays of a site share. edge/registry.c answers; hbbr.c hands it to the
 * front.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "services/hbbr/pairing/admit.h"

typedef void (*claims_admit_fn)(void *ctx, const struct admit_reply *r);
/* ADDRESS is "host:port", or NULL if the relay is gone or Redis is away. */
typedef void (*claims_find_fn)(void *ctx, const char *address);

/* CTX is the first argument of each function. FN is called exactly once,
 * later; 0, or -errno and no call. */
struct claims {
	/* Redis answers and the secret is known. */
	bool (*up)(const void *ctx);
	/*
	 * Looks for the ticket of UUID and claims the uuid for this relay,
	 * unless another relay has the claim (a claim of the relay DEAD counts
	 * as none). Nothing is claimed while a ticket is missing that TICKETS
	 * demands.
	 */
	int (*admit)(void *ctx, const char *uuid, bool tickets, uint32_t dead,
		     claims_admit_fn fn, void *fn_ctx);
	/* Gives the claim back if it is still ours. */
	void (*release)(void *ctx, const char *uuid);
	/* The session of the audit reference REF is relayed here: the api may
	 * show it as seen by a relay. Nothing happens if the reference is not
	 * there. */
	void (*relayed)(void *ctx, const char *ref);
	/* Where the relay EPOCH takes links. */
	int (*find)(void *ctx, uint32_t epoch, claims_find_fn fn, void *fn_ctx);
	void *ctx;
	uint32_t epoch;        /* this relay's */
	const uint8_t *secret; /* of the links, 32 bytes; all zero until it is
				  known */
};
