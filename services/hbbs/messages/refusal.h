/*
 * refusal: A is told why it does not get B (spec 4.8, 4.14), and the log is.
 *
 * A PunchHoleRequest is answered with a PunchHoleResponse, a RequestRelay with
 * a RelayResponse: RELAY says which.
 */
#pragma once

#include <stdbool.h>

#include "services/hbbs/messages/target.h"
#include "services/hbbs/state/ask.h"
#include "services/hbbs/state/core.h"

/* The answer alone: for what TARGET_... stands, or TEXT. */
void refusal_send(struct core *c, struct client *to, bool relay,
		  enum target_state why);
void refusal_say(struct core *c, struct client *to, bool relay,
		 const char *text);

/* The wrong key of this server. */
void refusal_key(struct core *c, const struct request *q, const char *id);
/* Before B was asked. */
void refusal_early(struct core *c, const struct request *q, const char *id,
		   bool relay, enum target_state why);
/* Nobody will answer this request of A any more. */
void refusal_late(struct core *c, struct client *a, struct ask *ask,
		  enum target_state why);

/* Another node says that it does not hold ID: tells A, if it still waits. */
void refusal_gone(struct core *c, const struct addr *asker, const char *id,
		  bool relay);
/* This node stops: a parked message, if it is such a request and B was not
 * asked before. */
void refusal_parked(struct core *c, const struct request *q);
