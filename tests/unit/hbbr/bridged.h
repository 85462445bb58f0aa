/*
 * bridged: a bridge of two ends, each TCP or WebSocket, for unit tests.
 */
#pragma once

#include <signal.h>

#include "common/base/log.h"
#include "common/proto/frame.h"
#include "services/hbbr/front/bridges.h"
#include "tests/unit/common/live.h"
#include "tests/unit/hbbr/fakews.h"

enum { MESSAGE_MAX = 1 << 20 };

static struct live live;
static struct shared_limit shared;
static struct memory memory;
static struct bridges bridges;
static struct limits limits;
static struct conn *conns[2];
static struct ws ws[2];
static int client[2]; /* the far end of a TCP connection */
static struct buf early[2];
static int session; /* its address is the token */
static int nended;

static inline void on_ended(void *ctx, void *token, enum reason why,
			    const uint64_t bytes[static 2], bool downgraded)
{
	(void)ctx;
	(void)why;
	(void)bytes;
	(void)downgraded;
	ck_assert_ptr_eq(token, &session);
	nended++;
}

static inline void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	log_setup("test", LOG_ERROR, LOG_TEXT);
	live_start(&live);
	shared_limit_init(&shared, 0);
	memory_init(&memory, &live.loop, 64 << 20);
	struct bridges_opts o = {
		.loop = &live.loop,
		.total = &shared,
		.memory = &memory,
		.max_message = MESSAGE_MAX,
		.on_ended = on_ended,
	};
	bridges_init(&bridges, &o);
	limits = (struct limits){ 0 };
	nended = 0;
	for (int i = 0; i < 2; i++) {
		ws[i] = (struct ws){ 0 };
		buf_init(&ws[i].sent, 64 << 20);
		buf_init(&early[i], 1 << 20);
		client[i] = -1;
	}
}

static inline struct bridge *bridge_of(void)
{
	return TAILQ_FIRST(&bridges.all);
}

static inline void make_conn(int i, bool web)
{
	static const char *const from[2] = { "192.0.2.1:1", "192.0.2.2:2" };
	struct addr a;
	int fds[2] = { -1, -1 };

	ck_assert_int_eq(addr_parse(from[i], 0, &a), 0);
	if (!web)
		live_pair(fds);
	conns[i] = conn_create(&live.loop, fds[0], &a);
	client[i] = fds[1];
	if (web) {
		conns[i]->ws = &ws[i];
		conns[i]->in = early[i];
	}
}

static inline struct bridge *start(bool first_web, bool second_web)
{
	make_conn(0, first_web);
	make_conn(1, second_web);
	struct bridge_pair p = {
		.token = &session,
		.conns = { conns[0], conns[1] },
		.limits = limits,
	};
	ck_assert_int_eq(bridge_start(&bridges, &p), 0);
	return bridge_of();
}

/* What ws tells of the connections. */
static inline void ws_says(int i, const uint8_t *data, size_t len)
{
	conn_ws_message(conns[i], data, len, true);
}

static inline void ws_gone(int i)
{
	conn_ws_closed(conns[i], "test");
}

static inline void teardown(void)
{
	bridges_close(&bridges);
	ck_assert_int_eq(nended, 1);
	for (int i = 0; i < 2; i++) {
		if (ws[i].closed)
			ws_gone(i);
		if (client[i] >= 0)
			close(client[i]);
		buf_fini(&ws[i].sent);
		buf_fini(&ws[i].part);
		buf_fini(&ws[i].wire);
	}
	live_end(&live);
}
