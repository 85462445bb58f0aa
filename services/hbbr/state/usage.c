#include "services/hbbr/state/usage.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct usage_row usage_of(struct meter *m, const struct addr *client,
			  uint64_t now_ms)
{
	meter_roll(m, now_ms);
	return (struct usage_row){
		.client = *client,
		.seconds = (now_ms - m->started_ms) / 1000,
		.bytes = m->bytes,
		.highest_bps = m->highest_bps,
		.current_bps = m->current_bps,
	};
}

static int by_total(const void *pa, const void *pb)
{
	const struct usage_row *a = pa;
	const struct usage_row *b = pb;

	return (a->bytes < b->bytes) - (a->bytes > b->bytes);
}

static int usage_line(const struct usage_row *r, struct buf *out)
{
	char at[ADDR_TEXT_MAX];
	char line[ADDR_TEXT_MAX + 128];

	int n = snprintf(line, sizeof(line),
			 "%s: %" PRIu64 "s %.2fMB %" PRIu64 "kb/s %" PRIu64
			 "kb/s %" PRIu64 "kb/s\n",
			 addr_format(&r->client, at), r->seconds,
			 (double)r->bytes / 1048576, r->highest_bps / 1024,
			 r->bytes * 8 / r->seconds / 1024,
			 r->current_bps / 1024);
	assert(n > 0 && (size_t)n < sizeof(line));
	return buf_append(out, line, (size_t)n);
}

int usage_format(struct usage_row *rows, size_t n, struct buf *out)
{
	if (n > 0)
		qsort(rows, n, sizeof(*rows), by_total);
	for (size_t i = 0; i < n; i++) {
		int r = rows[i].seconds == 0 ? 0 : usage_line(&rows[i], out);
		if (r < 0)
			return r;
	}
	return 0;
}
