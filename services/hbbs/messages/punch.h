/*
 * punch: A asks for B (PunchHoleRequest, RequestRelay; spec 4.8, 4.14).
 */
#pragma once

#include "services/hbbs/state/ask.h"
#include "services/hbbs/state/core.h"

void punch_request(struct core *c, const struct request *q);

/* A's side of a relay after a failed direct attempt. */
void punch_relay_request(struct core *c, const struct request *q);

/* Another node says that it does not hold ID: tells A, if it still waits. */
void punch_gone(struct core *c, const struct addr *asker, const char *id,
		bool relay);

/* Nobody will answer this request of CLIENT any more: tells it so. */
void punch_give_up(struct core *c, struct client *client, struct ask *ask);

/* The same for a message that waits for Redis, if it is such a request and
 * B was not asked before. */
void punch_give_up_parked(struct core *c, const struct request *q);
