/*
 * metric: counters and gauges in Prometheus text format.
 *
 * A service lists its metrics once, in an X-macro file, and gets an enum and
 * a definition table from it. Values are relaxed atomics: any thread may add,
 * the scrape reads.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

struct metric_def {
	const char *name;   /* "hbbs_registrations_total" */
	const char *labels; /* "transport=\"udp\"", or "" */
	enum metric_kind kind;
	const char *help; /* equal for all rows of one name, rows adjacent */
};

struct metric_set {
	const struct metric_def *defs;
	_Atomic uint64_t *values; /* same index */
	size_t n;
};

void metric_add(struct metric_set *m, size_t i, uint64_t by);
void metric_gauge(struct metric_set *m, size_t i, uint64_t value);
uint64_t metric_get(const struct metric_set *m, size_t i);

/* Appends the whole set as Prometheus text. 0 or a buf error. */
MUST_USE int metric_render(const struct metric_set *m, struct buf *out);
