/*
 * command: the console's language (spec 6.6): one line in, text out.
 */
#pragma once

#include <stddef.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "services/hbbs/state/core.h"

enum {
	COMMAND_MAX = 1024,        /* longest line */
	COMMAND_REPLY_MAX = 65536, /* longest answer */
};

/* Could these first bytes of a connection be a command? 1 yes, 0 too early to
 * say, -1 no: they are a protocol frame. */
int command_sniff(const uint8_t *data, size_t len);

/* Runs LINE (it is taken apart) and appends the answer. 0 or a buf error. */
MUST_USE int command_run(struct core *c, char *line, uint64_t now_ms,
			 struct buf *out);
