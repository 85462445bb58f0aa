#include "redis_client.h"

#include <stdio.h>

struct loop loop;
static struct timer alarm_clock;
struct redis *r;
struct server server;
char url[512];
int ups;
int downs;
int answered;
int abandoned;
int errors;
char last[4096];

static void tick(void *ctx)
{
	(void)ctx;
}

void on_state(void *ctx, bool connected)
{
	ck_assert_ptr_eq(ctx, &loop);
	if (connected)
		ups++;
	else
		downs++;
}

void on_reply(const struct redis_reply *reply, void *ctx)
{
	int *count = ctx;

	if (count)
		++*count;
	if (!reply) {
		abandoned++;
		return;
	}
	answered++;
	errors += redis_kind(reply) == REDIS_ERROR;
	const char *text = redis_str(reply, NULL);
	snprintf(last, sizeof(last), "%s", text ? text : "");
}

void open_opts(struct redis_opts o)
{
	o.url = url;
	o.name = "test";
	o.on_state = on_state;
	o.ctx = &loop;
	ck_assert_int_eq(redis_open(&loop, &o, &r), 0);
}

void open_plain(void)
{
	open_opts((struct redis_opts){ .command_ms = 0 });
}

void start_loop(void)
{
	ck_assert_int_eq(loop_init(&loop), 0);
	timer_init(&loop, &alarm_clock, tick, NULL);
	timer_start(&alarm_clock, 10, 10);
}

void end_loop(void)
{
	redis_close(r);
	timer_close(&alarm_clock, NULL);
	loop_stop(&loop);
	loop_run(&loop);
	loop_fini(&loop);
}

void start(void)
{
	start_loop();
	server_start(&server, "");
	snprintf(url, sizeof(url), "redis://127.0.0.1:%u", server.port);
}

void stop(void)
{
	end_loop();
	server_stop(&server);
}

bool connected(void)
{
	return redis_connected(r);
}

bool disconnected(void)
{
	return !redis_connected(r);
}

bool idle(void)
{
	return redis_in_flight(r) == 0;
}

void until_s(bool (*cond)(void), int seconds)
{
	uint64_t end = clock_ms() + (uint64_t)seconds * 1000;

	while (!cond()) {
		ck_assert_msg(clock_ms() < end, "it never happened");
		uv_run(&loop.uv, UV_RUN_ONCE);
	}
}

void until(bool (*cond)(void))
{
	until_s(cond, 20);
}

void turn_for(uint64_t ms)
{
	uint64_t end = clock_ms() + ms;

	while (clock_ms() < end)
		uv_run(&loop.uv, UV_RUN_ONCE);
}

int send3(const char *a, const char *b, const char *c, void *count)
{
	const char *argv[] = { a, b, c };

	return redis_command(r, on_reply, count, c ? 3 : b ? 2 : 1, argv, NULL);
}

void ask(const char *a, const char *b, const char *c)
{
	ck_assert_int_eq(send3(a, b, c, NULL), 0);
	until(idle);
}
