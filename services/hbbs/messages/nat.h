/*
 * nat: the NAT type test (spec 4.5, 4.12): which port do I come from?
 */
#pragma once

#include "services/hbbs/state/core.h"

void nat_test(struct core *c, const struct request *q);
/* SoftwareUpdate of very old clients (spec 4.20). */
void nat_software_update(struct core *c, const struct request *q);
