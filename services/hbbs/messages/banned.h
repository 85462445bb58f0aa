/*
 * banned: what an administrator keeps out (common/site/bans) is not served.
 *
 * Who asks for a device is told in a sentence; any other message is dropped,
 * and ends the connection that it came on.
 */
#pragma once

#include <stdbool.h>

#include "services/hbbs/state/core.h"

/* Q comes from a banned address, or is of or for a banned device: true, and
 * it is answered. */
bool banned_refused(struct core *c, const struct request *q);

/* The table has changed: who is banned by now is let go. Devices on UDP whose
 * address is banned are not looked for: their heartbeats are not answered. */
void banned_let_go(struct core *c);
