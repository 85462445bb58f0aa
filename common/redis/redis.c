#include "common/redis/redis.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/net/sock.h"
#include "common/redis/redis_impl.h"

enum { DEFAULT_MS = 3000, IDLE_MS = 5000, DEFAULT_IN_FLIGHT = 10000 };

static const uint16_t may_follow[REDIS_STATES] = {
	[REDIS_WAITING] = BIT(REDIS_WAITING) | BIT(REDIS_RESOLVING) |
			  BIT(REDIS_CONNECTING) | BIT(REDIS_CLOSED),
	[REDIS_RESOLVING] =
		BIT(REDIS_WAITING) | BIT(REDIS_CONNECTING) | BIT(REDIS_CLOSED),
	[REDIS_CONNECTING] =
		BIT(REDIS_SECURING) | BIT(REDIS_DROPPING) | BIT(REDIS_CLOSED),
	[REDIS_SECURING] =
		BIT(REDIS_GREETING) | BIT(REDIS_DROPPING) | BIT(REDIS_CLOSED),
	[REDIS_GREETING] =
		BIT(REDIS_READY) | BIT(REDIS_DROPPING) | BIT(REDIS_CLOSED),
	[REDIS_READY] = BIT(REDIS_DROPPING) | BIT(REDIS_CLOSED),
	[REDIS_DROPPING] = BIT(REDIS_WAITING) | BIT(REDIS_CLOSED),
	[REDIS_CLOSED] = 0,
};

void redis_enter(struct redis *r, enum redis_state next)
{
	assert(may_follow[r->state] & BIT(next));
	r->state = next;
}

void redis_timer_at(struct redis *r, uint64_t when_ms)
{
	uint64_t now = loop_now(r->loop);

	r->timer_ms = when_ms;
	timer_start(&r->timer, when_ms > now ? when_ms - now : 0, 0);
}

static void on_timer(void *ctx)
{
	struct redis *r = ctx;

	switch (r->state) {
	case REDIS_WAITING:
		redis_dial(r);
		break;
	case REDIS_CONNECTING:
	case REDIS_SECURING:
	case REDIS_GREETING:
		redis_lose(r, NULL, -ETIMEDOUT);
		break;
	case REDIS_READY:
		redis_flow_timer(r);
		break;
	case REDIS_RESOLVING:
		redis_dial_late(r);
		break;
	case REDIS_DROPPING:
	case REDIS_CLOSED:
	case REDIS_STATES:
		break;
	}
}

static void on_soon(struct deferred *d)
{
	struct redis *r = container_of(d, struct redis, soon);

	r->soon_queued = false;
	if (r->state == REDIS_READY || r->state == REDIS_GREETING)
		redis_flow_event(r);
	redis_release(r);
}

static void destroy(struct redis *r)
{
	redis_tls_destroy(r->tls);
	redis_url_wipe(&r->url);
	free(r->channel);
	free(r->ring);
	free(r);
}

void redis_release(struct redis *r)
{
	assert(r->holds > 0);
	if (--r->holds == 0)
		destroy(r);
}

static void on_timer_closed(void *ctx)
{
	redis_release(ctx);
}

static void take_opts(struct redis *r, const struct redis_opts *o)
{
	r->connect_ms = o->connect_ms ? o->connect_ms : DEFAULT_MS;
	r->command_ms = o->command_ms ? o->command_ms : DEFAULT_MS;
	r->idle_ms = o->idle_ms ? o->idle_ms : IDLE_MS;
	r->max_in_flight =
		o->max_in_flight ? o->max_in_flight : DEFAULT_IN_FLIGHT;
	r->on_state = o->on_state;
	r->ctx = o->ctx;
	snprintf(r->name, sizeof(r->name), "%s", o->name ? o->name : "");
}

int redis_create(const struct redis_opts *o, struct redis **out)
{
	const char *why = NULL;
	struct redis *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	take_opts(r, o);
	r->soon.run = on_soon;
	buf_init(&r->out, REDIS_OUT_MAX);
	int e = redis_url_parse(o->url, &r->url, &why);
	if (e == 0)
		e = redis_tls_create(&r->url, &r->tls, &why);
	if (e < 0) {
		log_error("redis_url", "%s: %s", r->name, why);
		destroy(r);
		return e;
	}
	r->side = r->url.via == REDIS_VIA_SENTINEL ? REDIS_SENTINEL
						   : REDIS_SERVER;
	*out = r;
	return 0;
}

