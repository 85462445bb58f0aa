/*
 * console: the text console of spec 6.6, only when CONSOLE is on: for
 * loopback connections to the NAT test port, told apart from the protocol by
 * their first bytes, and on the unix socket hbbs.sock in DATA_DIR.
 */
#pragma once

#include "common/addr.h"
#include "common/attr.h"
#include "services/hbbs/hbbs.h"

struct console;

/* 0 and *OUT, or -errno after logging. */
MUST_USE int console_open(struct hbbs *h, struct console **out);
/* A loopback connection to the NAT test port. Takes FD. */
void console_accept(struct console *c, int fd, const struct addr *client);
void console_close(struct console *c);
