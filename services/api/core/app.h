/*
 * app: what all threads of the process share. Everything is read-only after
 * start except the limiter (its own lock) and the metrics (atomics).
 */
#pragma once

#include <pthread.h>

#include "common/base/limiter.h"
#include "common/base/metric.h"
#include "common/proto/forwarded.h"
#include "services/api/base/seal.h"
#include "services/api/core/banned.h"
#include "services/api/core/config.h"
#include "services/api/core/db.h"
#include "services/api/core/lanes.h"

enum {
	APP_DEAR_PART = 20, /* of DEVICE_RATE: inventories of one address */
	APP_DEAR_BURST = 8, /* seconds' worth of them that may come at once */
};

enum api_metric {
#define METRIC(id, name, labels, kind, help) M_##id,
#include "services/api/core/metrics.def"
#undef METRIC
	API_METRICS,
};

struct fetch;
struct outside;
struct watch;

struct app {
	const struct api_config *cfg;
	struct db_pool *db;
	struct db_pool *state; /* NULL: the same Redis */
	struct lanes *lanes;
	struct outside *outside;
	struct seal seal;
	struct trusted trusted;
	pthread_mutex_t limit_lock;
	struct limiter devices;  /* calls without a token, per address */
	struct limiter dear;     /* of these the dear ones */
	struct limiter accounts; /* log-in attempts, per address */
	struct banned banned;
	struct watch *watch; /* web/watch.h: the index, open pages */
	struct fetch *fetch; /* jobs/fetch.h; NULL: no storage */
	struct metric_set metrics;
	_Atomic uint64_t values[API_METRICS];
};

/* Fills APP from CFG. 0 or -errno after a log line that says why. */
MUST_USE int app_init(struct app *app, const struct api_config *cfg);
/* Redis alone, for commands of the host's operator: no key file is read or
 * made, nothing is limited. */
MUST_USE int app_init_redis(struct app *app, const struct api_config *cfg);
void app_fini(struct app *app);

uint64_t app_now_ms(void);  /* Unix time */
uint64_t app_tick_ms(void); /* monotonic, for rates */
