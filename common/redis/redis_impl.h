/*
 * redis_impl: what the files of the client share.
 *
 *   redis.c       the interface, and the state door
 *   redis_dial.c  from nothing to a connection that serves
 *   redis_flow.c  commands out, replies in, deadlines
 *   redis_sync.c  the same for a thread that waits in place
 *
 *            +------------------- WAITING <-------------------+
 *            v                       |                        |
 *        RESOLVING ----------> CONNECTING                     |
 *                                    v                        |
 *                                SECURING                     |
 *                                    v                        |
 *                                GREETING ------> READY       |
 *                                    |              |         |
 *          (any of them, on failure) +---> DROPPING <---------+
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/net/io.h"
#include "common/net/loop.h"
#include "common/redis/redis.h"
#include "common/redis/redis_conn.h"
#include "common/redis/redis_hello.h"
#include "common/redis/redis_resp.h"
#include "common/redis/redis_url.h"

enum redis_state {
	REDIS_WAITING,    /* for the time of the next attempt */
	REDIS_RESOLVING,  /* a host name */
	REDIS_CONNECTING, /* a socket; from here on IO is open */
	REDIS_SECURING,   /* TLS */
	REDIS_GREETING,   /* redis_hello */
	REDIS_READY,      /* commands are accepted */
	REDIS_DROPPING,   /* IO is closing */
	REDIS_CLOSED,     /* redis_close() was called */
	REDIS_STATES,
};

/* A command whose reply is outstanding. */
struct redis_pending {
	redis_fn fn; /* may be NULL */
	void *ctx;
	const struct redis_script *script; /* with ARGS: sent by EVALSHA */
	struct redis_args *args;           /* owned */
	uint64_t deadline_ms;              /* never before the previous one's */
	uint64_t sent_us;
};

struct redis {
	struct loop *loop;      /* NULL: not started */
	enum redis_state state; /* written by redis_enter() alone */
	struct redis_url url;
	struct redis_tls *tls; /* NULL: plain */
	char name[64];
	unsigned connect_ms;
	unsigned command_ms;
	unsigned idle_ms;
	void (*on_state)(void *ctx, bool connected);
	void *ctx;

	/* The attempt. */
	enum redis_side side; /* whom HOST is */
	struct redis_host host;
	struct redis_addrs addrs; /* of HOST */
	size_t sentinel;          /* whom to ask next */
	size_t asked;             /* sentinels tried in this round */
	unsigned failures;        /* rounds in a row, sets the back-off */
	uint64_t ready_ms;        /* when it last became READY */
	uint64_t delay_ms;        /* while DROPPING: what WAITING will wait;
				     0 within a round */
	uint64_t caller_ms;       /* when the caller who waits in place gives
				     up (redis_sync); 0: nobody does */
	struct redis_hello hello;
	uv_getaddrinfo_t resolve;

	/* The connection. */
	struct io io;
	struct redis_conn conn;
	struct redis_reader reader;
	struct buf out;
	uint64_t heard_ms;      /* when bytes last came */
	bool read_wants_write;  /* TLS can be like that */
	bool write_wants_write; /* the socket is full */

	/* Commands in flight: a ring, in the order sent. */
	struct redis_pending *ring;
	size_t ring_size; /* power of two, grows up to what MAX needs */
	size_t first;     /* index of the oldest */
	size_t in_flight;
	size_t max_in_flight;
	uint64_t rtt_us;

	/* The subscription; CHANNEL is NULL on an ordinary connection. */
	char *channel;
	void (*on_message)(void *ctx, const char *data, size_t len);
	void *message_ctx;

	struct timer timer; /* the only one: its meaning is the state's */
	uint64_t timer_ms;  /* when it fires */
	struct deferred soon;
	bool soon_queued;
	unsigned holds; /* handles and requests that will still call back */
};

/* redis.c: redis_open() in two steps; then the one door to STATE, and the
 * countdown to the end. */
MUST_USE int redis_create(const struct redis_opts *o, struct redis **out);
void redis_start(struct redis *r, struct loop *l);
void redis_enter(struct redis *r, enum redis_state next);
void redis_release(struct redis *r);
void redis_timer_at(struct redis *r, uint64_t when_ms);

/* redis_dial.c */
void redis_dial(struct redis *r); /* start the next attempt now */
void redis_dial_reply(struct redis *r, const struct redis_reply *reply);
void redis_dial_event(struct redis *r); /* CONNECTING and SECURING */
/* Gives up on the connection or attempt; the next one is planned, and those
 * who wait for replies are told. WHY is a literal, or NULL. */
void redis_lose(struct redis *r, const char *why, int error);
/* Takes the connection away without a word to anyone. */
void redis_hang_up(struct redis *r);
/* For a caller who waits until UNTIL_MS: leaves what there is without a word,
 * and tries everything anew at once, all of it within that time. A name that
 * is being resolved goes on being so. */
void redis_dial_anew(struct redis *r, uint64_t until_ms);
/* The caller's attempts have failed, or his time is over. */
bool redis_dial_failed(const struct redis *r);
void redis_dial_late(struct redis *r); /* RESOLVING took all of it */

/* redis_flow.c */
MUST_USE int redis_flow_room(struct redis *r); /* for one more command */
void redis_flow_push(struct redis *r, struct redis_pending p);
void redis_flow_soon(struct redis *r); /* flush at the end of this turn */
void redis_flow_event(struct redis *r);
void redis_flow_timer(struct redis *r);
void redis_flow_fail_all(struct redis *r);
/* The time of the oldest command, if there is one, begins now. */
void redis_flow_restart(struct redis *r);
