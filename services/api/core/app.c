#include "services/api/core/app.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/log.h"
#include "services/api/core/outside.h"

/* Addresses remembered per limiter: 64 bytes each, a busy site's clients. A
 * caller without Redis gets its answer within a second. */
enum { LIMIT_CAP = 65536, REDIS_MS = 1000 };

static const struct metric_def defs[API_METRICS] = {
#define METRIC(id, name, labels, kind, help)                                   \
	[M_##id] = { name, labels, kind, help },
#include "services/api/core/metrics.def"
#undef METRIC
};

static uint64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t app_now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

uint64_t app_tick_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

static int load_key(struct app *app)
{
	const struct api_config *cfg = app->cfg;
	char path[512];
	bool own = !*cfg->secret_key_file;

	int n = snprintf(path, sizeof(path), "%s%s",
			 own ? cfg->data_dir : cfg->secret_key_file,
			 own ? "/api_secret" : "");
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	int r = seal_load(&app->seal, path, own);
	if (r < 0)
		log_error("secret_key", "%s: %s", path, strerror(-r));
	return r;
}

static int open_redis(struct app *app)
{
	const struct api_config *cfg = app->cfg;
	/* One connection per thread that answers, two for the worker, one for
	 * the sender of recordings, one for the watch. */
	unsigned n = (unsigned)cfg->threads + lanes_threads() + 4;
	int r = db_pool_open(cfg->redis_url, n, REDIS_MS, &app->db);

	if (r < 0) {
		log_error("bad_option", "REDIS_URL: %s", strerror(-r));
		return r;
	}
	if (!*cfg->state_redis_url ||
	    strcmp(cfg->state_redis_url, cfg->redis_url) == 0)
		return 0;
	r = db_pool_open(cfg->state_redis_url, n, REDIS_MS, &app->state);
	if (r < 0)
		log_error("bad_option", "STATE_REDIS_URL: %s", strerror(-r));
	return r;
}

int app_init(struct app *app, const struct api_config *cfg)
{
	uint64_t now = app_tick_ms();
	uint64_t devices = (uint64_t)cfg->device_rate;
	uint64_t dear = (devices + APP_DEAR_PART - 1) / APP_DEAR_PART;
	uint64_t accounts = (uint64_t)cfg->login_rate;

	*app = (struct app){ .cfg = cfg };
	app->metrics = (struct metric_set){ defs, app->values, API_METRICS };
	pthread_mutex_init(&app->limit_lock, NULL);
	banned_init(&app->banned);
	limiter_init(&app->devices, devices, devices * 4, LIMIT_CAP, now);
	limiter_init(&app->dear, dear, dear * APP_DEAR_BURST, LIMIT_CAP, now);
	limiter_init(&app->accounts, accounts, accounts * 4, LIMIT_CAP, now);
	/* config_load() has checked them. */
	(void)!trusted_parse(cfg->trusted_proxies, &app->trusted);
	int r = load_key(app);
	if (r == 0)
		r = open_redis(app);
	app->outside = outside_open();
	if (r == 0)
		r = app->outside ? lanes_open(&app->metrics, &app->lanes)
				 : -ENOMEM;
	return r;
}

int app_init_redis(struct app *app, const struct api_config *cfg)
{
	*app = (struct app){ .cfg = cfg };
	app->metrics = (struct metric_set){ defs, app->values, API_METRICS };
	pthread_mutex_init(&app->limit_lock, NULL);
	banned_init(&app->banned);
	return open_redis(app);
}

void app_fini(struct app *app)
{
	lanes_close(app->lanes);
	outside_close(app->outside);
	db_pool_close(app->db);
	db_pool_close(app->state);
	limiter_fini(&app->devices);
	limiter_fini(&app->dear);
	limiter_fini(&app->accounts);
	banned_fini(&app->banned);
	pthread_mutex_destroy(&app->limit_lock);
}
