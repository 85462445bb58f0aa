/*
 * accept: a thread that takes new connections and hands them on.
 *
 * It is where the gate is asked, and where running out of descriptors is
 * waited for: the oldest connections without a request go, and what waits in
 * the backlog is taken when there is room.
 */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#include "common/base/attr.h"
#include "common/proto/forwarded.h"
#include "services/api/core/gate.h"

struct acceptor;

struct acceptor_hooks {
	/* Takes FD in any case. */
	void (*take)(void *ctx, int fd, const struct sockaddr *sa,
		     socklen_t len);
	void *ctx;
	struct gate *gate;
	const struct trusted *trusted;
};

/* Listens on BIND:PORT. 0 and *OUT, or -errno. */
MUST_USE int acceptor_open(const char *bind, uint16_t port,
			   const struct acceptor_hooks *hooks,
			   struct acceptor **out);
uint16_t acceptor_port(const struct acceptor *a);
/* Ends the thread and closes the listening socket. */
void acceptor_close(struct acceptor *a);
