/*
 * forwarded: who is the client behind a proxy? (spec 1.6)
 *
 * Pure. Headers are believed only when the TCP peer is in the trusted list;
 * X-Forwarded-For is read from the right, skipping trusted hops.
 */
#pragma once

#include <stddef.h>

#include "common/base/addr.h"
#include "common/base/attr.h"

enum { TRUSTED_MAX = 64 }; /* networks in TRUSTED_PROXIES */

struct trusted {
	struct cidr nets[TRUSTED_MAX];
	size_t n;
};

/* Parses a comma- or space-separated list. 0, -EINVAL or -E2BIG. */
MUST_USE int trusted_parse(const char *list, struct trusted *out);
bool trusted_has(const struct trusted *t, const struct addr *a);

/*
 * The client's address. REAL_IP and FORWARDED_FOR are header values or NULL.
 * The result's port is the peer's port, so that ip:port stays unique per
 * connection (spec 6.9 W7); *PROXIED says whether a header was believed.
 */
struct addr forwarded_client(const struct trusted *t, const struct addr *peer,
			     const char *real_ip, const char *forwarded_for,
			     bool *proxied);
