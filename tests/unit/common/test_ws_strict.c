/* Peers of a WebSocket that break the rules, or hold more than they should. */
#include "common/net/ws.h"

#include "tests/unit/common/ws_site.h"

START_TEST(of_several_pings_the_newest_is_answered)
{
	struct site s;
	uint8_t frames[100];
	size_t n = 0;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	n += wsc_build(frames + n, WSC_PING, true, "first", 5);
	n += wsc_build(frames + n, WSC_PING, true, "second", 6);
	n += wsc_build(frames + n, WSC_PING, true, "third", 5);
	live_write(c.fd, frames, n);
	live_until(&s.l, wsc_frame(&c));
	ck_assert_uint_eq(c.op, WSC_PONG);
	ck_assert_uint_eq(c.body_len, 5);
	ck_assert_mem_eq(c.body, "third", 5);
	wsc_send(&c, WSC_BINARY, true, "x", 1);
	live_until(&s.l, s.messages == 1);
	ck_assert(!wsc_frame(&c));
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(what_a_client_must_not_send_ends_it_with_1002)
{
	static const struct {
		const char *frame;
		size_t len;
	} rows[] = {
		{ "\x82\x05hello", 7 },    /* not masked */
		{ "\x89\x00", 2 },         /* a ping that is not */
		{ "\xc2\x80\0\0\0\0", 6 }, /* a reserved bit */
		{ "\x83\x80\0\0\0\0", 6 }, /* an opcode of nobody */
		{ "\x80\x80\0\0\0\0", 6 }, /* continues nothing */
		{ "\x09\x80\0\0\0\0", 6 }, /* half a ping */
	};
	struct site s;

	site_open(&s);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wsc c = site_join(&s, "/", "");
		live_write(c.fd, rows[i].frame, rows[i].len);
		expect_close(&s, &c, 1002);
		wsc_close(&c);
		live_until(&s.l, s.closed == (int)i + 1);
		ck_assert_str_eq(s.reason, "protocol_error");
	}
	ck_assert_int_eq(s.messages, 0);
	site_close(&s);
}
END_TEST

START_TEST(what_an_incomplete_message_holds_is_told_and_given_back)
{
	struct site s;
	static uint8_t part[40000];

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	size_t idle = ws_memory(s.ws);
	wsc_send(&c, WSC_BINARY, false, part, sizeof part);
	live_until(&s.l, s.held > 0 && ws_memory(s.ws) >= idle + sizeof part);
	wsc_send(&c, 0, true, part, sizeof part);
	live_until(&s.l, s.messages == 1);
	ck_assert_uint_eq(ws_memory(s.ws), idle);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(who_takes_nothing_is_still_heard)
{
	struct site s;
	uint8_t *data = calloc(1, 100000);

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	while (ws_queued(s.ws) < 200000) {
		ck_assert_int_eq(ws_send(s.ws, data, 100000), 0);
		live_turn(&s.l, 2);
	}
	wsc_send(&c, WSC_BINARY, true, "still here", 10);
	live_until(&s.l, s.messages == 1);
	ck_assert_int_eq(s.closed, 0);
	/* A ping gets in between two frames, and all of them stay whole. */
	wsc_send(&c, WSC_PING, true, "ping", 4);
	bool pong = false;
	do {
		live_until(&s.l, wsc_frame(&c));
		ck_assert(c.op == 0 || c.op == WSC_BINARY || c.op == WSC_PONG);
		pong |= c.op == WSC_PONG;
	} while (ws_queued(s.ws) > 0 || !pong);
	free(data);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_half_closed_peer_that_reads_nothing_is_cut_at_once)
{
	struct site s;
	uint8_t *data = calloc(1, 100000);
	int size = 4096;

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	while (ws_queued(s.ws) < 200000) {
		ck_assert_int_eq(ws_send(s.ws, data, 100000), 0);
		live_turn(&s.l, 2);
	}
	ck_assert_int_eq(shutdown(c.fd, SHUT_WR), 0);
	uint64_t start = loop_now(&s.l.loop);
	live_until(&s.l, s.closed == 1);
	ck_assert_uint_lt(loop_now(&s.l.loop), start + 1000);
	free(data);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_peer_that_reads_nothing_is_cut_when_the_queue_is_full)
{
	struct site s;
	uint8_t *data = calloc(1, 100000);

	site_open(&s);
	struct wsc c = site_join(&s, "/", "");
	while (s.closed == 0) {
		if (s.ws)
			(void)!ws_send(s.ws, data, 100000);
		live_turn(&s.l, 2);
		ck_assert(!s.l.late);
	}
	ck_assert_str_eq(s.reason, "queue_full");
	free(data);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

LIVE_MAIN("ws_strict", of_several_pings_the_newest_is_answered,
	  what_a_client_must_not_send_ends_it_with_1002,
	  what_an_incomplete_message_holds_is_told_and_given_back,
	  who_takes_nothing_is_still_heard,
	  a_half_closed_peer_that_reads_nothing_is_cut_at_once,
	  a_peer_that_reads_nothing_is_cut_when_the_queue_is_full)
