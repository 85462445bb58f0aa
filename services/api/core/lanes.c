#include "services/api/core/lanes.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/api/core/app.h"

struct lane_state {
	pthread_cond_t wake;
	TAILQ_HEAD(, lane_task) waiting; /* oldest first */
	struct lane_task *running[LANE_THREADS_MAX];
	unsigned count; /* waiting and running */
	unsigned started;
	struct lanes *all;
};

struct lanes {
	pthread_mutex_t lock;
	struct metric_set *metrics;
	struct lane_state lane[LANES];
	pthread_t thread[LANES][LANE_THREADS_MAX];
	bool closing;
};

static const unsigned threads_of[LANES] = {
	[LANE_PASSWORD] = 2, /* each hash takes a core and 19 MB */
	[LANE_GUESS] = 1,
	[LANE_WORLD] = 8,    /* two silent targets leave half */
	[LANE_LISTING] = 2,  /* a listing keeps a core busy */
	[LANE_BULK] = 2,     /* one user's change leaves one */
	[LANE_DELIVERY] = 4, /* a silent target is asked once, then rests */
	[LANE_SIGN_IN] = 2,
};

unsigned lanes_threads(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < LANES; i++)
		n += threads_of[i];
	return n;
}

/* --- what waits: under the lock ------------------------------------------- */

static void gauge(struct lane_state *s)
{
	size_t lane = (size_t)(s - s->all->lane);

	metric_gauge(s->all->metrics, M_PASSWORD_QUEUE + lane - 1, s->count);
}

static unsigned running_of_key(const struct lane_state *s, const char *key)
{
	unsigned n = 0;

	for (size_t i = 0; *key && i < LANE_THREADS_MAX; i++)
		n += s->running[i] && strcmp(s->running[i]->key, key) == 0;
	return n;
}

static bool is_nobody(const struct addr *a)
{
	static const struct addr none;

	return addr_same_ip(a, &none);
}

struct share {
	unsigned key, from;
};

static void count_one(struct share *n, const struct lane_task *have,
		      const struct lane_task *t)
{
	n->key += *t->key && strcmp(have->key, t->key) == 0;
	n->from += !is_nobody(&t->from) && addr_same_ip(&have->from, &t->from);
}

static bool has_room(const struct lane_state *s, const struct lane_task *t)
{
	struct share n = { 0 };
	const struct lane_task *w;

	TAILQ_FOREACH(w, &s->waiting, link)
	count_one(&n, w, t);
	for (size_t i = 0; i < LANE_THREADS_MAX; i++)
		if (s->running[i])
			count_one(&n, s->running[i], t);
	return s->count < LANE_QUEUE_MAX && n.key < LANE_QUEUE_MAX / 2 &&
	       n.from < LANE_QUEUE_MAX / 4;
}

/* How many of T's address run or have waited longer. */
static unsigned before(const struct lane_state *s, const struct lane_task *t)
{
	struct share n = { 0 };

	for (const struct lane_task *w = TAILQ_FIRST(&s->waiting); w != t;
	     w = TAILQ_NEXT(w, link))
		count_one(&n, w, t);
	for (size_t i = 0; i < LANE_THREADS_MAX; i++)
		if (s->running[i])
			count_one(&n, s->running[i], t);
	return n.from;
}

/* Addresses take turns: of the tasks whose key has a thread left (any, when
 * closing) the oldest of the address that has had least. */
static struct lane_task *next_task(struct lane_state *s, unsigned threads)
{
	unsigned most = threads > 1 ? threads / 2 : 1;
	unsigned least = LANE_QUEUE_MAX;
	struct lane_task *t, *best = NULL;

	TAILQ_FOREACH(t, &s->waiting, link)
	{
		if (!s->all->closing && running_of_key(s, t->key) >= most)
			continue;
		unsigned n = before(s, t);
		if (n < least) {
			least = n;
			best = t;
		}
	}
	if (best)
		TAILQ_REMOVE(&s->waiting, best, link);
	return best;
}

/* --- threads -------------------------------------------------------------- */

