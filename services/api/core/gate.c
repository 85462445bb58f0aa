#include "services/api/core/gate.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "common/base/map.h"

enum state { FRESH, IDLE, BUSY, ENDED, STATES };

/* An address that has connections or unfinished bodies here. */
struct visitor {
	struct addr key;
	size_t connections;
	size_t bytes;
};

struct place {
	TAILQ_ENTRY(place) link; /* of its state */
	struct addr key;
	uint64_t since_ms;
	enum state state;
	int fd;
	bool used;
	bool counted; /* by address */
};

struct gate {
	pthread_mutex_t lock;
	struct place *places; /* by descriptor */
	size_t nplaces;
	TAILQ_HEAD(, place) lists[STATES]; /* oldest first */
	struct map visitors;
	size_t max, each;
	struct gate_counts counts;
};

static const void *key_of(const void *item, size_t *len)
{
	const struct visitor *v = item;

	*len = sizeof(v->key);
	return &v->key;
}

size_t gate_places(size_t max, size_t own)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	size_t rest = GATE_SHARE_MIN;
	if (files.rlim_cur > own + GATE_SHARE_MIN)
		rest = (size_t)files.rlim_cur - own;
	return max < rest ? max : rest;
}

int gate_open(size_t places, struct gate **out)
{
	struct gate *g = calloc(1, sizeof(*g));
	struct rlimit files;

	if (!g)
		return -ENOMEM;
	getrlimit(RLIMIT_NOFILE, &files);
	/* Descriptors are numbered from zero: one place for each. */
	g->nplaces = (size_t)files.rlim_cur;
	g->places = calloc(g->nplaces, sizeof(*g->places));
	if (!g->places) {
		free(g);
		return -ENOMEM;
	}
	pthread_mutex_init(&g->lock, NULL);
	for (size_t i = 0; i < STATES; i++)
		TAILQ_INIT(&g->lists[i]);
	g->max = places;
	g->each = places / GATE_SHARE < GATE_SHARE_MIN ? GATE_SHARE_MIN
						       : places / GATE_SHARE;
	/* Each connection has one, and each body that is counted. */
	map_init(&g->visitors, key_of, 2 * places);
	*out = g;
	return 0;
}

void gate_free(struct gate *g)
{
	if (!g)
		return;
	map_free_items(&g->visitors);
	pthread_mutex_destroy(&g->lock);
	free(g->places);
	free(g);
}

static struct visitor *visitor(struct gate *g, const struct addr *key)
{
	struct visitor *v = map_find(&g->visitors, key, sizeof(*key));

	if (v)
		return v;
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->key = *key;
	if (map_put(&g->visitors, v) < 0) {
		free(v);
		return NULL;
	}
	return v;
}

static void forget_if_gone(struct gate *g, struct visitor *v)
{
	if (v->connections || v->bytes)
		return;
	map_take(&g->visitors, &v->key, sizeof(v->key));
	free(v);
}

static void unlink_place(struct gate *g, struct place *p)
{
	TAILQ_REMOVE(&g->lists[p->state], p, link);
}

static void leave(struct gate *g, struct place *p)
{
	if (!p->used)
		return;
	unlink_place(g, p);
	p->used = false;
	g->counts.connections--;
	struct visitor *v = p->counted ? visitor(g, &p->key) : NULL;
	if (!v)
		return;
	v->connections--;
	forget_if_gone(g, v);
}

static void link_place(struct gate *g, struct place *p, enum state state,
		       uint64_t now_ms)
{
	p->state = state;
	p->since_ms = now_ms;
	TAILQ_INSERT_TAIL(&g->lists[state], p, link);
}

static void end(struct gate *g, struct place *p)
{
	shutdown(p->fd, SHUT_RDWR);
	unlink_place(g, p);
	link_place(g, p, ENDED, p->since_ms);
	g->counts.ended++;
}

static bool evict(struct gate *g)
{
	for (enum state s = FRESH; s <= IDLE; s++) {
		struct place *p = TAILQ_FIRST(&g->lists[s]);

		if (p) {
			end(g, p);
			return true;
		}
	}
	return false;
}

