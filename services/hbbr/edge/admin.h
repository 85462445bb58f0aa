/*
 * admin: what the console's commands (command.h) do to the front.
 *
 * They come on a unix socket, and on the TCP port from loopback where that was
 * asked for: by default nobody who happens to appear from loopback (a tunnel,
 * a container proxy) has admin power.
 */
#pragma once

#include <stddef.h>

#include "common/base/attr.h"
#include "services/hbbr/front/front.h"

struct console;
struct console_call;

struct admin {
	struct front *front;
	struct console *console;
	struct console_call *asker; /* waits for usage */
	struct usage_row *rows;     /* of the parts that have come */
	size_t nrows;
	size_t parts; /* still to come */
};

/* NAME is a unix socket, relative to DIR; "" opens none. 0 or -errno. */
MUST_USE int admin_open(struct admin *a, struct front *f, const char *dir,
			const char *name);
void admin_close(struct admin *a);

/* Answers the command that comes on FD; takes FD. */
void admin_serve(struct admin *a, int fd);

/* One part of the usage that was asked for; takes ROWS. */
void admin_usage(struct admin *a, struct usage_row *rows, size_t n);
