/*
 * ice: WebRTC between A and B (web client spec 17).
 *
 * A's offer goes to B with the push, B's answer to A with B's answer; the
 * candidates of both follow one by one. They pass between the two ends of a
 * request that was allowed and is open, and only with the session key of its
 * offer, which nobody else was told. What they say is not looked at.
 */
#pragma once

#include "services/hbbs/state/ask.h"
#include "services/hbbs/state/core.h"

enum {
	ICE_CANDIDATES = 64,      /* a request and side; browsers make 20 */
	ICE_CANDIDATE_MAX = 1024, /* bytes; they have 200 */
};

/* The OFFER that B shall be passed with a push for ASK, and its session is
 * open; or "". */
char *ice_offer(const struct core *c, struct ask *ask, char *offer);
/* B's ANSWER for A, if B was passed an offer; or "". */
char *ice_answer(const struct ask *ask, char *answer);

step_fn ice_candidate;
