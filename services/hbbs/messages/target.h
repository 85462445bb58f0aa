/*
 * target: where is B, and how does a message reach it?
 */
#pragma once

#include <stdbool.h>

#include "services/hbbs/state/core.h"

enum target_state {
	TARGET_READY,
	TARGET_PARKED,  /* Redis is asked */
	TARGET_UNKNOWN, /* no such id */
	TARGET_OFFLINE,
	TARGET_LIMITED, /* this address asks for too many absent ids */
	TARGET_ERROR,   /* Redis is away and we do not know the id */
};

/* True if it is held here. */
bool target_here(const struct core *c, const char *id, struct target *out);

/* Asks Redis, for an id that is not held here: PARKED, or why not. */
enum target_state target_look_up(struct core *c, struct request *q,
				 const char *id);

/* Here by now, or where Redis' word FOUND (NULL: none) says. UNDELIVERED: the
 * node that it names does not listen. */
enum target_state target_locate(const struct core *c, const char *id,
				const struct lookup *found, bool undelivered,
				struct target *out);

/*
 * Sends M to the peer ID at T. Over UDP it goes twice, a little apart
 * (spec 4.8, W32); *COPY gets the name of the second copy for core_settled(),
 * or 0. To another node it goes over the bus with the key of the asking
 * connection: true, as word comes whether anybody listened there.
 */
bool target_push(struct core *c, struct request *q, const char *id,
		 const struct target *t, const Hbb__RendezvousMessage *m,
		 uint64_t *copy);

/* Delivers a packed message to a peer held here; false if it is not. */
bool target_deliver(struct core *c, const char *id, const uint8_t *data,
		    size_t len);

/* Tells the peer ID of M, as far as it is held here or by NODE (0: none);
 * nobody hears of it if it is not. */
void target_tell(struct core *c, const char *id, uint32_t node,
		 const Hbb__RendezvousMessage *m);
