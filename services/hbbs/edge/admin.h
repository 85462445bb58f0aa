/*
 * admin: where the console's commands (command.h) come from: hbbs.sock in
 * DATA_DIR, and with CONSOLE loopback connections to the NAT test port.
 */
#pragma once

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/net/loop.h"
#include "services/hbbs/state/core.h"

struct console;
struct sessions;

struct admin {
	struct loop *loop;
	struct core *core;
	struct sessions *sessions; /* get what is no command */
	struct console *console;
};

/* The three before CONSOLE are set. 0 or -errno. */
MUST_USE int admin_open(struct admin *a, const char *data_dir);
/* A loopback connection to the NAT test port. Takes FD. */
void admin_accept(struct admin *a, int fd, const struct addr *client);
void admin_close(struct admin *a);
