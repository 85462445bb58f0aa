#include "services/api/jobs/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "services/api/bootstrap.h"
#include "services/api/jobs/jobs.h"
#include "services/api/jobs/mail_health.h"
#include "services/api/jobs/purge.h"

struct worker {
	struct app *app;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	_Atomic bool redis_ok;
	bool stop;
	bool bootstrapped;
};

static void ping(struct worker *w, struct db *d)
{
	struct metric_set *m = &w->app->metrics;
	struct timespec before, after;

	clock_gettime(CLOCK_MONOTONIC, &before);
	db_do(d, "PING", NULL);
	clock_gettime(CLOCK_MONOTONIC, &after);
	metric_gauge(m, M_REDIS_UP, !d->away);
	metric_gauge(m, M_REDIS_RTT,
		     (uint64_t)((after.tv_sec - before.tv_sec) * 1000000 +
				(after.tv_nsec - before.tv_nsec) / 1000));
}

/* One round; its pool ends with it. */
static void work(struct worker *w)
{
	struct pool pool = { 0 };
	struct db d = db_take(w->app->db, &pool);

	ping(w, &d);
	if (!w->bootstrapped)
		w->bootstrapped = bootstrap(w->app, &d) == 0;
	else
		bootstrap_tidy(w->app, &d);
	if (!d.away)
		jobs_run(w->app, &d);
	if (!d.away)
		metric_gauge(&w->app->metrics, M_MAIL_FAILING,
			     mail_health(&d).failing);
	if (!d.away)
		purge_run(w->app, &d, app_now_ms());
	w->redis_ok = !d.away && w->bootstrapped;
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

	do
		work(w);
	while (wait_tick(w));
	return NULL;
}

int worker_start(struct app *app, struct worker **out)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->app = app;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	int r = pthread_create(&w->thread, NULL, run, w);
	if (r != 0) {
		free(w);
		return -r;
	}
	*out = w;
	return 0;
}

bool worker_redis_ok(const struct worker *w)
{
	return w->redis_ok;
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
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
