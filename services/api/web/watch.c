#include "services/api/web/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "services/api/core/changes.h"
#include "services/api/web/fill.h"
#include "services/api/web/guest_link.h"
#include "services/api/web/history.h"
#include "services/api/web/nodes.h"
#include "services/api/web/unseen.h"

#define SEEN_CHANGES "seen:changes"

enum {
	BATCH = 500,       /* changes read at a time */
	SWEEP = 512,       /* buckets looked at in a round: all in 4 minutes */
	DOUBTS_MAX = 5,    /* rounds in which the counts differ */
	PAUSE_MS = 200,    /* while Redis is away */
	BUILD_LATER_S = 5, /* after a build that failed */
};

struct cursor {
	uint64_t ms, seq;
};

struct watch {
	struct app *app;
	pthread_t thread;
	pthread_rwlock_t swap; /* held while the index is used */
	struct index *index;   /* NULL: not yet */
	struct hub *hub;
	struct node_self self;
	struct cursor changes, seen;
	uint64_t round_ms;
	unsigned bucket; /* of the sweep */
	unsigned doubts;
	bool retiring; /* unseen_tick() has more to do */
	_Atomic bool stop;
};

/* What one round reads with. */
struct turn {
	struct pool pool;
	struct db db, own_state;
	struct db *state;
};

static void turn_begin(struct watch *w, struct turn *t)
{
	*t = (struct turn){ 0 };
	t->db = db_take(w->app->db, &t->pool);
	t->state = &t->db;
	if (w->app->state) {
		t->own_state = db_take(w->app->state, &t->pool);
		t->state = &t->own_state;
	}
}

static bool turn_end(struct watch *w, struct turn *t)
{
	bool away = t->db.away || t->state->away;

	db_put(w->app->db, &t->db);
	if (w->app->state)
		db_put(w->app->state, &t->own_state);
	pool_fini(&t->pool);
	return !away;
}

static void pause_ms(unsigned ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&ts, NULL);
}

static bool parse_id(const char *text, struct cursor *out)
{
	return text &&
	       sscanf(text, "%" SCNu64 "-%" SCNu64, &out->ms, &out->seq) == 2;
}

/* The newest id of a stream; zero if there is none. */
static struct cursor newest(struct db *d, const char *key)
{
	struct cursor c = { 0 };
	const struct redis_reply *r =
		db_do(d, "XREVRANGE", key, "+", "-", "COUNT", "1", NULL);

	parse_id(db_text(db_item(db_item(r, 0), 0)), &c);
	return c;
}

/* Entries behind CURSOR; waits for the first if WAIT_MS is not 0. */
static const struct redis_reply *read_stream(struct db *d, const char *key,
					     const struct cursor *c,
					     unsigned wait_ms)
{
	char count[8], wait[16], from[48];
	const struct redis_reply *r;

	snprintf(count, sizeof(count), "%d", BATCH);
	snprintf(wait, sizeof(wait), "%u", wait_ms);
	snprintf(from, sizeof(from), "%" PRIu64 "-%" PRIu64, c->ms, c->seq);
	if (wait_ms)
		r = db_do(d, "XREAD", "COUNT", count, "BLOCK", wait, "STREAMS",
			  key, from, NULL);
	else
		r = db_do(d, "XREAD", "COUNT", count, "STREAMS", key, from,
			  NULL);
	return db_item(db_item(r, 0), 1);
}

static const char *field(const struct redis_reply *fields, const char *name)
{
	for (size_t i = 0; i + 1 < db_count(fields); i += 2) {
		const char *key = db_text(db_item(fields, i));
		const char *value = db_text(db_item(fields, i + 1));

		if (key && value && strcmp(key, name) == 0)
			return value;
	}
	return "";
}

static int take_change(struct watch *w, struct turn *t,
		       const struct redis_reply *entry)
{
	const struct redis_reply *f = db_item(entry, 1);
	struct hub_event e = { .kind = field(f, "kind"),
			       .guid = field(f, "guid"),
			       .op = field(f, "op") };
	struct cursor at = { 0 };

	if (!parse_id(db_text(db_item(entry, 0)), &at))
		return 0;
	int r = w->index ? fill_change(w->index, &t->db, t->state, e.kind,
				       e.guid)
			 : 0;
	if (r < 0)
		return r;
	e.ms = at.ms;
	e.seq = at.seq;
	hub_publish(w->hub, &e);
	w->changes = at;
	return 0;
}

/* Drops the index: it is built again. */
static void forget(struct watch *w, const char *why)
{
	log_info("index", "built again: %s", why);
	pthread_rwlock_wrlock(&w->swap);
	index_free(w->index);
	w->index = NULL;
	pthread_rwlock_unlock(&w->swap);
	w->doubts = 0;
}

static void follow_changes(struct watch *w, struct turn *t)
{
	const struct redis_reply *r =
		read_stream(&t->db, KEY_CHANGES, &w->changes, WATCH_WAIT_MS);

	for (size_t i = 0; i < db_count(r); i++) {
		int e = take_change(w, t, db_item(r, i));

		if (e == -EIO)
			return; /* the entry is read again */
		if (e < 0) {
			forget(w, strerror(-e));
			return;
		}
	}
}

