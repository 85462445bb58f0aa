/*
 * punch: PunchHoleRequest: A asks for B (spec 4.8). The way is connect.h's;
 * here is how B shall be reached, and what it is told.
 */
#pragma once

#include "services/hbbs/state/core.h"

step_fn punch_request;
