/*
 * listen: accepts TCP connections on a loop.
 *
 * Accepts in batches, backs off when descriptors run out (EMFILE) and says so
 * once, sets TCP_NODELAY and keepalive, and reads a PROXY protocol header
 * when the connection comes from a network that was named for it.
 */
#pragma once

#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/net/io.h"
#include "common/net/loop.h"
#include "common/proto/forwarded.h"

/* PEER is the TCP peer; CLIENT is the address the PROXY header gave, or
 * PEER. The callee owns FD. */
typedef void (*accept_fn)(void *ctx, int fd, const struct addr *peer,
			  const struct addr *client);

struct listener; /* opaque; heap */

struct listen_opts {
	const char *bind; /* "" for all addresses */
	uint16_t port;
	bool reuseport;
	const struct trusted *proxy; /* networks that send a PROXY header, or
					NULL; borrowed for the life of it */
};

/* 0 and *OUT, or -errno (address in use, ...). */
MUST_USE int listen_open(struct loop *l, const struct listen_opts *o,
			 accept_fn fn, void *ctx, struct listener **out);
/* The port it really listens on. */
uint16_t listen_port(const struct listener *li);
/* Stops accepting; connections waiting for a PROXY header are dropped. */
void listen_close(struct listener *li);
