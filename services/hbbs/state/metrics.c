#include "services/hbbs/state/metrics.h"

static const struct metric_def defs[] = {
#define X(id, name, labels, kind, help) { name, labels, METRIC_##kind, help },
	HBBS_METRICS(X)
#undef X
};

static _Atomic uint64_t values[HBBS_METRIC_COUNT];

struct metric_set hbbs_metrics = { defs, values, HBBS_METRIC_COUNT };