/* As long as what began at BEGAN_MS has taken, or till the lanes close. */
static void rest(struct lane_state *s, uint64_t began_ms)
{
	uint64_t ms = app_tick_ms() - began_ms;
	struct timespec until;

	if (ms > LANE_REST_MS)
		ms = LANE_REST_MS;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	while (!s->all->closing &&
	       pthread_cond_clockwait(&s->wake, &s->all->lock, CLOCK_MONOTONIC,
				      &until) == 0)
		;
}

static void run_one(struct lane_state *s, unsigned slot, struct lane_task *t)
{
	struct lanes *l = s->all;
	bool late = l->closing || app_tick_ms() - t->queued_ms > LANE_WAIT_MS;
	/* The task may be gone, or queued again, when it has run. */
	struct lane_task mark = { .from = t->from };

	memcpy(mark.key, t->key, sizeof(mark.key));
	s->running[slot] = &mark;
	uint64_t began_ms = app_tick_ms();
	pthread_mutex_unlock(&l->lock);
	t->run(t, late);
	pthread_mutex_lock(&l->lock);
	s->running[slot] = NULL;
	s->count--;
	gauge(s);
	if (s == &l->lane[LANE_GUESS])
		rest(s, began_ms);
	/* Its key may have kept others waiting. */
	if (!TAILQ_EMPTY(&s->waiting))
		pthread_cond_signal(&s->wake);
}

static void *run(void *arg)
{
	struct lane_state *s = arg;
	struct lanes *l = s->all;
	unsigned threads = threads_of[s - l->lane];

	pthread_mutex_lock(&l->lock);
	unsigned slot = s->started++;
	for (;;) {
		struct lane_task *t = next_task(s, threads);

		if (t)
			run_one(s, slot, t);
		else if (l->closing)
			break;
		else
			pthread_cond_wait(&s->wake, &l->lock);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

int lanes_put(struct lanes *l, enum lane lane, struct lane_task *t)
{
	struct lane_state *s = &l->lane[lane];
	int r = -EBUSY;

	pthread_mutex_lock(&l->lock);
	if (!l->closing && has_room(s, t)) {
		t->queued_ms = app_tick_ms();
		TAILQ_INSERT_TAIL(&s->waiting, t, link);
		s->count++;
		gauge(s);
		pthread_cond_signal(&s->wake);
		r = 0;
	} else {
		metric_add(l->metrics, M_LANE_REFUSED, 1);
	}
	pthread_mutex_unlock(&l->lock);
	return r;
}

static int start(struct lanes *l)
{
	for (size_t i = 1; i < LANES; i++) {
		for (unsigned n = 0; n < threads_of[i]; n++) {
			int r = pthread_create(&l->thread[i][n], NULL, run,
					       &l->lane[i]);
			if (r != 0)
				return -r;
		}
	}
	return 0;
}

int lanes_open(struct metric_set *metrics, struct lanes **out)
{
	struct lanes *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	pthread_mutex_init(&l->lock, NULL);
	l->metrics = metrics;
	for (size_t i = 0; i < LANES; i++) {
		struct lane_state *s = &l->lane[i];

		pthread_cond_init(&s->wake, NULL);
		TAILQ_INIT(&s->waiting);
		s->all = l;
	}
	int r = start(l);
	if (r < 0)
		return r; /* the process ends, and its threads with it */
	*out = l;
	return 0;
}

void lanes_stop(struct lanes *l)
{
	pthread_mutex_lock(&l->lock);
	l->closing = true;
	for (size_t i = 0; i < LANES; i++)
		pthread_cond_broadcast(&l->lane[i].wake);
	pthread_mutex_unlock(&l->lock);
	for (size_t i = 0; i < LANES; i++)
		for (unsigned n = 0; n < threads_of[i]; n++)
			pthread_join(l->thread[i][n], NULL);
}

void lanes_close(struct lanes *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < LANES; i++)
		pthread_cond_destroy(&l->lane[i].wake);
	pthread_mutex_destroy(&l->lock);
	free(l);
}
