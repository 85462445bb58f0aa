#include "services/api/core/db.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/log.h"
#include "common/redis/redis_sync.h"
#include "common/site/keynames.h"

enum { ARGS_MAX = 16 }; /* of db_do(): our longest command has 8 */

struct db_pool {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct redis_sync **idle;
	unsigned nidle;
	unsigned n;
	/* the probe */
	struct redis_sync *probe;
	pthread_t prober;
	pthread_cond_t stopped;
	bool started, stop;
	_Atomic unsigned failures; /* in a row */
	_Atomic(const char *) trouble;
	_Atomic uint64_t rtt_us;
	_Atomic uint64_t used, max; /* bytes of memory */
	struct db_facts facts;
};

/* --- does it serve? ------------------------------------------------------- */

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

bool db_pool_answers(const struct db_pool *dp)
{
	return dp->failures < DB_FAILURES;
}

const char *db_pool_trouble(const struct db_pool *dp, uint64_t *rtt_us)
{
	if (rtt_us)
		*rtt_us = dp->rtt_us;
	return dp->trouble;
}

struct fullness db_pool_memory(const struct db_pool *dp)
{
	return (struct fullness){ .used = dp->used, .max = dp->max };
}

struct db_facts db_pool_facts(struct db_pool *dp)
{
	pthread_mutex_lock(&dp->lock);
	struct db_facts f = dp->facts;
	pthread_mutex_unlock(&dp->lock);
	return f;
}

/* The outcome of a call. The cap keeps the count from wrapping. */
static void note(struct db_pool *dp, bool answered)
{
	if (answered)
		dp->failures = 0;
	else if (dp->failures < DB_FAILURES)
		dp->failures++;
}

static const char *trouble_of(const struct redis_sync *r,
			      const struct redis_reply *reply)
{
	const char *error = reply && redis_kind(reply) == REDIS_ERROR
				    ? redis_str(reply, NULL)
				    : NULL;

	if (!reply)
		return strcmp(redis_sync_code(r), "READONLY") == 0
			       ? "redis is read-only"
			       : "redis";
	if (!error)
		return NULL;
	return strncmp(error, "OOM", 3) == 0 ? "redis is out of memory"
					     : "redis refuses writes";
}

static bool says(const char *info, const char *name, const char *value)
{
	const char *text = fullness_field(info, name);

	return text && strncmp(text, value, strlen(value)) == 0;
}

static int64_t number(const char *info, const char *name)
{
	const char *text = fullness_field(info, name);

	return text ? strtoll(text, NULL, 10) : 0;
}

static struct db_facts read_facts(const char *info)
{
	return (struct db_facts){
		.replicas = (unsigned)number(info, "connected_slaves"),
		.replica = says(info, "role", "slave"),
		.append_only = number(info, "aof_enabled") == 1,
		.unsaved = says(info, "rdb_last_bgsave_status", "err") ||
			   says(info, "aof_last_write_status", "err") ||
			   says(info, "aof_last_bgrewrite_status", "err"),
		.saved_s = number(info, "rdb_last_save_time"),
	};
}

static void ask_facts(struct db_pool *dp)
{
	const char *const argv[] = { "INFO" };
	struct redis_reply *r =
		redis_sync_command(dp->probe, ARRAY_LEN(argv), argv, NULL);

	/* Without an answer what was known holds. */
	if (r && redis_kind(r) == REDIS_STRING) {
		struct fullness m = fullness_read(redis_str(r, NULL));
		struct db_facts f = read_facts(redis_str(r, NULL));

		dp->used = m.used;
		dp->max = m.max;
		pthread_mutex_lock(&dp->lock);
		dp->facts = f;
		pthread_mutex_unlock(&dp->lock);
	}
	redis_reply_free(r);
}

/* A write, because a Redis that is full or read-only answers all else. */
static void probe(struct db_pool *dp)
{
	const char *const argv[] = { "SET", KEY_ALIVE, "1", "EX", "60" };
	uint64_t began = now_us();
	struct redis_reply *r =
		redis_sync_command(dp->probe, ARRAY_LEN(argv), argv, NULL);

	note(dp, r);
	dp->trouble = trouble_of(dp->probe, r);
	dp->rtt_us = now_us() - began;
	if (r)
		ask_facts(dp);
	redis_reply_free(r);
}

static void *run_probes(void *arg)
{
	struct db_pool *dp = arg;
	struct timespec ts;

	pthread_mutex_lock(&dp->lock);
	while (!dp->stop) {
		pthread_mutex_unlock(&dp->lock);
		probe(dp);
		pthread_mutex_lock(&dp->lock);
		clock_gettime(CLOCK_REALTIME, &ts);
		ts.tv_sec += DB_PROBE_MS / 1000;
		if (!dp->stop)
			pthread_cond_timedwait(&dp->stopped, &dp->lock, &ts);
	}
	pthread_mutex_unlock(&dp->lock);
	return NULL;
}

static void stop_probes(struct db_pool *dp)
{
	if (!dp->started)
		return;
	pthread_mutex_lock(&dp->lock);
	dp->stop = true;
	pthread_cond_signal(&dp->stopped);
	pthread_mutex_unlock(&dp->lock);
	pthread_join(dp->prober, NULL);
}

/* --- connections ---------------------------------------------------------- */

