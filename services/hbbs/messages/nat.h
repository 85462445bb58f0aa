/*
 * nat: the NAT type test (spec 4.5, 4.12): which port do I come from?
 */
#pragma once

#include "services/hbbs/state/core.h"

step_fn nat_test;
/* SoftwareUpdate of very old clients (spec 4.20). */
step_fn nat_software_update;
