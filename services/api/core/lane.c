#include "services/api/core/lane.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct lane {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t threads[LANE_THREADS];
	struct lane_job *running[LANE_THREADS];
	struct lane_job *first; /* waiting, in order */
	size_t nthreads;
	size_t waiting;
	bool ending;
};

struct start {
	struct lane *lane;
	size_t i;
};

static bool same(const struct lane_job *a, const struct lane_job *b)
{
	return strcmp(a->key, b->key) == 0;
}

static bool is_running(const struct lane *l, const struct lane_job *job)
{
	for (size_t i = 0; i < LANE_THREADS; i++)
		if (l->running[i] && same(l->running[i], job))
			return true;
	return false;
}

/* The first whose caller has nothing running; else none. */
static struct lane_job *next_job(struct lane *l)
{
	for (struct lane_job **at = &l->first; *at; at = &(*at)->next) {
		struct lane_job *job = *at;

		if (is_running(l, job))
			continue;
		*at = job->next;
		l->waiting--;
		return job;
	}
	return NULL;
}

static void *serve(void *arg)
{
	struct start s = *(struct start *)arg;
	struct lane *l = s.lane;

	free(arg);
	pthread_mutex_lock(&l->lock);
	for (;;) {
		struct lane_job *job = next_job(l);

		if (!job && l->ending && !l->first)
			break;
		if (!job) {
			pthread_cond_wait(&l->wake, &l->lock);
			continue;
		}
		l->running[s.i] = job;
		/* run() may free the job; its key is looked at until then. */
		struct lane_job copy = *job;
		l->running[s.i] = &copy;
		pthread_mutex_unlock(&l->lock);
		copy.run(copy.arg);
		pthread_mutex_lock(&l->lock);
		l->running[s.i] = NULL;
		pthread_cond_broadcast(&l->wake);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

int lane_open(struct lane **out)
{
	struct lane *l = calloc(1, sizeof(*l));
	int r = l ? 0 : -ENOMEM;

	if (!l)
		return r;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->wake, NULL);
	for (size_t i = 0; r == 0 && i < LANE_THREADS; i++) {
		struct start *s = malloc(sizeof(*s));

		if (!s) {
			r = -ENOMEM;
			break;
		}
		*s = (struct start){ l, i };
		r = -pthread_create(&l->threads[i], NULL, serve, s);
		if (r < 0)
			free(s);
		else
			l->nthreads++;
	}
	if (r < 0) {
		lane_close(l);
		return r;
	}
	*out = l;
	return 0;
}

bool lane_put(struct lane *l, struct lane_job *job)
{
	struct lane_job **at;
	size_t own = 0;

	pthread_mutex_lock(&l->lock);
	for (at = &l->first; *at; at = &(*at)->next)
		own += same(*at, job);
	bool ok = l->waiting < LANE_WAITING && own < LANE_EACH && !l->ending;
	if (ok) {
		job->next = NULL;
		*at = job;
		l->waiting++;
		pthread_cond_signal(&l->wake);
	}
	pthread_mutex_unlock(&l->lock);
	return ok;
}

void lane_close(struct lane *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->ending = true;
	pthread_cond_broadcast(&l->wake);
	pthread_mutex_unlock(&l->lock);
	for (size_t i = 0; i < l->nthreads; i++)
		pthread_join(l->threads[i], NULL);
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	free(l);
}
