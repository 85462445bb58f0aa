/*
 * relaycheck: is each configured relay reachable? (spec 6.4)
 *
 * With more than one relay, every RELAYCHECK_EVERY_MS each is resolved and
 * connected to; relays.h decides what follows.
 */
#pragma once

#include "common/base/attr.h"
#include "common/net/loop.h"
#include "services/hbbs/state/relays.h"

enum {
	RELAYCHECK_EVERY_MS = 3000,
	RELAYCHECK_WAIT_MS = 3000, /* to connect */
};

struct relaycheck;

/* RELAYS is borrowed. 0 and *OUT, or -ENOMEM. */
MUST_USE int relaycheck_open(struct loop *l, struct relay_list *relays,
			     struct relaycheck **out);
void relaycheck_close(struct relaycheck *r);
