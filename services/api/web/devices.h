/*
 * devices: the console's list of devices, answered from the index.
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/index/index.h"

/* What the lists are filtered and sorted by. */
#define WEB_DEVICES_FILTER                                                     \
	"q id name username note address os version user user_group "          \
	"device_group strategy online status unassigned seen_before "          \
	"seen_after created_before created_after"
#define WEB_DEVICES_QUERY " sort " WEB_DEVICES_FILTER

/* All that the query matches, in its order, if they are MOST or fewer. 0, or
 * negative: answered. index_page_free() ends it. */
MUST_USE int web_devices_find(struct call *c, size_t most,
			      struct index_page *out);
/* A device as these lists show it. */
struct json_object *web_device_view(struct call *c, const struct doc *dev,
				    const struct index_row *row);
/* GET /api/web/devices; 503 while the index is built. */
int web_devices(struct call *c);
/* GET /api/web/devices/own: the caller's, whatever his roles. */
int web_devices_own(struct call *c);
