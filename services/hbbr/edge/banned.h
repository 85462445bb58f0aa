/*
 * banned: addresses that an administrator keeps out of the relay.
 *
 * Bans are durable, so this is a connection of its own to REDIS_URL, where
 * that is not the Redis of the leases; a relay that was given only
 * STATE_REDIS_URL asks there. Without Redis the last known table counts.
 */
#pragma once

#include "common/base/attr.h"
#include "common/net/loop.h"
#include "services/hbbr/front/front.h"
#include "services/hbbr/state/settings.h"

struct banned;

/* Keeps F's bans; F and *CFG are borrowed. 0 or -errno. */
MUST_USE int banned_open(struct loop *l, const struct settings *cfg,
			 struct front *f, struct banned **out);
/* Accepts NULL. */
void banned_close(struct banned *b);
