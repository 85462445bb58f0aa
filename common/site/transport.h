/*
 * origin: who a message came from.
 */
#pragma once

#include "common/base/addr.h"

struct client;

/* The numbers are those of the presence format: do not change them. */
enum transport { VIA_UDP = 1, VIA_TCP = 2, VIA_WS = 3 };

struct origin {
	enum transport via;
	struct addr source;    /* the sender: limits, logs, same-network test */
	struct addr local;     /* which address of ours a datagram was sent to;
				  unspecified if that is not known */
	struct client *client; /* NULL: a datagram, or it came over the bus */
};
