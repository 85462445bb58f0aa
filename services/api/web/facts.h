/*
 * facts: what hbbs would judge a request by, for pages that say so before.
 */
#pragma once

#include "common/site/policy.h"
#include "services/api/core/call.h"

/* Of a request of USER ("": not signed in) for the device with the id DEVICE.
 * 0, -EIO, or -EINVAL for rows of another version. */
MUST_USE int facts_read(struct call *c, const char *user, const char *device,
			struct policy_facts *f);
/* May USER, who must exist, see and steer DEVICE? *PERMISSIONS: what his
 * control role says; may be NULL. */
bool facts_reach(struct call *c, const char *user, const char *device,
		 uint64_t *permissions);
/* {"keyboard": "unset", ...} */
struct json_object *facts_permissions(uint64_t bits);
