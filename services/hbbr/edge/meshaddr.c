#include "services/hbbr/edge/meshaddr.h"

/* "", 0.0.0.0 and :: are all addresses. */
static bool bound_to_one(const struct meshaddr_cfg *c, struct addr *out)
{
	return addr_parse(c->bind, c->port, out) == 0 &&
	       !addr_is_unspecified(out);
}

bool meshaddr_pick(const struct meshaddr_cfg *c, const struct addr *seen,
		   struct addr *out)
{
	struct addr bound;
	bool one = bound_to_one(c, &bound);
	bool inside = one && addr_is_loopback(&bound);

	if (c->port == 0)
		return false;
	if (c->address[0] != '\0')
		return addr_parse(c->address, c->port, out) == 0 &&
		       (!inside || addr_is_loopback(out));
	if (inside || (!one && !seen))
		return false;
	*out = one ? bound : *seen;
	out->port = c->port;
	return true;
}
