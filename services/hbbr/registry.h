/*
 * registry: tells the others of this relay by a lease in the state Redis.
 *
 * node:hbbr:{epoch} holds a NodeInfo, lives 6 s and is refreshed every 2 s,
 * so hbbs hands out only relays that live (ARCHITECTURE.md, "Redis"). Redis
 * away means no lease and nothing else: relaying goes on.
 */
#pragma once

#include <stdint.h>

#include "common/attr.h"
#include "common/loop.h"
#include "services/hbbr/settings.h"

struct registry;

/* The load, asked for at every refresh. */
struct registry_load {
	uint32_t sessions;
	uint64_t bits_per_s;
};
typedef struct registry_load (*registry_load_fn)(void *ctx);

/* 0 and *OUT, -EINVAL for a bad URL, or -ENOMEM. */
MUST_USE int registry_open(struct loop *l, const struct settings *cfg,
			   registry_load_fn load, void *ctx,
			   struct registry **out);
/* Takes the lease back if Redis is there. NULL is fine. */
void registry_close(struct registry *r);
