/*
 * usage: the table of the console's `u` command (spec 6.6). Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/buf.h"
#include "services/hbbr/state/limits.h"

struct usage_row {
	struct addr client; /* the end that arrived second */
	uint64_t seconds;
	uint64_t bytes;
	uint64_t highest_bps;
	uint64_t current_bps;
};

/* What a session has used until now. */
struct usage_row usage_of(struct meter *m, const struct addr *client,
			  uint64_t now_ms);

/*
 * Sorts ROWS by total, descending, and appends one line each; sessions
 * younger than a second are left out. 0 or a buf error.
 */
MUST_USE int usage_format(struct usage_row *rows, size_t n, struct buf *out);
