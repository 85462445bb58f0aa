/*
 * answer: B's answers on their way to A (spec 4.10, 4.12, 4.14).
 *
 * B answers on a connection of its own, perhaps to another node. The decoded
 * address in socket_addr names A's connection; the answer is passed on only
 * if that connection asked for this id.
 */
#pragma once

#include "services/hbbs/state/core.h"

step_fn answer_punch_sent;
step_fn answer_local_addr;
step_fn answer_relay;