/* Only who may have one more ends another one's. */
static bool admit(struct gate *g, struct place *p)
{
	struct visitor *v = NULL;

	if (p->counted) {
		v = visitor(g, &p->key);
		if (!v)
			return false;
	}
	bool ok = !v || v->connections < g->each;
	/* One that was ended gives its place back a moment later. */
	if (ok && g->counts.connections >= g->max)
		ok = evict(g);
	if (v && ok)
		v->connections++;
	else if (v)
		forget_if_gone(g, v);
	return ok;
}

bool gate_enter(struct gate *g, int fd, const struct addr *peer, bool trusted,
		uint64_t now_ms)
{
	if ((size_t)fd >= g->nplaces)
		return false;
	pthread_mutex_lock(&g->lock);
	struct place *p = &g->places[fd];
	leave(g, p); /* its owner closed it without a word */
	*p = (struct place){ .fd = fd,
			     .key = addr_limit_key(peer),
			     .counted = !trusted };
	bool ok = admit(g, p);
	if (ok) {
		p->used = true;
		g->counts.connections++;
		link_place(g, p, FRESH, now_ms);
	} else {
		g->counts.refused++;
	}
	pthread_mutex_unlock(&g->lock);
	return ok;
}

static void move(struct gate *g, int fd, enum state to, uint64_t now_ms)
{
	struct place *p = &g->places[fd];

	pthread_mutex_lock(&g->lock);
	if (p->used && p->state != ENDED) {
		unlink_place(g, p);
		link_place(g, p, to, now_ms);
	}
	pthread_mutex_unlock(&g->lock);
}

void gate_busy(struct gate *g, int fd)
{
	move(g, fd, BUSY, 0);
}

void gate_ending(struct gate *g, int fd, uint64_t now_ms)
{
	move(g, fd, FRESH, now_ms);
}

void gate_idle(struct gate *g, int fd, uint64_t now_ms)
{
	move(g, fd, IDLE, now_ms);
}

bool gate_leave(struct gate *g, int fd)
{
	struct place *p = &g->places[fd];

	pthread_mutex_lock(&g->lock);
	bool fresh = p->used && p->state == FRESH;
	leave(g, p);
	pthread_mutex_unlock(&g->lock);
	return fresh;
}

static void reap(struct gate *g, enum state s, uint64_t ms, uint64_t now_ms)
{
	struct place *p;

	while ((p = TAILQ_FIRST(&g->lists[s])) && p->since_ms + ms <= now_ms)
		end(g, p);
}

void gate_reap(struct gate *g, uint64_t now_ms)
{
	pthread_mutex_lock(&g->lock);
	reap(g, FRESH, GATE_HEAD_MS, now_ms);
	reap(g, IDLE, GATE_IDLE_MS, now_ms);
	pthread_mutex_unlock(&g->lock);
}

void gate_evict(struct gate *g, size_t fresh)
{
	pthread_mutex_lock(&g->lock);
	do
		(void)evict(g);
	while (--fresh > 0 && !TAILQ_EMPTY(&g->lists[FRESH]));
	pthread_mutex_unlock(&g->lock);
}

bool gate_take(struct gate *g, const struct addr *a, size_t len)
{
	struct addr key = addr_limit_key(a);

	pthread_mutex_lock(&g->lock);
	struct visitor *v = visitor(g, &key);
	bool ok = v && g->counts.body_bytes + len <= GATE_BODIES &&
		  v->bytes + len <= GATE_BODIES_EACH;
	if (ok) {
		g->counts.body_bytes += len;
		v->bytes += len;
	} else {
		g->counts.bodies_refused++;
	}
	if (v)
		forget_if_gone(g, v);
	pthread_mutex_unlock(&g->lock);
	return ok;
}

void gate_give(struct gate *g, const struct addr *a, size_t len)
{
	struct addr key = addr_limit_key(a);

	if (len == 0)
		return;
	pthread_mutex_lock(&g->lock);
	struct visitor *v = visitor(g, &key);
	if (v) {
		v->bytes -= len;
		g->counts.body_bytes -= len;
		forget_if_gone(g, v);
	}
	pthread_mutex_unlock(&g->lock);
}

struct gate_counts gate_counts(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	struct gate_counts n = g->counts;
	pthread_mutex_unlock(&g->lock);
	return n;
}
