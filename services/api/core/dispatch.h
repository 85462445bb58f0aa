/*
 * dispatch: from a complete request to a complete answer.
 */
#pragma once

#include "services/api/core/call.h"

enum { DISPATCH_TRIES = 10 }; /* runs of a handler that keeps losing races */

struct dispatch_call {
	const char *method, *path;
	const char *body; /* JSON, or "" */
	int (*const *allowed)(struct call *c);
	size_t nallowed;
};

/* Finds the route; dispatch() says if there is none. */
void dispatch_route(struct call *c);
/* Before a large body is taken: may this caller send it here? False: the
 * answer is filled in. */
bool dispatch_admit(struct call *c);
/* Fills the answer of C and returns LANE_HERE; or the lane in which to call
 * this again. Request members must be set; the pool stays the caller's to end,
 * after the answer was sent. */
enum lane dispatch(struct call *c);
/*
 * Within a handler: what would METHOD PATH with BODY write? Route, rights and
 * body are looked at as for the call itself, whose handler, one of the
 * NALLOWED in ALLOWED, is run up to its commit, which is left in T. False: the
 * answer says why not.
 */
bool dispatch_dry(struct call *c, const struct dispatch_call *as, struct tx *t);
/* The answer of a call for which its lane has no room. */
void dispatch_busy(struct call *c);
