/*
 * connect: the way that PunchHoleRequest and RequestRelay share (spec 4.8,
 * 4.14): find B → decide whether A may → plan → ask → push.
 *
 * The two part at the plan, a step that each brings along; it goes on with
 * connect_ask(), and its push ends with connect_push().
 */
#pragma once

#include <stdbool.h>

#include "services/hbbs/state/core.h"

/* PLAN follows when B is found and A may connect: known.connect has B's place
 * and the verdict. */
struct step connect_find(struct core *c, struct request *q, step_fn *plan);

/* Clients repeat a question after 3 s. */
enum { CONNECT_AGAIN_MS = 1000 };

/* Has this connection asked the same so lately that B may still answer? Then B
 * is not called once more: one connection could call it all the time. */
bool connect_asked(const struct core *c, const struct request *q);

/* Opens known.connect.ask, so that B's answer will find A; A was or will be
 * told RELAY_SERVER. PUSH follows. */
struct step connect_ask(struct core *c, struct request *q,
			const char *relay_server, step_fn *push);

struct connect_extras {
	Hbb__ControlPermissions permissions;
	Hbb__ControlledContext context;
};

/* What the policy attaches to a push; never anything A sent (W1, W2). They
 * borrow from X and Q. */
void connect_extras(const struct request *q, struct connect_extras *x,
		    Hbb__ControlPermissions **permissions,
		    Hbb__ControlledContext **context);

/* M goes to B. If the node that holds it has died, B is looked for again. */
struct step connect_push(struct core *c, struct request *q,
			 const Hbb__RendezvousMessage *m);
