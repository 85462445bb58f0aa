/*
 * io: readiness of one descriptor on a loop.
 *
 * Thin over uv_poll_t: the interest mask is remembered (each uv_poll_start is
 * two system calls), an error becomes IO_HUP, and the wait for uv_close is in
 * one place.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/base/attr.h"
#include "common/net/loop.h"

enum {
	IO_READ = 1,
	IO_WRITE = 2,
	IO_HUP = 4, /* far end closed its direction: reported if wanted; an
		       error: always reported while anything is wanted */
};

struct io;

/* After an error EVENTS is IO_HUP with everything that was wanted, and the
 * watch is off: read what is left, ask sock_error(), close. */
typedef void (*io_fn)(struct io *io, int events, void *ctx);

struct io {
	uv_poll_t uv;
	int fd;
	int want; /* what is armed; IO_HUP alone is allowed */
	io_fn fn;
	void *ctx;
	bool closing;
	void (*on_closed)(void *ctx);
};

/* Watches FD with no interest yet. FD stays the caller's. 0 or -errno. */
MUST_USE int io_open(struct loop *l, struct io *io, int fd, io_fn fn,
		     void *ctx);

/* Sets the interest to exactly WANT (0: none, not even errors); no system
 * call if unchanged. */
void io_want(struct io *io, int want);

/*
 * Stops at once (no further callback) and takes the descriptor out of epoll,
 * so it may be handed to another thread right away. IO's memory must live
 * until ON_CLOSED. With CLOSE_FD the descriptor is closed too.
 */
void io_close(struct io *io, bool close_fd, void (*on_closed)(void *ctx));
