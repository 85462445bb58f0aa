/*
 * console: the text console of spec 6.6: on the unix socket hbbs.sock in
 * DATA_DIR, which only its owner may open, and with CONSOLE for loopback
 * connections to the NAT test port, told apart from the protocol by their
 * first bytes.
 */
#pragma once

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "services/hbbs/hbbs.h"

struct console;

/* A socket that cannot be made (a folder that cannot be written to, another
 * hbbs that uses it) is logged and does without. 0 and *OUT, or -ENOMEM. */
MUST_USE int console_open(struct hbbs *h, struct console **out);
/* A loopback connection to the NAT test port. Takes FD. */
void console_accept(struct console *c, int fd, const struct addr *client);
void console_close(struct console *c);
