/*
 * registry: Redis as a relay sees it.
 *
 * node:hbbr:{epoch} holds a NodeInfo, lives 6 s and is refreshed every 2 s,
 * and nodes:hbbr lists the epochs, so hbbs hands out only relays that live.
 * The same refresh fetches the secret of the links between relays. Waiting
 * halves are looked up and claimed by one script each (ARCHITECTURE.md,
 * "Redis"). Redis away means no lease, no tickets, no links and nothing else:
 * relaying goes on.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/net/loop.h"
#include "services/hbbr/pairing/admit.h"
#include "services/hbbr/state/settings.h"

enum { REGISTRY_ASKS_MAX = 20000 }; /* questions under way; MAX_PARKED twice */

struct registry;

/* Asked for at every refresh. */
struct registry_load {
	uint32_t sessions;
	uint64_t bits_per_s;
	bool draining;
};
typedef struct registry_load (*registry_load_fn)(void *ctx);

/* 0 and *OUT, -EINVAL for a bad URL, or -ENOMEM. */
MUST_USE int registry_open(struct loop *l, const struct settings *cfg,
			   registry_load_fn load, void *ctx,
			   struct registry **out);
/* KEY is what this relay demands ("" for none), MESH_PORT where it takes
 * links; both are told to the others from now on. */
void registry_listening(struct registry *r, const char *key,
			uint16_t mesh_port);
/* Tells the others now what registry_load_fn says. */
void registry_refresh(struct registry *r);
/* Takes the lease back if Redis is there. NULL is fine. */
void registry_close(struct registry *r);

/* Redis answers and the links' secret is known. False for NULL. */
bool registry_up(const struct registry *r);
uint32_t registry_epoch(const struct registry *r);
/* Of the links, 32 bytes; all zero until it is known. */
const uint8_t *registry_secret(const struct registry *r);

/*
 * Looks for the ticket of UUID and claims the uuid for this relay, unless
 * another relay has the claim (a claim of the relay DEAD counts as none).
 * Nothing is claimed while a ticket is missing that TICKETS demands. FN is
 * called exactly once, later. 0, or -errno and no call.
 */
typedef void (*registry_admit_fn)(void *ctx, const struct admit_reply *r);
MUST_USE int registry_admit(struct registry *r, const char *uuid, bool tickets,
			    uint32_t dead, registry_admit_fn fn, void *ctx);

/* Gives the claim back if it is still ours. */
void registry_release(struct registry *r, const char *uuid);

/* The session of the audit reference REF is relayed here: the api may show
 * it as seen by a relay. Nothing happens if the reference is not there. */
void registry_relayed(struct registry *r, const char *ref);

/* Where the relay EPOCH takes links: "host:port", or NULL if it is gone or
 * Redis is away. FN is called exactly once, later. 0 or -errno. */
typedef void (*registry_find_fn)(void *ctx, const char *address);
MUST_USE int registry_find(struct registry *r, uint32_t epoch,
			   registry_find_fn fn, void *ctx);
