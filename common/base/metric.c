#include "common/base/metric.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_LEN = 512 }; /* names and help texts are our own literals */

void metric_add(struct metric_set *m, size_t i, uint64_t by)
{
	atomic_fetch_add_explicit(&m->values[i], by, memory_order_relaxed);
}

void metric_gauge(struct metric_set *m, size_t i, uint64_t value)
{
	atomic_store_explicit(&m->values[i], value, memory_order_relaxed);
}

uint64_t metric_get(const struct metric_set *m, size_t i)
{
	return atomic_load_explicit(&m->values[i], memory_order_relaxed);
}

static int append(struct buf *out, const char *text, int len)
{
	return buf_append(out, text,
			  len < LINE_MAX_LEN ? (size_t)len : LINE_MAX_LEN - 1);
}

static int render_head(const struct metric_def *d, struct buf *out)
{
	char line[LINE_MAX_LEN];
	int n = snprintf(line, sizeof(line), "# HELP %s %s\n# TYPE %s %s\n",
			 d->name, d->help, d->name,
			 d->kind == METRIC_COUNTER ? "counter" : "gauge");

	return append(out, line, n);
}

static int render_value(const struct metric_def *d, uint64_t value,
			struct buf *out)
{
	char line[LINE_MAX_LEN];
	bool labels = d->labels[0] != '\0';
	int n = snprintf(line, sizeof(line), "%s%s%s%s %" PRIu64 "\n", d->name,
			 labels ? "{" : "", d->labels, labels ? "}" : "",
			 value);

	return append(out, line, n);
}

int metric_render(const struct metric_set *m, struct buf *out)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct metric_def *d = &m->defs[i];
		bool first = i == 0 || strcmp(d->name, d[-1].name) != 0;
		int r = first ? render_head(d, out) : 0;
		if (r == 0)
			r = render_value(d, metric_get(m, i), out);
		if (r < 0)
			return r;
	}
	return 0;
}
