/*
 * ws_site: a WebSocket server for unit tests that notes what happens to it.
 */
#pragma once

#include "tests/unit/common/ws_seen.h"

static inline void site_on_accept(void *ctx, int fd, const struct addr *peer,
				  const struct addr *client)
{
	struct site *s = ctx;
	(void)client;

	if (ws_adopt(s->cx, fd, peer) < 0)
		s->lost++;
}

static inline void site_start(struct site *s, const char *cert, const char *key,
			      unsigned handshake_ms)
{
	struct ws_opts o = {
		.name = "test",
		.max_message = MESSAGE_MAX,
		.max_queue = QUEUE_MAX,
		.low_mark = MARK,
		.handshake_ms = handshake_ms,
		.max_half_open = s->max_half_open,
		.max_half_open_per_ip = s->max_per_ip,
		.trusted = &s->trusted,
		.cert_file = cert,
		.key_file = key,
	};
	struct listen_opts lo = { .bind = "127.0.0.1" };

	live_start(&s->l);
	ck_assert_int_eq(
		ws_context_open(&s->l.loop, &o, &site_events, s, &s->cx), 0);
	ck_assert_int_eq(
		listen_open(&s->l.loop, &lo, site_on_accept, s, &s->li), 0);
}

static inline void site_open(struct site *s)
{
	*s = (struct site){ 0 };
	site_start(s, "", "", 10000);
}

static inline void site_close(struct site *s)
{
	listen_close(s->li);
	ws_context_close(s->cx);
	live_end(&s->l);
	for (int i = 0; i < s->messages; i++)
		free(s->seen[i].data);
}

static inline struct wsc site_dial(struct site *s)
{
	return (struct wsc){ .fd = live_connect(listen_port(s->li)) };
}

/* The next frame of the server closes with CODE. */
static inline void expect_close(struct site *s, struct wsc *c, unsigned code)
{
	live_until(&s->l, wsc_frame(c));
	ck_assert_uint_eq(c->op, WSC_CLOSE);
	ck_assert_uint_eq(c->body_len, 2);
	ck_assert_uint_eq((unsigned)c->body[0] << 8 | c->body[1], code);
}

static inline struct wsc site_join(struct site *s, const char *path,
				   const char *headers)
{
	struct wsc c = site_dial(s);
	int before = s->opened;

	wsc_request(&c, path, headers);
	live_until(&s->l, wsc_upgraded(&c));
	ck_assert_int_eq(s->opened, before + 1);
	return c;
}
