/* Scripts of Redis, run by a real one that the test starts. */
#pragma once

#include "../common/redis_server.h"
#include "../unit.h"
#include "common/redis/redis_sync.h"

static struct server server;
static struct redis_sync *redis;

static inline void start(void)
{
	char url[128];

	server_start(&server, "");
	snprintf(url, sizeof url, "unix://%s", server.socket);
	ck_assert_int_eq(redis_sync_open(url, "test", 3000, &redis), 0);
}

static inline void stop(void)
{
	redis_sync_close(redis);
	server_stop(&server);
}

static inline void cli(const char *command)
{
	server_cli(&server, command);
}

struct word {
	const void *data;
	size_t len;
};

#define TEXT(s)                                                                \
	{                                                                      \
		s, strlen(s)                                                   \
	}

static inline struct redis_reply *eval(const struct redis_script *script,
				       int nkeys, int n,
				       const struct word *words)
{
	const char *argv[16];
	size_t lens[16];

	for (int i = 0; i < n; i++) {
		argv[i] = words[i].data;
		lens[i] = words[i].len;
	}
	struct redis_reply *r =
		redis_sync_eval(redis, script, nkeys, n, argv, lens);
	ck_assert_ptr_nonnull(r);
	ck_assert_msg(redis_kind(r) != REDIS_ERROR, "%s", redis_str(r, NULL));
	return r;
}

static inline long long number(const struct redis_script *script, int nkeys,
			       int n, const struct word *words)
{
	struct redis_reply *r = eval(script, nkeys, n, words);
	long long value = redis_int(r);
	redis_reply_free(r);
	return value;
}

static inline struct redis_reply *hget(const char *key, const char *id)
{
	struct redis_reply *r = redis_sync_format(redis, "HGET %s %s", key, id);
	ck_assert_ptr_nonnull(r);
	return r;
}