static int open_all(struct db_pool *dp, const char *url, unsigned n,
		    unsigned timeout_ms)
{
	int r = redis_sync_open(url, "api", timeout_ms, &dp->probe);

	for (dp->n = n; r == 0 && dp->nidle < n; dp->nidle += r == 0)
		r = redis_sync_open(url, "api", timeout_ms,
				    &dp->idle[dp->nidle]);
	if (r == 0)
		r = -pthread_create(&dp->prober, NULL, run_probes, dp);
	dp->started = r == 0;
	return r;
}

int db_pool_open(const char *url, unsigned n, unsigned timeout_ms,
		 struct db_pool **out)
{
	struct db_pool *dp = calloc(1, sizeof(*dp));
	int r = -ENOMEM;

	if (!dp)
		return r;
	pthread_mutex_init(&dp->lock, NULL);
	pthread_cond_init(&dp->freed, NULL);
	pthread_cond_init(&dp->stopped, NULL);
	dp->trouble = "redis";
	dp->idle = calloc(n, sizeof(struct redis_sync *));
	if (dp->idle)
		r = open_all(dp, url, n, timeout_ms);
	if (r < 0)
		db_pool_close(dp);
	else
		*out = dp;
	return r;
}

void db_pool_close(struct db_pool *dp)
{
	if (!dp)
		return;
	stop_probes(dp);
	for (unsigned i = 0; dp->idle && i < dp->nidle; i++)
		redis_sync_close(dp->idle[i]);
	redis_sync_close(dp->probe);
	pthread_cond_destroy(&dp->stopped);
	pthread_cond_destroy(&dp->freed);
	pthread_mutex_destroy(&dp->lock);
	free(dp->idle);
	free(dp);
}

struct db db_take(struct db_pool *dp, struct pool *pool)
{
	struct db d = { .pool = pool, .from = dp };

	pthread_mutex_lock(&dp->lock);
	while (dp->nidle == 0)
		pthread_cond_wait(&dp->freed, &dp->lock);
	d.conn = dp->idle[--dp->nidle];
	pthread_mutex_unlock(&dp->lock);
	return d;
}

void db_put(struct db_pool *dp, struct db *d)
{
	pthread_mutex_lock(&dp->lock);
	dp->idle[dp->nidle++] = d->conn;
	pthread_cond_signal(&dp->freed);
	pthread_mutex_unlock(&dp->lock);
	d->conn = NULL;
}

static void free_reply(void *arg)
{
	redis_reply_free(arg);
}

static const struct redis_reply *keep(struct db *d, struct redis_reply *r)
{
	if (!r) {
		d->away = true;
		return NULL;
	}
	pool_defer(d->pool, free_reply, r);
	if (redis_kind(r) == REDIS_ERROR) {
		/* LOADING, READONLY, OOM, NOAUTH: it cannot serve us now. */
		log_error("redis_error", "%s", redis_str(r, NULL));
		d->away = true;
		return NULL;
	}
	return r;
}

static bool may_ask(struct db *d)
{
	if (!db_pool_answers(d->from))
		d->away = true;
	return !d->away;
}

const struct redis_reply *db_argv(struct db *d, int argc,
				  const char *const *argv, const size_t *lens)
{
	if (!may_ask(d))
		return NULL;
	struct redis_reply *r = redis_sync_command(d->conn, argc, argv, lens);
	note(d->from, r);
	return keep(d, r);
}

const struct redis_reply *db_eval_argv(struct db *d,
				       const struct redis_script *s, int nkeys,
				       int argc, const char *const *argv,
				       const size_t *lens)
{
	if (!may_ask(d))
		return NULL;
	struct redis_reply *r =
		redis_sync_eval(d->conn, s, nkeys, argc, argv, lens);
	note(d->from, r);
	return keep(d, r);
}

/* Appends strings up to a NULL; returns how many words there are. */
static int collect(const char *argv[static ARGS_MAX], int argc, va_list ap)
{
	for (const char *arg; (arg = va_arg(ap, const char *)); argc++) {
		if (argc == ARGS_MAX)
			abort();
		argv[argc] = arg;
	}
	return argc;
}

const struct redis_reply *db_do(struct db *d, const char *cmd, ...)
{
	const char *argv[ARGS_MAX] = { cmd };
	va_list ap;

	va_start(ap, cmd);
	int argc = collect(argv, 1, ap);
	va_end(ap);
	return db_argv(d, argc, argv, NULL);
}

const struct redis_reply *db_eval(struct db *d, const struct redis_script *s,
				  int nkeys, ...)
{
	const char *argv[ARGS_MAX];
	va_list ap;

	va_start(ap, nkeys);
	int argc = collect(argv, 0, ap);
	va_end(ap);
	return db_eval_argv(d, s, nkeys, argc, argv, NULL);
}

const char *db_bytes(const struct redis_reply *r, size_t *len)
{
	return r ? redis_str(r, len) : NULL;
}

const char *db_text(const struct redis_reply *r)
{
	return db_bytes(r, NULL);
}

long long db_num(const struct redis_reply *r)
{
	if (!r)
		return 0;
	const char *text = db_text(r);
	return text ? strtoll(text, NULL, 10) : redis_int(r);
}

size_t db_count(const struct redis_reply *r)
{
	return r ? redis_len(r) : 0;
}

const struct redis_reply *db_item(const struct redis_reply *r, size_t i)
{
	return i < db_count(r) ? redis_at(r, i) : NULL;
}
