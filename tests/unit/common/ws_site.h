/*
 * ws_site: a WebSocket server for unit tests that notes what happens to it.
 */
#pragma once

#include "common/net/listen.h"
#include "common/net/ws.h"
#include "tests/unit/common/live.h"
#include "tests/unit/common/wsclient.h"

enum { SEEN_MAX = 16, MESSAGE_MAX = 100000, QUEUE_MAX = 400000, MARK = 1000 };

/* One server with the events of its connections. */
struct site {
	struct live l;
	struct listener *li;
	struct ws_context *cx;
	struct trusted trusted;
	struct ws *ws; /* of the last site_on_open */
	struct addr client;
	bool proxied;
	enum forwarded_proto proto;
	size_t max_half_open; /* 0: the default, as the next */
	unsigned max_per_ip;
	bool refuse;
	bool echo;
	bool close_in_message;
	bool pause_in_message;
	int opened, closed, drained, messages, held;
	int lost; /* TLS failed while it was adopted */
	const char *reason;
	struct {
		uint8_t *data;
		size_t len;
		bool binary;
	} seen[SEEN_MAX];
};

static inline void *site_on_open(void *owner, struct ws *ws,
				 const struct forwarded *from)
{
	struct site *s = owner;

	s->opened++;
	s->ws = ws;
	s->client = from->client;
	s->proxied = from->proxied;
	s->proto = from->proto;
	return s->refuse ? NULL : s;
}

static inline void site_on_message(void *conn, const uint8_t *data, size_t len,
				   bool binary)
{
	struct site *s = conn;

	ck_assert_int_lt(s->messages, SEEN_MAX);
	s->seen[s->messages].data = malloc(len + 1);
	if (len > 0)
		memcpy(s->seen[s->messages].data, data, len);
	s->seen[s->messages].len = len;
	s->seen[s->messages++].binary = binary;
	if (s->echo)
		ck_assert_int_eq(ws_send(s->ws, data, len), 0);
	if (s->pause_in_message)
		ws_pause(s->ws);
	if (s->close_in_message)
		ws_close(s->ws, 1000);
}

static inline void site_on_held(void *conn)
{
	((struct site *)conn)->held++;
}

static inline void site_on_drain(void *conn)
{
	((struct site *)conn)->drained++;
}

static inline void site_on_close(void *conn, const char *reason)
{
	struct site *s = conn;

	s->closed++;
	s->reason = reason;
	s->ws = NULL;
}

static const struct ws_events site_events = {
	.on_open = site_on_open,
	.on_message = site_on_message,
	.on_held = site_on_held,
	.on_drain = site_on_drain,
	.on_close = site_on_close,
};

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
