/*
 * switch_grant: a device allows the peer's call back when sides are switched
 * (contract 3.5).
 *
 *   switch:{pk}:{verifier}  "1", SWITCH_S seconds; hbbs takes it (GETDEL)
 *
 * It belongs to the device with the key PK (hex), whatever its id is by then.
 */
#pragma once

#include "services/api/core/call.h"

enum { SWITCH_S = 30, SWITCH_SKEW_S = 60 };

int switch_grant(struct call *c);
