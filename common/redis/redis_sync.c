#include "common/redis/redis_sync.h"

#include <assert.h>
#include <errno.h>
#include <hiredis/hiredis.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/base/log.h"
#include "common/net/sock.h"
#include "common/redis/redis_impl.h"

enum { PIPELINE_MAX = 100000 }; /* 9 MB of calls; ours have 256 */

/* A command whose reply the caller has not read yet. */
struct call {
	STAILQ_ENTRY(call) next;
	struct redis_sync *sync;
	bool done;
	struct redis_reply *reply; /* of a call that is DONE; NULL: none */
};

/* The asynchronous client on a loop of its own, which turns only while the
 * caller waits. */
struct redis_sync {
	struct loop loop; /* from the first call on: it takes descriptors */
	struct redis *redis;
	unsigned timeout_ms; /* of connecting, and of each reply */
	STAILQ_HEAD(, call) calls;
};

/* --- connecting ----------------------------------------------------------- */

static void turn(struct redis_sync *r)
{
	uv_run(&r->loop.uv, UV_RUN_ONCE);
}

static int be_started(struct redis_sync *r)
{
	if (r->redis->loop)
		return 0;
	int e = loop_init(&r->loop);
	if (e < 0)
		log_warn("redis_unavailable", "no event loop: %s",
			 strerror(-e));
	else
		redis_start(r->redis, &r->loop);
	return e;
}

static void dial(struct redis_sync *r)
{
	redis_dial_anew(r->redis, loop_now(&r->loop) + r->timeout_ms);
}

/* A connection that the server closed while it was idle is replaced before
 * anything is sent on it; later it would be unknown whether a command ran. */
static int be_connected(struct redis_sync *r)
{
	bool idle = STAILQ_EMPTY(&r->calls);

	if (be_started(r) < 0)
		return -ENOTCONN;
	uv_update_time(&r->loop.uv);
	if (redis_connected(r->redis) &&
	    (!idle || !sock_hung_up(r->redis->conn.fd)))
		return 0;
	if (!idle)
		return -ENOTCONN;
	dial(r);
	while (!redis_connected(r->redis)) {
		if (redis_dial_failed(r->redis))
			return -ENOTCONN;
		turn(r);
	}
	return 0;
}

int redis_sync_open(const char *url, const char *name, unsigned timeout_ms,
		    struct redis_sync **out)
{
	const struct redis_opts o = {
		.url = url,
		.name = name,
		.command_ms = timeout_ms,
		.idle_ms = UINT_MAX, /* nobody would hear the reply to a PING */
		.max_in_flight = PIPELINE_MAX,
	};
	struct redis_sync *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->timeout_ms = timeout_ms;
	STAILQ_INIT(&r->calls);
	int e = redis_create(&o, &r->redis);
	if (e < 0)
		free(r);
	else
		*out = r;
	return e;
}

static void forget_calls(struct redis_sync *r)
{
	struct call *c;

	while ((c = STAILQ_FIRST(&r->calls))) {
		assert(c->done); /* else its reply would still come */
		STAILQ_REMOVE_HEAD(&r->calls, next);
		redis_reply_free(c->reply);
		free(c);
	}
}

void redis_sync_close(struct redis_sync *r)
{
	if (!r)
		return;
	bool started = r->redis->loop;
	redis_close(r->redis);
	forget_calls(r);
	if (started) {
		loop_stop(&r->loop);
		loop_run(&r->loop);
		loop_fini(&r->loop);
	}
	free(r);
}

const char *redis_sync_code(const struct redis_sync *r)
{
	return r->redis->hello.code;
}

/* --- calls ---------------------------------------------------------------- */

static void on_reply(const struct redis_reply *reply, void *ctx)
{
	struct call *c = ctx;

	c->done = true;
	if (!reply)
		return;
	c->reply = redis_reply_keep(reply);
	redis_flow_restart(c->sync->redis);
}

/* A call that may be sent now; NULL without connection or memory. */
static struct call *begin(struct redis_sync *r)
{
	if (be_connected(r) < 0)
		return NULL;
	struct call *c = calloc(1, sizeof(*c));
	if (c)
		c->sync = r;
	return c;
}

/* E says whether it was taken to be sent. */
static int end(struct redis_sync *r, struct call *c, int e)
{
	if (e < 0)
		free(c);
	else
		STAILQ_INSERT_TAIL(&r->calls, c, next);
	return e;
}

int redis_sync_append(struct redis_sync *r, int argc, const char *const *argv,
		      const size_t *lens)
{
	struct call *c = begin(r);

	if (!c)
		return -ENOTCONN;
	return end(r, c,
		   redis_command(r->redis, on_reply, c, argc, argv, lens));
}

struct redis_reply *redis_sync_next(struct redis_sync *r)
{
	struct call *c = STAILQ_FIRST(&r->calls);

	if (!c)
		return NULL;
	uv_update_time(&r->loop.uv);
	if (!c->done)
		redis_flow_restart(r->redis);
	while (!c->done)
		turn(r);
	struct redis_reply *reply = c->reply;
	c->reply = NULL;
	if (reply) {
		STAILQ_REMOVE_HEAD(&r->calls, next);
		free(c);
	} else {
		forget_calls(r);
	}
	return reply;
}

/* Whoever starts anew has given up on what is outstanding. */
static void forget_pipeline(struct redis_sync *r)
{
	if (redis_in_flight(r->redis) > 0)
		dial(r);
	forget_calls(r);
}

struct redis_reply *redis_sync_command(struct redis_sync *r, int argc,
				       const char *const *argv,
				       const size_t *lens)
{
	forget_pipeline(r);
	if (redis_sync_append(r, argc, argv, lens) < 0)
		return NULL;
	return redis_sync_next(r);
}

/* hiredis has made the command's bytes. */
static int append_bytes(struct redis_sync *r, const char *bytes, size_t len)
{
	struct call *c = begin(r);

	if (!c)
		return -ENOTCONN;
	int e = redis_flow_room(r->redis);
	if (e == 0)
		e = buf_append(&r->redis->out, bytes, len);
	if (e == 0)
		redis_flow_push(r->redis, (struct redis_pending){
						  .fn = on_reply, .ctx = c });
	return end(r, c, e);
}

struct redis_reply *redis_sync_format(struct redis_sync *r, const char *fmt,
				      ...)
{
	char *command = NULL;
	va_list ap;

	va_start(ap, fmt);
	int len = redisvFormatCommand(&command, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	forget_pipeline(r);
	int e = append_bytes(r, command, (size_t)len);
	free(command);
	return e < 0 ? NULL : redis_sync_next(r);
}

struct redis_reply *redis_sync_eval(struct redis_sync *r,
				    const struct redis_script *s, int nkeys,
				    int argc, const char *const *argv,
				    const size_t *lens)
{
	forget_pipeline(r);
	struct call *c = begin(r);
	if (!c)
		return NULL;
	int e = end(
		r, c,
		redis_eval(r->redis, s, on_reply, c, nkeys, argc, argv, lens));
	return e < 0 ? NULL : redis_sync_next(r);
}
