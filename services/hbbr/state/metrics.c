#include "services/hbbr/state/metrics.h"

#include <assert.h>

#define ROW(symbol, name, labels, kind, help) { name, labels, kind, help },
static const struct metric_def defs[] = { HBBR_METRICS(ROW) };
static _Atomic uint64_t values[ARRAY_LEN(defs)];
static_assert(ARRAY_LEN(defs) == HBBR_METRIC_COUNT, "one row per symbol");

struct metric_set hbbr_metrics = { defs, values, ARRAY_LEN(defs) };

/* The reason tables start with REASON_NONE's unused slot left out. */
#define REFUSED(symbol, word)                                                  \
	{ "hbbr_refused_total", "reason=\"" word "\"", METRIC_COUNTER,         \
	  "Connections closed before they were paired" },
#define ENDED(symbol, word)                                                    \
	{ "hbbr_sessions_ended_total", "reason=\"" word "\"", METRIC_COUNTER,  \
	  "Relay sessions ended" },
static const struct metric_def reason_defs[] = {
	REFUSALS(REFUSED) COMMON_REASONS(REFUSED) /* */
	ENDINGS(ENDED) COMMON_REASONS(ENDED)
};
static _Atomic uint64_t reason_values[ARRAY_LEN(reason_defs)];
struct metric_set hbbr_reasons = { reason_defs, reason_values,
				   ARRAY_LEN(reason_defs) };

enum {
	NREFUSALS = 0 REFUSALS(REASON_ONE),
	NENDINGS = 0 ENDINGS(REASON_ONE),
	NCOMMON = 0 COMMON_REASONS(REASON_ONE),
	FIRST_ENDING = 1 + NREFUSALS,
	FIRST_COMMON = FIRST_ENDING + NENDINGS,
};
static_assert(ARRAY_LEN(reason_defs) == NREFUSALS + NENDINGS + 2 * NCOMMON,
	      "rows");

void metrics_count(enum hbbr_metric m)
{
	metric_add(&hbbr_metrics, m, 1);
}

void metrics_refused(enum reason why)
{
	size_t i = why;
	size_t row = i >= FIRST_COMMON ? NREFUSALS + i - FIRST_COMMON : i - 1;

	assert(row < NREFUSALS + NCOMMON);
	metric_add(&hbbr_reasons, row, 1);
}

void metrics_ended(enum reason why)
{
	size_t i = why;
	size_t row = NREFUSALS + NCOMMON + i - FIRST_ENDING;

	assert(i >= FIRST_ENDING && row < ARRAY_LEN(reason_defs));
	metric_add(&hbbr_reasons, row, 1);
}

int metrics_render(struct buf *out)
{
	int r = metric_render(&hbbr_metrics, out);

	return r < 0 ? r : metric_render(&hbbr_reasons, out);
}
