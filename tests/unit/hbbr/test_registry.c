#include "common/base/log.h"
#include "services/hbbr/edge/registry.h"
#include "tests/unit/common/live.h"
#include "tests/unit/common/redis_server.h"

static struct live live;
static struct settings cfg;
static struct registry *registry;
static const struct claims *claims;
static size_t nanswers, ngood;

static struct registry_load load(void *ctx)
{
	(void)ctx;
	return (struct registry_load){ 0 };
}

static void on_admit(void *ctx, const struct admit_reply *r)
{
	(void)ctx;
	nanswers++;
	ngood += r->answered;
}

static int ask(size_t n)
{
	char uuid[16];

	snprintf(uuid, sizeof uuid, "u%zu", n);
	return claims->admit(claims->ctx, uuid, true, 0, on_admit, NULL);
}

START_TEST(one_question_too_many_is_refused_and_all_others_are_answered)
{
	struct server redis;
	char none[] = "", url[64];
	size_t n = 0;
	int r;

	log_setup("test", LOG_ERROR, LOG_TEXT);
	server_start(&redis, "");
	snprintf(url, sizeof url, "redis://127.0.0.1:%u", redis.port);
	cfg = (struct settings){
		.redis_url = url,
		.state_redis_url = none,
		.node_id = none,
		.address = none,
		.lan_address = none,
		.mesh_bind = none,
		.mesh_address = none,
	};
	live_start(&live);
	ck_assert_int_eq(registry_open(&live.loop, &cfg, load, NULL, &registry),
			 0);
	claims = registry_claims(registry);
	live_until(&live, claims->up(claims->ctx));
	/* All within one turn: nothing is answered meanwhile. Of the lease a
	 * few may be under way as well. */
	while ((r = ask(n)) == 0)
		n++;
	ck_assert_int_eq(r, -ENOBUFS);
	ck_assert_uint_le(n, REGISTRY_ASKS_MAX);
	ck_assert_uint_ge(n, REGISTRY_ASKS_MAX - 8);
	ck_assert_uint_eq(nanswers, 0);
	live_until(&live, nanswers == n);
	/* A machine that is slow for a second has given up the connection. */
	live_until(&live, claims->up(claims->ctx));
	ck_assert_int_eq(ask(n), 0); /* there is room again */
	live_until(&live, nanswers == n + 1);
	ck_assert_uint_gt(ngood, 0);

	server_stop(&redis);
	live_until(&live, !claims->up(claims->ctx));
	registry_close(registry);
	live_end(&live);
}
END_TEST

LIVE_MAIN("registry",
	  one_question_too_many_is_refused_and_all_others_are_answered)
