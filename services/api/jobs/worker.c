#include "services/api/jobs/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/heap.h"
#include "services/api/jobs/certificate.h"
#include "services/api/jobs/jobs.h"
#include "services/api/jobs/mail_health.h"
#include "services/api/jobs/purge.h"

struct worker {
	struct app *app;
	struct jobs *jobs;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	struct worker_hooks hooks;
	_Atomic bool started;
};

static void show_memory(struct metric_set *m, const struct db_pool *dp,
			enum api_metric used, enum api_metric max)
{
	struct fullness f = db_pool_memory(dp);

	metric_gauge(m, used, f.used);
	metric_gauge(m, max, f.max);
}

static void show_redis(struct worker *w)
{
	struct metric_set *m = &w->app->metrics;
	uint64_t rtt_us;
	bool writable = !db_pool_trouble(w->app->db, &rtt_us);

	metric_gauge(m, M_REDIS_UP, db_pool_answers(w->app->db));
	metric_gauge(m, M_REDIS_WRITABLE, writable);
	metric_gauge(m, M_REDIS_RTT, rtt_us);
	show_memory(m, w->app->db, M_REDIS_USED, M_REDIS_MAX);
	if (w->app->state)
		show_memory(m, w->app->state, M_REDIS_STATE_USED,
			    M_REDIS_STATE_MAX);
}

/* One round; its pool ends with it. */
static void work(struct worker *w)
{
	struct pool pool = { 0 };
	struct db d = db_take(w->app->db, &pool);

	show_redis(w);
	banned_refresh(&w->app->banned, &d);
	if (!w->started)
		w->started = w->hooks.begin(w->app, &d) == 0;
	else
		w->hooks.tidy(w->app, &d);
	if (!d.away)
		jobs_run(w->jobs, &d);
	if (!d.away)
		metric_gauge(&w->app->metrics, M_MAIL_FAILING,
			     mail_health(&d).failing);
	if (!d.away)
		certificate_tick(w->app, &d);
	if (!d.away)
		purge_run(w->app, &d, app_now_ms());
	db_put(w->app->db, &d);
	pool_fini(&pool);
}

static bool wait_tick(struct worker *w)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += WORKER_TICK_MS * 1000000L;
	if (ts.tv_nsec >= 1000000000L) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&w->lock);
	if (!w->stop)
		pthread_cond_timedwait(&w->wake, &w->lock, &ts);
	bool go_on = !w->stop;
	pthread_mutex_unlock(&w->lock);
	return go_on;
}

static void *run(void *arg)
{
	struct worker *w = arg;

	do {
		work(w);
		heap_tidy(HEAP_API_HOLES);
	} while (wait_tick(w));
	return NULL;
}

int worker_start(struct app *app, const struct worker_hooks *hooks,
		 struct worker **out)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->app = app;
	w->hooks = *hooks;
	w->jobs = jobs_open(app);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	int r = w->jobs ? pthread_create(&w->thread, NULL, run, w) : ENOMEM;
	if (r != 0) {
		jobs_close(w->jobs);
		free(w);
		return -r;
	}
	*out = w;
	return 0;
}

bool worker_started(const struct worker *w)
{
	return w->started;
}

void worker_stop(struct worker *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	jobs_close(w->jobs);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
