/*
 * answer: B's answers on their way to A (spec 4.10, 4.12, 4.14).
 *
 * B answers on a connection of its own, perhaps to another node. The decoded
 * address in socket_addr names A's connection; the answer is passed on only
 * if that connection asked for this id.
 */
#pragma once

#include "services/hbbs/state/core.h"

/* A is not here: Redis is asked which node holds its connection KEY, and
 * answer_forward() follows, with Q's connection or without. LIMIT is what this
 * costs. False: nobody will be told. */
bool answer_ask_node(struct core *c, struct request *q, const struct addr *key,
		     enum limit limit);
step_fn answer_forward;

step_fn answer_punch_sent;
step_fn answer_local_addr;
step_fn answer_relay;