void redis_start(struct redis *r, struct loop *l)
{
	r->loop = l;
	timer_init(l, &r->timer, on_timer, r);
	r->holds = 1;
	redis_enter(r, REDIS_WAITING);
	redis_timer_at(r, loop_now(l));
}

int redis_open(struct loop *l, const struct redis_opts *o, struct redis **out)
{
	int e = redis_create(o, out);

	if (e == 0)
		redis_start(*out, l);
	return e;
}

void redis_close(struct redis *r)
{
	if (!r || r->state == REDIS_CLOSED)
		return;
	if (!r->loop) {
		destroy(r);
		return;
	}
	bool attached = r->state == REDIS_CONNECTING ||
			r->state == REDIS_SECURING ||
			r->state == REDIS_GREETING || r->state == REDIS_READY;
	if (r->state == REDIS_RESOLVING)
		uv_cancel((uv_req_t *)&r->resolve);
	redis_enter(r, REDIS_CLOSED);
	if (attached)
		redis_hang_up(r);
	redis_flow_fail_all(r);
	timer_close(&r->timer, on_timer_closed);
}

bool redis_connected(const struct redis *r)
{
	return r->state == REDIS_READY;
}

int redis_local(const struct redis *r, struct addr *out)
{
	if (r->state != REDIS_READY || sock_local(r->conn.fd, out) < 0)
		return -ENOTCONN;
	if (addr_is_unspecified(out))
		return addr_parse("127.0.0.1", 0, out);
	return 0;
}

size_t redis_in_flight(const struct redis *r)
{
	return r->in_flight;
}

uint64_t redis_last_rtt_us(const struct redis *r)
{
	return r->rtt_us;
}

/* Whether an ordinary command may be sent now. */
static int may_send(struct redis *r)
{
	if (r->channel)
		return -EINVAL;
	if (r->state != REDIS_READY)
		return -ENOTCONN;
	return redis_flow_room(r);
}

int redis_command(struct redis *r, redis_fn fn, void *ctx, int argc,
		  const char *const *argv, const size_t *lens)
{
	int e = may_send(r);

	if (e == 0)
		e = redis_put(&r->out, argc, argv, lens);
	if (e == 0)
		redis_flow_push(r,
				(struct redis_pending){ .fn = fn, .ctx = ctx });
	return e;
}

int redis_eval(struct redis *r, const struct redis_script *s, redis_fn fn,
	       void *ctx, int nkeys, int argc, const char *const *argv,
	       const size_t *lens)
{
	int e = may_send(r);

	if (e < 0)
		return e;
	struct redis_args *args = redis_args_create(nkeys, argc, argv, lens);
	if (!args)
		return -ENOMEM;
	e = redis_put_eval(&r->out, s, args, true);
	if (e < 0) {
		redis_args_destroy(args);
		return e;
	}
	redis_flow_push(
		r, (struct redis_pending){
			   .fn = fn, .ctx = ctx, .script = s, .args = args });
	return 0;
}

/* The next connection will say why, when it subscribes while it greets. */
static void on_subscribed(const struct redis_reply *reply, void *ctx)
{
	struct redis *r = ctx;

	if (reply && redis_kind(reply) == REDIS_ERROR)
		redis_lose(r, "subscription refused", -EACCES);
}

int redis_subscribe(struct redis *r, const char *channel,
		    void (*fn)(void *ctx, const char *data, size_t len),
		    void *ctx)
{
	const char *const argv[] = { "SUBSCRIBE", channel };
	int e = 0;

	if (r->channel || r->state == REDIS_CLOSED)
		return -EBUSY;
	/* Later connections subscribe while they greet. */
	if (r->state == REDIS_GREETING && r->side == REDIS_SERVER)
		e = redis_hello_subscribe(&r->hello, channel, &r->out);
	if (r->state == REDIS_READY)
		e = redis_command(r, on_subscribed, r, 2, argv, NULL);
	if (e < 0)
		return e;
	r->channel = strdup(channel);
	r->on_message = fn;
	r->message_ctx = ctx;
	return r->channel ? 0 : -ENOMEM;
}
