#include "services/api/server.h"

#include <string.h>

#include "common/base/log.h"
#include "common/net/loop.h"
#include "common/process/app.h"
#include "common/process/ops.h"
#include "services/api/bootstrap.h"
#include "services/api/core/http.h"
#include "services/api/jobs/fetch.h"
#include "services/api/jobs/ship.h"
#include "services/api/jobs/worker.h"
#include "services/api/policy/bans.h"
#include "services/api/web/turn.h"
#include "services/api/web/watch.h"

enum { DRAIN_MS = 3000, DRAIN_STEP_MS = 50 };

struct api {
	struct app app;
	struct loop loop;
	struct timer drain;
	struct app_process process;
	struct http *http;
	struct worker *worker;
	struct ship *ship; /* NULL unless recordings go to S3 */
	unsigned drained_ms;
	bool stopping;
};

static void render_metrics(void *ctx, struct buf *out)
{
	struct api *a = ctx;

	if (a->http)
		http_count(a->http);
	if (metric_render(&a->app.metrics, out) < 0)
		log_warn("metrics", "page too large");
}

static bool is_ready(void *ctx, const char **why)
{
	struct api *a = ctx;

	*why = db_pool_trouble(a->app.db, NULL);
	if (!*why && a->app.state)
		*why = db_pool_trouble(a->app.state, NULL);
	if (!*why && !worker_started(a->worker))
		*why = "starting";
	return !*why;
}

/* Requests that were accepted are answered before the threads stop. */
static void on_drain(void *ctx)
{
	struct api *a = ctx;

	a->drained_ms += DRAIN_STEP_MS;
	if (http_busy(a->http) && a->drained_ms < DRAIN_MS)
		return;
	timer_close(&a->drain, NULL);
	app_close(&a->process);
	loop_stop(&a->loop);
}

static void on_stop(void *ctx)
{
	struct api *a = ctx;

	if (a->stopping)
		return;
	a->stopping = true;
	http_quiesce(a->http);
	watch_drain(a->app.watch);
	timer_start(&a->drain, DRAIN_STEP_MS, DRAIN_STEP_MS);
}

static void tidy(struct app *app, struct db *d)
{
	bootstrap_tidy(app, d);
	bans_tidy(app, d);
}

static int start(struct api *a)
{
	struct app_hooks hooks = { .stop = on_stop,
				   .metrics = render_metrics,
				   .ready = is_ready,
				   .ctx = a };
	static const struct worker_hooks first = { bootstrap, tidy };
	int r = worker_start(&a->app, &first, &a->worker);

	if (r == 0)
		r = turn_check(a->app.cfg);
	if (r == 0)
		r = ship_start(&a->app, &a->ship);
	if (r == 0)
		r = fetch_start(&a->app, &a->app.fetch);
	if (r == 0)
		r = watch_start(&a->app, &a->app.watch);
	if (r == 0)
		r = http_open(&a->app, &a->http);
	if (r == 0)
		r = app_open(&a->process, &a->loop, &api_config_spec,
			     a->app.cfg, &hooks);
	if (r < 0) {
		log_error("start", "%s", strerror(-r));
		return r;
	}
	timer_init(&a->loop, &a->drain, on_drain, a);
	log_info("listening", "port=%u ops_port=%u", http_port(a->http),
		 ops_port(a->process.ops));
	return 0;
}

int server_run(const struct api_config *cfg)
{
	static struct api a;
	int r = app_init(&a.app, cfg);

	if (r == 0)
		r = loop_init(&a.loop);
	if (r < 0)
		return 1;
	r = start(&a);
	if (r == 0)
		loop_run(&a.loop);
	if (a.app.watch)
		watch_drain(a.app.watch);
	fetch_drain(a.app.fetch);
	worker_stop(a.worker);
	ship_stop(a.ship);
	lanes_stop(a.app.lanes); /* resumes what it holds of the connections */
	worker_free(a.worker);
	http_close(a.http);
	watch_stop(a.app.watch);
	fetch_stop(a.app.fetch);
	loop_fini(&a.loop);
	app_fini(&a.app);
	return r ? 1 : 0;
}
