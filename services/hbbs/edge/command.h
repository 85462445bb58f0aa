/*
 * command: the console's language (spec 6.6): one line in, text out.
 */
#pragma once

#include <stddef.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "services/hbbs/state/core.h"

/* Runs LINE (it is taken apart) and appends the answer. 0 or a buf error. */
MUST_USE int command_run(struct core *c, char *line, uint64_t now_ms,
			 struct buf *out);
