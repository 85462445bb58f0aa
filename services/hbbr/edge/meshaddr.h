/*
 * meshaddr: under which address other relays reach this one's MESH_PORT.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/addr.h"

struct meshaddr_cfg {
	const char *address; /* MESH_ADDRESS, may have a port; "" for none */
	const char *bind;    /* MESH_BIND; "" for all */
	uint16_t port;       /* where links are taken; 0 for nowhere */
};

/*
 * Fills OUT with what to announce: the address that is set, else the one that
 * is bound, else SEEN, this relay's end of its connection to Redis, NULL while
 * there is none. False if there is nothing that others would reach: a port on
 * loopback is announced only under a loopback address that is set, for relays
 * of one machine.
 */
bool meshaddr_pick(const struct meshaddr_cfg *c, const struct addr *seen,
		   struct addr *out);
