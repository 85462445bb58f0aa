#include "services/hbbr/edge/banned.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/redis/redis.h"
#include "common/site/bans.h"
#include "common/site/bans.lua.h"

enum { CONNECT_MS = 3000, COMMAND_MS = 3000, IN_FLIGHT = 4 };

struct banned {
	struct redis *redis;
	struct loop *loop;
	struct front *front;
	struct timer every;
	struct bans table;
};

static void follow(struct banned *b)
{
	/* Of two tables without addresses none is worth a look at all
	 * sessions. */
	if (b->table.nets.n == 0 && b->front->banned.n == 0)
		return;
	if (front_ban(b->front, &b->table.nets) < 0)
		log_warn("bans_failed", "no memory for %zu bans",
			 b->table.nets.n);
}

static void on_answer(const struct redis_reply *reply, void *ctx)
{
	struct banned *b = ctx;

	if (!reply)
		return;
	const char *text = redis_str(reply, NULL);
	if (redis_kind(reply) != REDIS_STRING || !text) {
		log_warn("bans_failed", "%s", text ? text : "no answer");
		return;
	}
	int r = bans_read(&b->table, text, loop_now(b->loop));
	if (r > 0)
		follow(b);
	else if (r < 0)
		log_warn("bans_failed", "the bans cannot be read: %s",
			 strerror(-r));
}

static void tick(void *ctx)
{
	struct banned *b = ctx;
	const char *argv[] = { b->table.rev };
	const size_t lens[] = { strlen(argv[0]) };

	if (bans_expire(&b->table, loop_now(b->loop)))
		follow(b);
	(void)!redis_eval(b->redis, &bans_lua, on_answer, b, 0, ARRAY_LEN(argv),
			  argv, lens);
}

static void on_state(void *ctx, bool connected)
{
	if (connected)
		tick(ctx);
}

static void on_closed(void *ctx)
{
	struct banned *b = ctx;

	bans_fini(&b->table);
	free(b);
}

int banned_open(struct loop *l, const struct settings *cfg, struct front *f,
		struct banned **out)
{
	struct banned *b = calloc(1, sizeof(*b));
	struct redis_opts o = {
		.url = cfg->redis_url[0] != '\0' ? cfg->redis_url
						 : cfg->state_redis_url,
		.name = "hbbr",
		.connect_ms = CONNECT_MS,
		.command_ms = COMMAND_MS,
		.max_in_flight = IN_FLIGHT,
		.on_state = on_state,
		.ctx = b,
	};

	if (!b)
		return -ENOMEM;
	b->loop = l;
	b->front = f;
	timer_init(l, &b->every, tick, b);
	int r = redis_open(l, &o, &b->redis);
	if (r < 0) {
		timer_close(&b->every, on_closed);
		return r;
	}
	timer_start(&b->every, BANS_EVERY_MS, BANS_EVERY_MS);
	*out = b;
	return 0;
}

void banned_close(struct banned *b)
{
	if (!b)
		return;
	redis_close(b->redis);
	timer_close(&b->every, on_closed);
}
