/*
 * forwarded: who is the client behind a proxy? (spec 1.6)
 *
 * Pure. Headers are believed only when the TCP peer is in the trusted list.
 * X-Forwarded-For and Forwarded (RFC 7239) are read from the right, skipping
 * trusted hops: what a proxy appends is true, what stands before may be the
 * client's own. X-Real-IP names one hop only, the one before the last proxy,
 * so it counts only where neither of the two says anything.
 */
#pragma once

#include <stdbool.h>
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
/* The first entry of LIST that is no address or network, "" if there are too
 * many of them; for a message. */
void trusted_fault(const char *list, char out[static ADDR_TEXT_MAX]);
bool trusted_has(const struct trusted *t, const struct addr *a);

/* How the client spoke to the first proxy. */
enum forwarded_proto { FORWARDED_UNSAID, FORWARDED_HTTP, FORWARDED_HTTPS };

/* Header values, or NULL. */
struct forwarded_headers {
	const char *forwarded_for; /* X-Forwarded-For */
	const char *forwarded;     /* Forwarded */
	const char *real_ip;       /* X-Real-IP */
	const char *proto;         /* X-Forwarded-Proto */
};

struct forwarded {
	/* Its port is the peer's port, so that ip:port stays unique per
	 * connection (spec 6.9 W7). */
	struct addr client;
	bool proxied; /* a header was believed for it */
	enum forwarded_proto proto;
};

struct forwarded forwarded_read(const struct trusted *t,
				const struct addr *peer,
				const struct forwarded_headers *h);
