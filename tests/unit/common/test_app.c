#include "common/process/app.h"

#include <signal.h>
#include <stddef.h>

#include "common/process/ops.h"
#include "tests/unit/common/live.h"

/* A service on its loop, and what it was told. */
struct service {
	struct live l;
	struct app_process app;
	int stops, reloads;
};

struct fields {
	char *ops_bind;
	uint16_t ops_port;
};

static const struct opt opts[] = {
	{ "OPS_BIND", 0, NULL, OPT_BIND, offsetof(struct fields, ops_bind),
	  "127.0.0.1", 0, 0, "." },
	{ "OPS_PORT", 0, NULL, OPT_PORT, offsetof(struct fields, ops_port), "0",
	  0, 0, "." },
};
static const struct config_spec spec = {
	.program = "test",
	.opts = opts,
	.nopts = ARRAY_LEN(opts),
	.size = sizeof(struct fields),
};

static void on_stop(void *ctx)
{
	((struct service *)ctx)->stops++;
}

static void on_reload(void *ctx)
{
	((struct service *)ctx)->reloads++;
}

static void on_metrics(void *ctx, struct buf *out)
{
	(void)ctx;
	(void)out;
}

static bool is_ready(void *ctx, const char **why)
{
	(void)ctx;
	(void)why;
	return true;
}

static void service_open(struct service *s)
{
	static char bind[] = "127.0.0.1";
	const struct fields f = { .ops_bind = bind };
	const struct app_hooks hooks = { on_stop, on_reload, on_metrics,
					 is_ready, s };

	*s = (struct service){ .stops = 0 };
	live_start(&s->l);
	ck_assert_int_eq(app_open(&s->app, &s->l.loop, &spec, &f, &hooks), 0);
}

static void service_close(struct service *s)
{
	app_close(&s->app);
	live_end(&s->l);
}

START_TEST(sighup_is_heard_while_the_service_drains)
{
	struct service s;

	service_open(&s);
	raise(SIGHUP);
	live_until(&s.l, s.reloads == 1);
	raise(SIGTERM);
	live_until(&s.l, s.stops == 1);
	raise(SIGHUP);
	live_until(&s.l, s.reloads == 2);
	raise(SIGTERM);
	live_until(&s.l, s.stops == 2);
	ck_assert_int_eq(s.reloads, 2);
	service_close(&s);
}
END_TEST

LIVE_MAIN("app", sighup_is_heard_while_the_service_drains)
