/*
 * redis: an asynchronous Redis client on our loop.
 *
 * hiredis parses replies; the connection itself is ours, because Debian's
 * hiredis 0.14 has neither TLS nor time-outs and its libuv adapter swallows
 * refused connections. One struct redis is one connection that reconnects by
 * itself with jittered back-off (100 ms to 5 s), finds the master through
 * sentinels, authenticates (ACL user), selects the database, and
 * re-subscribes. What is sent within one turn of the loop leaves in one write.
 *
 * Contract: for every accepted command the callback runs exactly once, later
 * than the call, with the reply, or with NULL after a time-out, a lost
 * connection, or redis_close(). Commands are refused with -ENOTCONN while
 * disconnected and -ENOBUFS beyond the in-flight cap or 64 MiB unsent;
 * nothing is queued across a reconnect, callers decide what to repeat. A
 * command without a reply may or may not have run.
 *
 * A reply that is late ends the connection: replies are told apart by their
 * order alone. So do LOADING, MASTERDOWN and READONLY, which mean that this
 * server cannot serve now; the callback gets NULL for them.
 *
 * URLs: see redis_url.h. redis://[user[:password]@]host[:port][/db],
 * rediss://... (TLS), unix:///path[?db=N&user=U&password=P],
 * redis+sentinel://[user:pw@]host:port,host:port/master-name[/db].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/net/loop.h"
#include "common/redis/redis_script.h"

struct redis;

enum redis_kind {
	REDIS_NIL,
	REDIS_INT,
	REDIS_STRING, /* bulk and status */
	REDIS_ARRAY,
	REDIS_ERROR,
};

/* A read-only view of a reply; valid during the callback. */
struct redis_reply;
enum redis_kind redis_kind(const struct redis_reply *r);
long long redis_int(const struct redis_reply *r); /* 0 if not an integer */
/* The bytes, or NULL. Without LEN they are wanted as text: NULL also if a NUL
 * is among them. */
const char *redis_str(const struct redis_reply *r, size_t *len);
size_t redis_len(const struct redis_reply *r); /* elements of an array */
const struct redis_reply *redis_at(const struct redis_reply *r, size_t i);
/* Makes a whole reply outlive the callback: the caller frees it. */
struct redis_reply *redis_reply_keep(const struct redis_reply *reply);
/* Only for replies that were kept or handed over (redis_sync.h). Accepts
 * NULL. */
void redis_reply_free(struct redis_reply *reply);

/* REPLY is NULL when there will be none (time-out, connection lost). */
typedef void (*redis_fn)(const struct redis_reply *reply, void *ctx);

struct redis_opts {
	const char *url;
	const char *name;     /* CLIENT SETNAME and logs, "hbbs" */
	unsigned connect_ms;  /* 3 000 */
	unsigned command_ms;  /* 3 000: deadline of each command */
	unsigned idle_ms;     /* 5 000: of silence, then a PING: a host that
				 is gone does not say so */
	size_t max_in_flight; /* 10 000 */
	/* Told of every change, from the loop; the first call is when
	 * connected. redis_close() is not announced. */
	void (*on_state)(void *ctx, bool connected);
	void *ctx;
};

/* Starts connecting. 0, -EINVAL for a bad URL (logged), or -ENOMEM. */
MUST_USE int redis_open(struct loop *l, const struct redis_opts *o,
			struct redis **out);
bool redis_connected(const struct redis *r);
/* Our end of the connection; 127.0.0.1 on a unix socket. 0 or -ENOTCONN. */
MUST_USE int redis_local(const struct redis *r, struct addr *out);
size_t redis_in_flight(const struct redis *r);
/* Round trip of the last answered command in microseconds. */
uint64_t redis_last_rtt_us(const struct redis *r);

/* One command, ARGC byte strings. FN may be NULL. 0 or -errno (above). */
MUST_USE int redis_command(struct redis *r, redis_fn fn, void *ctx, int argc,
			   const char *const *argv, const size_t *lens);

/*
 * A Lua script, sent by EVALSHA and by EVAL when the server lacks it: then it
 * runs after commands that were sent meanwhile, and its deadline starts anew.
 * S must live as long as the client.
 */
/* ARGV holds NKEYS keys followed by the arguments. */
MUST_USE int redis_eval(struct redis *r, const struct redis_script *s,
			redis_fn fn, void *ctx, int nkeys, int argc,
			const char *const *argv, const size_t *lens);

/* Makes this connection a subscriber of CHANNEL and nothing else: commands
 * get -EINVAL. Called right after redis_open(), "connected" means subscribed.
 * 0, -EBUSY if it is one already, or -ENOMEM. */
MUST_USE int
redis_subscribe(struct redis *r, const char *channel,
		void (*fn)(void *ctx, const char *data, size_t len), void *ctx);

/* Runs every outstanding callback with NULL, then frees. May be called in any
 * callback. Accepts NULL. */
void redis_close(struct redis *r);
