#include "common/net/ws.h"

#include "tests/unit/common/ws_site.h"

static void fill(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
}

/* Reassembles one message from the server and compares it. */
static void expect_message(struct site *s, struct wsc *c, const uint8_t *data,
			   size_t len)
{
	size_t got = 0;

	for (int i = 0;; i++) {
		live_until(&s->l, wsc_frame(c));
		ck_assert_uint_eq(c->op, i == 0 ? WSC_BINARY : 0);
		ck_assert_uint_le(got + c->body_len, len);
		ck_assert(c->body_len == 0 ||
			  memcmp(c->body, data + got, c->body_len) == 0);
		got += c->body_len;
		if (c->fin)
			break;
	}
	ck_assert_uint_eq(got, len);
}

START_TEST(messages_of_every_length_form_come_back_whole)
{
	static const size_t lens[] = { 0,     1,     125,   126,   65531, 65532,
				       65533, 65535, 65536, 99999, 100000 };
	struct site s;
	uint8_t *data = malloc(MESSAGE_MAX);

	fill(data, MESSAGE_MAX);
	site_open(&s);
	s.echo = true;
	struct wsc c = site_join(&s, "/ws/id", "");
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		wsc_send(&c, WSC_BINARY, true, data, lens[i]);
		expect_message(&s, &c, data, lens[i]);
		ck_assert_uint_eq(s.seen[i].len, lens[i]);
		ck_assert(s.seen[i].binary);
	}
	ck_assert_uint_eq(ws_queued(s.ws), 0);
	free(data);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_frame_that_comes_byte_by_byte_is_understood)
{
	struct site s;
	uint8_t frame[32];

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	size_t n = wsc_build(frame, WSC_BINARY, true, "hello", 5);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(s.messages, 0);
		live_write(c.fd, frame + i, 1);
		live_turn(&s.l, 3);
	}
	live_until(&s.l, s.messages == 1);
	ck_assert_mem_eq(s.seen[0].data, "hello", 5);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(fragments_are_joined_and_a_ping_between_them_is_answered)
{
	struct site s;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	wsc_send(&c, WSC_BINARY, false, "one ", 4);
	wsc_send(&c, WSC_PING, true, "are you there", 13);
	wsc_send(&c, 0, false, "", 0);
	wsc_send(&c, 0, false, "two ", 4);
	wsc_send(&c, WSC_PONG, true, "", 0);
	wsc_send(&c, 0, true, "three", 5);
	wsc_send(&c, WSC_BINARY, true, "next", 4);
	live_until(&s.l, s.messages == 2);
	ck_assert_uint_eq(s.seen[0].len, 13);
	ck_assert_mem_eq(s.seen[0].data, "one two three", 13);
	ck_assert_mem_eq(s.seen[1].data, "next", 4);
	live_until(&s.l, wsc_frame(&c));
	ck_assert_uint_eq(c.op, WSC_PONG);
	ck_assert_uint_eq(c.body_len, 13);
	ck_assert_mem_eq(c.body, "are you there", 13);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(text_is_delivered_as_such)
{
	struct site s;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	wsc_send(&c, WSC_TEXT, true, "text", 4);
	wsc_send(&c, WSC_TEXT, false, "te", 2);
	wsc_send(&c, 0, true, "xt", 2);
	live_until(&s.l, s.messages == 2);
	for (int i = 0; i < 2; i++) {
		ck_assert(!s.seen[i].binary);
		ck_assert_mem_eq(s.seen[i].data, "text", 4);
	}
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(an_announced_oversize_is_refused_before_it_is_buffered)
{
	struct site s;
	uint8_t head[14 + 10] = { 0x82, 128 | 127, 0, 0, 0, 0, 0x40 };

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	live_write(c.fd, head, sizeof head);
	expect_close(&s, &c, 1009);
	wsc_close(&c);
	live_until(&s.l, s.closed == 1);
	ck_assert_str_eq(s.reason, "too_big");
	ck_assert_int_eq(s.messages, 0);
	site_close(&s);
}
END_TEST

START_TEST(fragments_that_add_up_to_too_much_are_refused)
{
	struct site s;
	uint8_t part[40000] = { 0 };

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	for (int i = 0; i < 3; i++)
		wsc_send(&c, i ? 0 : WSC_BINARY, false, part, sizeof part);
	expect_close(&s, &c, 1009);
	wsc_close(&c);
	live_until(&s.l, s.closed == 1);
	ck_assert_int_eq(s.messages, 0);
	site_close(&s);
}
END_TEST

START_TEST(the_inbound_cap_can_be_raised_for_one_connection)
{
	struct site s;
	uint8_t *data = malloc(300000);

	fill(data, 300000);
	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	ws_set_max_message(s.ws, 300000);
	wsc_send(&c, WSC_BINARY, true, data, 300000);
	live_until(&s.l, s.messages == 1);
	ck_assert_uint_eq(s.seen[0].len, 300000);
	ck_assert_int_eq(memcmp(s.seen[0].data, data, 300000), 0);
	free(data);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(our_close_sends_what_is_queued_and_then_the_code)
{
	struct site s;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	ck_assert_int_eq(ws_send(s.ws, "last", 4), 0);
	ws_close(s.ws, 1000);
	ck_assert_int_eq(ws_send(s.ws, "late", 4), -EPIPE);
	expect_message(&s, &c, (const uint8_t *)"last", 4);
	expect_close(&s, &c, 1000);
	ck_assert_int_eq(s.closed, 0);
	wsc_send(&c, WSC_CLOSE, true, "\x03\xe8", 2);
	live_until(&s.l, s.closed == 1);
	ck_assert_str_eq(s.reason, "closed");
	live_until(&s.l, (wsc_read(&c), c.ended));
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_peer_that_never_answers_our_close_is_cut)
{
	struct site s;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	ws_close(s.ws, 1000);
	expect_close(&s, &c, 1000);
	live_until(&s.l, s.closed == 1);
	live_until(&s.l, (wsc_read(&c), c.ended));
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(closing_inside_a_message_ends_delivery)
{
	struct site s;

	site_open(&s);
	s.close_in_message = true;
	struct wsc c = site_join(&s, "/", "");
	wsc_send(&c, WSC_BINARY, true, "a", 1);
	wsc_send(&c, WSC_BINARY, true, "b", 1);
	expect_close(&s, &c, 1000);
	wsc_send(&c, WSC_CLOSE, true, "\x03\xe8", 2);
	live_until(&s.l, s.closed == 1);
	ck_assert_int_eq(s.messages, 1);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_peers_close_is_echoed)
{
	struct site s;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	wsc_send(&c, WSC_CLOSE, true, "\x03\xe8", 2);
	expect_close(&s, &c, 1000);
	live_until(&s.l, s.closed == 1);
	ck_assert_str_eq(s.reason, "peer_closed");
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_paused_connection_can_be_closed)
{
	struct site s;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	uint64_t start = loop_now(&s.l.loop);
	ws_pause(s.ws);
	wsc_send(&c, WSC_BINARY, true, "unread", 6);
	live_turn(&s.l, 5);
	ws_close(s.ws, 1000);
	expect_close(&s, &c, 1000);
	wsc_send(&c, WSC_CLOSE, true, "\x03\xe8", 2);
	live_until(&s.l, s.closed == 1);
	ck_assert_uint_lt(loop_now(&s.l.loop), start + 3000);
	ck_assert_int_eq(s.messages, 0);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_reset_ends_the_connection)
{
	struct site s;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	live_reset(c.fd);
	c.fd = -1;
	live_until(&s.l, s.closed == 1);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_refused_connection_is_told_so_and_has_no_events)
{
	struct site s;

	site_open(&s);
	s.refuse = true;
	struct wsc c = site_join(&s, "/", "");
	wsc_send(&c, WSC_BINARY, true, "a", 1);
	expect_close(&s, &c, 1008);
	wsc_send(&c, WSC_CLOSE, true, "\x03\xf0", 2);
	live_until(&s.l, (wsc_read(&c), c.ended));
	ck_assert_int_eq(s.messages, 0);
	ck_assert_int_eq(s.closed, 0);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_full_queue_cuts_the_connection)
{
	struct site s;
	uint8_t *data = calloc(1, 100000);
	int r = 0, sent = 0;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	while ((r = ws_send(s.ws, data, 100000)) == 0)
		sent++;
	ck_assert_int_eq(r, -ENOBUFS);
	ck_assert_int_eq(sent, QUEUE_MAX / 100000 - 1);
	ck_assert_int_eq(ws_send(s.ws, data, 1), -EPIPE);
	ck_assert_int_eq(s.closed, 0);
	live_until(&s.l, s.closed == 1);
	ck_assert_str_eq(s.reason, "queue_full");
	free(data);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(draining_below_the_mark_is_told_once)
{
	struct site s;
	uint8_t data[MARK + 1] = { 0 };

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	ck_assert_int_eq(ws_send(s.ws, data, 10), 0);
	live_until(&s.l, ws_queued(s.ws) == 0);
	ck_assert_int_eq(s.drained, 0);
	ck_assert_int_eq(ws_send(s.ws, data, sizeof data), 0);
	ck_assert_uint_gt(ws_queued(s.ws), MARK);
	live_until(&s.l, s.drained == 1);
	ck_assert_uint_le(ws_queued(s.ws), MARK);
	live_turn(&s.l, 3);
	ck_assert_int_eq(s.drained, 1);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_paused_connection_delivers_nothing_until_it_is_resumed)
{
	struct site s;

	site_open(&s);
	s.pause_in_message = true;
	struct wsc c = site_join(&s, "/", "");
	wsc_send(&c, WSC_BINARY, true, "1", 1);
	wsc_send(&c, WSC_BINARY, true, "2", 1);
	wsc_send(&c, WSC_BINARY, true, "3", 1);
	live_until(&s.l, s.messages == 1);
	live_turn(&s.l, 10);
	wsc_send(&c, WSC_BINARY, true, "4", 1);
	live_turn(&s.l, 10);
	ck_assert_int_eq(s.messages, 1);
	s.pause_in_message = false;
	ws_resume(s.ws);
	live_until(&s.l, s.messages == 4);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(s.seen[i].data[0], '1' + i);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(what_came_before_the_end_is_delivered_after_a_resume)
{
	struct site s;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	ws_pause(s.ws);
	wsc_send(&c, WSC_BINARY, true, "last words", 10);
	wsc_close(&c);
	live_turn(&s.l, 10);
	ck_assert_int_eq(s.messages, 0);
	ck_assert_int_eq(s.closed, 0);
	ws_resume(s.ws);
	live_until(&s.l, s.closed == 1);
	ck_assert_int_eq(s.messages, 1);
	ck_assert_mem_eq(s.seen[0].data, "last words", 10);
	site_close(&s);
}
END_TEST

START_TEST(closing_the_context_closes_every_connection)
{
	struct site s;

	site_open(&s);
	struct wsc a = site_join(&s, "/", ""), b = site_join(&s, "/", ""),
		   c = site_dial(&s);
	live_turn(&s.l, 3);
	ws_context_close(s.cx);
	ck_assert_int_eq(s.closed, 2);
	live_until(&s.l, (wsc_read(&a), a.ended) && (wsc_read(&b), b.ended) &&
				 (wsc_read(&c), c.ended));
	ck_assert_int_eq(ws_adopt(s.cx, dup(0), &s.client), -EPIPE);
	wsc_close(&a);
	wsc_close(&b);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

LIVE_MAIN("ws", messages_of_every_length_form_come_back_whole,
	  a_frame_that_comes_byte_by_byte_is_understood,
	  fragments_are_joined_and_a_ping_between_them_is_answered,
	  text_is_delivered_as_such,
	  an_announced_oversize_is_refused_before_it_is_buffered,
	  fragments_that_add_up_to_too_much_are_refused,
	  the_inbound_cap_can_be_raised_for_one_connection,
	  our_close_sends_what_is_queued_and_then_the_code,
	  a_peer_that_never_answers_our_close_is_cut,
	  closing_inside_a_message_ends_delivery, a_peers_close_is_echoed,
	  a_paused_connection_can_be_closed, a_reset_ends_the_connection,
	  a_refused_connection_is_told_so_and_has_no_events,
	  a_full_queue_cuts_the_connection,
	  draining_below_the_mark_is_told_once,
	  a_paused_connection_delivers_nothing_until_it_is_resumed,
	  what_came_before_the_end_is_delivered_after_a_resume,
	  closing_the_context_closes_every_connection)
