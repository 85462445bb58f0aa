/*
 * online: which of these ids are online? (spec 4.6)
 *
 * Peers held here are answered from memory, all others by one question to
 * Redis. Without Redis the others count as offline.
 */
#pragma once

#include "services/hbbs/state/core.h"

step_fn online_query;
