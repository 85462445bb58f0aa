/*
 * ws_seen: what happens to a WebSocket server of unit tests, noted.
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

static inline bool site_on_held(void *conn, size_t bytes)
{
	((struct site *)conn)->held += bytes > 0;
	return true;
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