static void follow_presence(struct watch *w, struct turn *t)
{
	const struct redis_reply *r =
		read_stream(t->state, SEEN_CHANGES, &w->seen, 0);

	for (size_t i = 0; i < db_count(r); i++) {
		fill_pairs(w->index, db_item(db_item(r, i), 1));
		parse_id(db_text(db_item(db_item(r, i), 0)), &w->seen);
	}
}

static int build(struct watch *w, struct turn *t)
{
	uint64_t start_ms = app_tick_ms();
	struct cursor changes = newest(&t->db, KEY_CHANGES);
	struct cursor seen = newest(t->state, SEEN_CHANGES);
	struct index *ix = index_new(INDEX_DEVICES);
	int r = ix ? fill_all(ix, &t->db, t->state, &w->stop) : -ENOMEM;

	if (r < 0) {
		index_free(ix);
		return r;
	}
	w->changes = changes;
	w->seen = seen;
	hub_reset(w->hub, changes.ms, changes.seq);
	pthread_rwlock_wrlock(&w->swap);
	w->index = ix;
	pthread_rwlock_unlock(&w->swap);
	w->round_ms = 0;
	log_info("index", "devices=%zu ms=%" PRIu64, index_count(ix),
		 app_tick_ms() - start_ms);
	return 0;
}

/* A restore, or a Redis that lost its memory, writes no changes. */
static void check_count(struct watch *w, struct turn *t)
{
	long long n = db_num(db_do(&t->db, "HLEN", doc_key(DOC_DEVICE), NULL));
	struct cursor last = newest(&t->db, KEY_CHANGES);
	size_t have = index_count(w->index);
	bool back = last.ms < w->changes.ms;

	if (t->db.away)
		return;
	if (!back && ((size_t)n == have || have == INDEX_DEVICES))
		w->doubts = 0;
	else if (back || ++w->doubts > DOUBTS_MAX)
		forget(w, "Redis holds other devices");
}

static void round_of_state(struct watch *w, struct turn *t)
{
	struct node_sight seen[INDEX_NODES_MAX];

	nodes_announce(t->state, &w->self, false);
	const struct nodes *all = nodes_load(t->state);
	size_t n = nodes_sights(t->state, "hbbs", seen, INDEX_NODES_MAX);
	if (t->state->away)
		return;
	index_nodes(w->index, seen, n);
	fill_presence(w->index, t->state, w->bucket, SWEEP);
	w->bucket = (w->bucket + SWEEP) % FILL_BUCKETS;
	check_count(w, t);
	if (w->index) {
		history_tick(w->app, &t->db, all, index_sums(w->index));
		unseen_tick(&t->db, w->index, &w->retiring);
		guest_link_tick(&t->db);
	}
}

static void work(struct watch *w)
{
	struct turn t;
	bool failed = false;

	turn_begin(w, &t);
	if (!w->index)
		failed = build(w, &t) < 0;
	if (w->index)
		follow_changes(w, &t);
	if (w->index)
		follow_presence(w, &t);
	if (w->index && app_tick_ms() - w->round_ms >= WATCH_ROUND_MS) {
		w->round_ms = app_tick_ms();
		round_of_state(w, &t);
	}
	if (!turn_end(w, &t) || failed)
		pause_ms(PAUSE_MS);
	hub_tick(w->hub);
}

static void goodbye(struct watch *w)
{
	struct turn t;

	turn_begin(w, &t);
	nodes_announce(t.state, &w->self, true);
	turn_end(w, &t);
}

static void *run(void *arg)
{
	struct watch *w = arg;

	while (!w->stop)
		work(w);
	goodbye(w);
	return NULL;
}

static void name_self(struct watch *w)
{
	w->self = (struct node_self){
		.epoch = 1 + randombytes_uniform(UINT32_MAX),
		.started_s = (int64_t)(app_now_ms() / 1000),
		.name = w->app->cfg->node_id,
		.metrics = &w->app->metrics,
	};
}

int watch_start(struct app *app, struct watch **out)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->app = app;
	w->hub = hub_new();
	pthread_rwlock_init(&w->swap, NULL);
	name_self(w);
	int r = w->hub ? -pthread_create(&w->thread, NULL, run, w) : -ENOMEM;
	if (r < 0) {
		hub_free(w->hub);
		free(w);
		return r;
	}
	*out = w;
	return 0;
}

void watch_drain(struct watch *w)
{
	hub_close(w->hub);
}

void watch_stop(struct watch *w)
{
	if (!w)
		return;
	w->stop = true;
	pthread_join(w->thread, NULL);
	index_free(w->index);
	hub_free(w->hub);
	pthread_rwlock_destroy(&w->swap);
	free(w);
}

struct hub *watch_hub(struct watch *w)
{
	return w->hub;
}

struct index *watch_index(struct watch *w)
{
	pthread_rwlock_rdlock(&w->swap);
	if (w->index)
		return w->index;
	pthread_rwlock_unlock(&w->swap);
	return NULL;
}

void watch_done(struct watch *w)
{
	pthread_rwlock_unlock(&w->swap);
}

int web_events(struct call *c)
{
	return hub_answer(c->app->watch->hub, c);
}
