/*
 * console: the admin's text commands, one per connection (spec 6.6).
 *
 * On a unix socket, and on the TCP port from loopback where that was asked
 * for: by default nobody who happens to appear from loopback (a tunnel, a
 * container proxy) has admin power.
 */
#pragma once

#include <stdbool.h>

#include "common/base/attr.h"
#include "services/hbbr/front/front.h"

struct console;

/* NAME is a unix socket, relative to DIR; "" opens none. One that cannot be
 * made is logged and done without. 0 and *OUT, or -errno. */
MUST_USE int console_open(struct front *f, const char *dir, const char *name,
			  struct console **out);
void console_close(struct console *c);

/* 1 if the bytes waiting on FD are a command (they stay there), 0 if they are
 * something else, -EAGAIN if there are none yet. */
int console_sniff(int fd);

/* Answers the command that comes on FD; takes FD. */
void console_serve(struct console *c, int fd);

/* One part of the usage that was asked for; takes ROWS. */
void console_usage(struct console *c, struct usage_row *rows, size_t n);
