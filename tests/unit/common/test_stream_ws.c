#include "common/net/listen.h"
#include "common/net/stream.h"
#include "common/net/ws.h"
#include "tests/unit/common/live.h"
#include "tests/unit/common/wsclient.h"

struct site {
	struct live l;
	struct listener *li;
	struct ws_context *cx;
	struct trusted trusted;
	struct stream *s;
	int messages;
	size_t lens[16];
	int closed;
	const char *reason;
	bool close_in_message;
};

static void on_message(void *ctx, const uint8_t *data, size_t len)
{
	struct site *s = ctx;

	ck_assert_int_lt(s->messages, 16);
	s->lens[s->messages++] = len;
	ck_assert_int_eq(stream_send(s->s, data, len), 0);
	if (s->close_in_message) {
		stream_close(s->s, "done");
		ck_assert_int_eq(stream_send(s->s, data, len), -EPIPE);
	}
}

static void on_close(void *ctx, const char *reason)
{
	struct site *s = ctx;

	s->closed++;
	s->reason = reason;
	s->s = NULL;
}

static const struct stream_events events = {
	.on_message = on_message,
	.on_close = on_close,
};

static void *on_ws_open(void *owner, struct ws *ws,
			const struct forwarded *from)
{
	struct site *s = owner;
	(void)from;

	ck_assert_int_eq(stream_open_ws(&s->l.loop, ws, &events, s, &s->s), 0);
	ck_assert(stream_is_ws(s->s));
	return s->s;
}

static void on_ws_message(void *conn, const uint8_t *data, size_t len,
			  bool binary)
{
	stream_ws_message(conn, data, len, binary);
}

static void on_ws_drain(void *conn)
{
	(void)conn;
}

static void on_ws_close(void *conn, const char *reason)
{
	stream_ws_closed(conn, reason);
}

static const struct ws_events ws_events = {
	.on_open = on_ws_open,
	.on_message = on_ws_message,
	.on_drain = on_ws_drain,
	.on_close = on_ws_close,
};

static void on_accept(void *ctx, int fd, const struct addr *peer,
		      const struct addr *client)
{
	struct site *s = ctx;
	(void)client;

	ck_assert_int_eq(ws_adopt(s->cx, fd, peer), 0);
}

static struct wsc site_open(struct site *s)
{
	struct ws_opts o = {
		.name = "test",
		.max_message = 1000,
		.max_queue = 100000,
		.handshake_ms = 10000,
		.trusted = &s->trusted,
		.cert_file = "",
		.key_file = "",
	};
	struct listen_opts lo = { .bind = "127.0.0.1" };

	*s = (struct site){ 0 };
	live_start(&s->l);
	ck_assert_int_eq(ws_context_open(&s->l.loop, &o, &ws_events, s, &s->cx),
			 0);
	ck_assert_int_eq(listen_open(&s->l.loop, &lo, on_accept, s, &s->li), 0);
	struct wsc c = { .fd = live_connect(listen_port(s->li)) };
	wsc_request(&c, "/ws/id", "");
	live_until(&s->l, wsc_upgraded(&c));
	ck_assert_ptr_nonnull(s->s);
	return c;
}

static void site_close(struct site *s, struct wsc *c)
{
	wsc_close(c);
	listen_close(s->li);
	ws_context_close(s->cx);
	live_end(&s->l);
	ck_assert_int_eq(s->closed, 1);
}

START_TEST(binary_messages_pass_and_an_empty_one_is_a_heartbeat)
{
	struct site s;
	struct wsc c = site_open(&s);

	wsc_send(&c, WSC_BINARY, true, "", 0);
	wsc_send(&c, WSC_BINARY, true, "abc", 3);
	live_until(&s.l, s.messages == 2);
	ck_assert_uint_eq(s.lens[0], 0);
	ck_assert_uint_eq(s.lens[1], 3);
	live_until(&s.l, wsc_frame(&c));
	ck_assert_uint_eq(c.op, WSC_BINARY);
	ck_assert_uint_eq(c.body_len, 0);
	live_until(&s.l, wsc_frame(&c));
	ck_assert_mem_eq(c.body, "abc", 3);
	site_close(&s, &c);
}
END_TEST

START_TEST(text_is_read_and_ignored)
{
	struct site s;
	struct wsc c = site_open(&s);

	wsc_send(&c, WSC_TEXT, true, "hello", 5);
	wsc_send(&c, WSC_BINARY, true, "x", 1);
	live_until(&s.l, s.messages == 1);
	ck_assert_uint_eq(s.lens[0], 1);
	site_close(&s, &c);
}
END_TEST

START_TEST(closing_inside_a_message_sends_the_answer_and_close_1000)
{
	struct site s;
	struct wsc c = site_open(&s);

	s.close_in_message = true;
	wsc_send(&c, WSC_BINARY, true, "a", 1);
	wsc_send(&c, WSC_BINARY, true, "b", 1);
	live_until(&s.l, wsc_frame(&c));
	ck_assert_uint_eq(c.op, WSC_BINARY);
	live_until(&s.l, wsc_frame(&c));
	ck_assert_uint_eq(c.op, WSC_CLOSE);
	ck_assert_mem_eq(c.body, "\x03\xe8", 2);
	wsc_send(&c, WSC_CLOSE, true, "\x03\xe8", 2);
	live_until(&s.l, s.closed == 1);
	ck_assert_str_eq(s.reason, "done");
	ck_assert_int_eq(s.messages, 1);
	site_close(&s, &c);
}
END_TEST

START_TEST(the_end_of_the_peer_is_the_end_of_the_stream)
{
	struct site s;
	struct wsc c = site_open(&s);

	wsc_close(&c);
	live_until(&s.l, s.closed == 1);
	ck_assert_str_eq(s.reason, "disconnected");
	site_close(&s, &c);
}
END_TEST

START_TEST(the_inbound_cap_is_passed_on)
{
	struct site s;
	struct wsc c = site_open(&s);
	uint8_t data[2000] = { 0 };

	stream_set_max_body(s.s, sizeof data);
	wsc_send(&c, WSC_BINARY, true, data, sizeof data);
	live_until(&s.l, s.messages == 1);
	stream_set_max_body(s.s, 10);
	wsc_send(&c, WSC_BINARY, true, data, 11);
	live_until(&s.l, wsc_frame(&c) && c.op == WSC_CLOSE);
	wsc_close(&c);
	live_until(&s.l, s.closed == 1);
	ck_assert_str_eq(s.reason, "too_big");
	site_close(&s, &c);
}
END_TEST

START_TEST(a_full_queue_ends_the_stream)
{
	struct site s;
	struct wsc c = site_open(&s);
	uint8_t *data = calloc(1, 60000);

	ck_assert_int_eq(stream_send(s.s, data, 60000), 0);
	ck_assert_int_eq(stream_send(s.s, data, 60000), -ENOBUFS);
	ck_assert_int_eq(stream_send(s.s, data, 1), -EPIPE);
	live_until(&s.l, s.closed == 1);
	ck_assert_str_eq(s.reason, "queue_full");
	free(data);
	site_close(&s, &c);
}
END_TEST

LIVE_MAIN("stream_ws", binary_messages_pass_and_an_empty_one_is_a_heartbeat,
	  text_is_read_and_ignored,
	  closing_inside_a_message_sends_the_answer_and_close_1000,
	  the_end_of_the_peer_is_the_end_of_the_stream,
	  the_inbound_cap_is_passed_on, a_full_queue_ends_the_stream)
