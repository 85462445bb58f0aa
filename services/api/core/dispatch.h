/*
 * dispatch: from a complete request to a complete answer.
 */
#pragma once

#include "services/api/core/call.h"

enum { DISPATCH_TRIES = 10 }; /* runs of a handler that keeps losing races */

/* Finds the route; dispatch() says if there is none. */
void dispatch_route(struct call *c);
/* Before a large body is taken: may this caller send it here? False: the
 * answer is filled in. */
bool dispatch_admit(struct call *c);
/* Fills the answer of C. Request members must be set; the pool stays the
 * caller's to end, after the answer was sent. */
void dispatch(struct call *c);
