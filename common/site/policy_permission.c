#include "common/site/policy_permission.h"

#include <stddef.h>

uint64_t policy_permission(uint64_t bits, enum policy_permission p,
			   unsigned value)
{
	unsigned shift = 2u * (unsigned)p;

	return (bits & ~(UINT64_C(3) << shift)) |
	       ((uint64_t)(value & 3) << shift);
}

const char *policy_permission_name(enum policy_permission p)
{
	static const char *const names[POLICY_PERMISSIONS] = {
		"keyboard",     "remote_printer", "clipboard",
		"file",         "audio",          "camera",
		"terminal",     "tunnel",         "restart",
		"recording",    "block_input",    "remote_modify",
		"privacy_mode",
	};

	return p < POLICY_PERMISSIONS ? names[p] : NULL;
}

uint64_t policy_narrow(uint64_t a, uint64_t b)
{
	uint64_t out = 0;

	for (unsigned shift = 0; shift < 2 * POLICY_PERMISSIONS; shift += 2) {
		uint64_t mine = a >> shift & 3, his = b >> shift & 3;
		uint64_t v = POLICY_UNSET;

		if (mine == POLICY_DISABLE || his == POLICY_DISABLE)
			v = POLICY_DISABLE;
		else if (mine == his)
			v = mine;
		out |= v << shift;
	}
	return out;
}
