/*
 * linger: closes TCP connections without losing what was sent last.
 *
 * Closing a socket while input is unread resets the connection and discards
 * its send queue. So the write side is shut down, input is thrown away until
 * the far end closes or has acknowledged everything, and only then is the
 * descriptor closed.
 */
#pragma once

#include <stddef.h>
#include <sys/queue.h>

#include "common/base/attr.h"
#include "common/net/loop.h"

enum { LINGER_MS = 30000 }; /* then the reader has lost its chance */

struct lingering;
TAILQ_HEAD(linger_list, lingering);

struct lingers {
	struct loop *loop;
	struct linger_list all; /* oldest first */
	size_t n;
};

void lingers_init(struct lingers *l, struct loop *loop);
/* Takes FD. */
void linger_start(struct lingers *l, int fd);
/* Closes those that are done or late; call about once a second. */
void lingers_tick(struct lingers *l);
/* Closes all at once. */
void lingers_close(struct lingers *l);
