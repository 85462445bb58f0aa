/*
 * devices: the console's list of devices, answered from the index.
 */
#pragma once

#include "services/api/core/call.h"

/* What the lists are filtered and sorted by. */
#define WEB_DEVICES_QUERY                                                      \
	" sort q id name username note address os version user user_group "    \
	"device_group strategy online status unassigned seen_before "          \
	"seen_after"

/* GET /api/web/devices; 503 while the index is built. */
int web_devices(struct call *c);
/* GET /api/web/devices/own: the caller's, whatever his roles. */
int web_devices_own(struct call *c);
