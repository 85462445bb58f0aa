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
#include "services/hbbr/pairing/claims.h"
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

/* What the front asks of Redis, for as long as R lives. NULL for NULL. */
const struct claims *registry_claims(struct registry *r);

/* Tells the api what this relay's lists of addresses hold (RelayLists); it is
 * forgotten after half a minute. Nothing happens while Redis is away. */
void registry_tell_lists(struct registry *r, const uint8_t *lists, size_t len);
