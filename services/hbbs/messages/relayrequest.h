/*
 * relayrequest: RequestRelay: A's side of a relay, after a failed direct
 * attempt or instead of one (spec 4.14). The way is connect.h's.
 */
#pragma once

#include "services/hbbs/state/core.h"

step_fn relayrequest_arrived;
