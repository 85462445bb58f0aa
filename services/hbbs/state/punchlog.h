/*
 * punchlog: the last connection requests, for the console.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/buf.h"
#include "common/proto/wire.h"

enum {
	PUNCHLOG_MAX = 1000, /* entries, ~300 KiB; the oldest go */
	PUNCHLOG_SAME_S = 60,
	PUNCHLOG_BACK = 30, /* how far a repeated request is looked for */
};

struct punch_entry {
	uint64_t unix_s;
	struct addr from; /* A; port 0 */
	struct addr to;   /* B; port 0 */
	char id[WIRE_ID_MAX + 1];
};

struct punch_log {
	struct punch_entry *ring; /* allocated with the first entry */
	size_t first;
	size_t n;
};

void punchlog_fini(struct punch_log *l);
void punchlog_clear(struct punch_log *l);

/* Notes one request; the same asker and id within PUNCHLOG_SAME_S counts
 * once. */
void punchlog_add(struct punch_log *l, const struct addr *from, const char *id,
		  const struct addr *to, uint64_t unix_s);

/* Appends COUNT lines from entry START on, newest first. */
MUST_USE int punchlog_print(const struct punch_log *l, size_t start,
			    size_t count, struct buf *out);
