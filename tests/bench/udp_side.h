/* udp_side: punch requests and online queries, beside the heartbeats. */
#pragma once

#include <stdint.h>

enum {
	PEERS_AT = 10 << 24 | 1 << 16,    /* 10.1.0.0: addresses of peers */
	ASKERS_AT = 10 << 24 | 200 << 16, /* 10.200.0.0: of who asks */
};

/* Starts punch= requests and online= queries a second, for IDS peers of which
 * GROUP share an address. Their pushes are reported by side_pushed(). */
void side_start(uint32_t ids, uint32_t group);
void side_pushed(uint32_t group);
/* Stops them and prints members of a JSON object. */
void side_report(void);

/* Asks for all of IDS; prints how many are offline. */
void side_reach(uint32_t ids);
