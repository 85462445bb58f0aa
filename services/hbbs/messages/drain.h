/*
 * drain: what becomes of those who wait for an answer when this node stops.
 *
 * B answers at whatever node it reaches, and the answer comes here over the
 * bus, so a node that drains stays until they are answered. Who still waits
 * at the end is refused with a text that invites another attempt; that will
 * reach another node.
 */
#pragma once

#include <stddef.h>

#include "services/hbbs/state/core.h"

/* How many messages of clients wait for B, for Redis or for another node. */
size_t drain_waiting(struct core *c);

/* Refuses every PunchHoleRequest and RequestRelay that waits. */
void drain_refuse(struct core *c);
