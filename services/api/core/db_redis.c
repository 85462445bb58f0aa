#include "services/api/core/db.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/redis/redis_sync.h"

enum { ARGS_MAX = 16 }; /* of db_do(): our longest command has 8 */

struct db_pool {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct redis_sync **idle;
	unsigned nidle;
	unsigned n;
};

int db_pool_open(const char *url, unsigned n, unsigned timeout_ms,
		 struct db_pool **out)
{
	struct db_pool *dp = calloc(1, sizeof(*dp));
	int r = -ENOMEM;

	if (!dp)
		return r;
	pthread_mutex_init(&dp->lock, NULL);
	pthread_cond_init(&dp->freed, NULL);
	dp->idle = calloc(n, sizeof(struct redis_sync *));
	if (!dp->idle)
		goto err;
	dp->n = n;
	for (unsigned i = 0; i < n; i++) {
		r = redis_sync_open(url, "api", timeout_ms, &dp->idle[i]);
		if (r < 0)
			goto err;
		dp->nidle++;
	}
	*out = dp;
	return 0;
err:
	db_pool_close(dp);
	return r;
}

void db_pool_close(struct db_pool *dp)
{
	if (!dp)
		return;
	for (unsigned i = 0; dp->idle && i < dp->nidle; i++)
		redis_sync_close(dp->idle[i]);
	pthread_cond_destroy(&dp->freed);
	pthread_mutex_destroy(&dp->lock);
	free(dp->idle);
	free(dp);
}

struct db db_take(struct db_pool *dp, struct pool *pool)
{
	struct db d = { .pool = pool };

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

const struct redis_reply *db_argv(struct db *d, int argc,
				  const char *const *argv, const size_t *lens)
{
	if (d->away)
		return NULL;
	return keep(d, redis_sync_command(d->conn, argc, argv, lens));
}

const struct redis_reply *db_do(struct db *d, const char *cmd, ...)
{
	const char *argv[ARGS_MAX] = { cmd };
	size_t lens[ARGS_MAX] = { strlen(cmd) };
	int argc = 1;
	va_list ap;

	va_start(ap, cmd);
	for (const char *arg; (arg = va_arg(ap, const char *)); argc++) {
		if (argc == ARGS_MAX)
			abort();
		argv[argc] = arg;
		lens[argc] = strlen(arg);
	}
	va_end(ap);
	return db_argv(d, argc, argv, lens);
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
