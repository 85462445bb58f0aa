/*
 * devices: the console's list of devices, answered from the index.
 */
#pragma once

#include "services/api/core/call.h"

/* GET /api/web/devices; 503 while the index is built. */
int web_devices(struct call *c);
/* GET /api/web/devices/own: the caller's, whatever his roles. */
int web_devices_own(struct call *c);
