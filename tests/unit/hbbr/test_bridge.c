#include "tests/unit/hbbr/bridged.h"

static uint8_t got[2 * MESSAGE_MAX];

/* Sends BODY as one frame from TCP client I, turning the loop as needed. */
static void send_frame(int i, const uint8_t *body, size_t len)
{
	uint8_t head[FRAME_HEAD_MAX];
	size_t sent = 0;

	live_write(client[i], head, frame_put_head(head, len));
	while (sent < len) {
		ssize_t n = send(client[i], body + sent, len - sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			sent += (size_t)n;
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
}

/* Takes the oldest message that was sent to WebSocket I. */
static void expect_message(int i, const uint8_t *body, size_t len)
{
	struct frame f;

	live_until(&live,
		   frame_parse(buf_head(&ws[i].sent), buf_len(&ws[i].sent),
			       FRAME_BODY_MAX, &f) == 1);
	ck_assert_uint_eq(f.len, len);
	ck_assert_mem_eq(f.body, body, len);
	buf_consume(&ws[i].sent, f.wire_len);
}

static void read_all(int i, uint8_t *out, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n =
			recv(client[i], out + have, len - have, MSG_DONTWAIT);
		if (n > 0)
			have += (size_t)n;
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
}

static uint8_t body[2 * MESSAGE_MAX];

static void fill_body(void)
{
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 7 + i / 256);
}

/* --- the tests -------------------------------------------------------------
 */

START_TEST(frames_become_messages_and_messages_frames)
{
	static const size_t sizes[] = { 1,      0x3f,   0x40,       0x3fff,
					0x4000, 100000, MESSAGE_MAX };

	setup();
	fill_body();
	start(false, true);
	ck_assert_uint_eq(ws[1].max, MESSAGE_MAX);
	ck_assert(!ws[1].paused);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		uint8_t head[FRAME_HEAD_MAX];
		send_frame(0, body, sizes[i]);
		expect_message(1, body, sizes[i]);
		ws_says(1, body, sizes[i]);
		size_t n = frame_put_head(head, sizes[i]);
		read_all(0, got, n + sizes[i]);
		ck_assert_mem_eq(got, head, n);
		ck_assert_mem_eq(got + n, body, sizes[i]);
	}
	teardown();
}
END_TEST

START_TEST(several_frames_in_one_read_stay_apart)
{
	setup();
	start(false, true);
	live_write(client[0],
		   "\x04"
		   "a\x00\x08"
		   "bc\x0c",
		   7); /* "a", empty, "bc", and the head of "def" */
	expect_message(1, (const uint8_t *)"a", 1);
	expect_message(1, (const uint8_t *)"bc", 2);
	ck_assert_uint_eq(buf_len(&ws[1].sent), 0);
	live_write(client[0], "def", 3);
	expect_message(1, (const uint8_t *)"def", 3);
	ck_assert_uint_eq(bridge_of()->bytes[0], 6);
	teardown();
}
END_TEST

START_TEST(an_empty_message_is_activity_and_nothing_else)
{
	setup();
	struct bridge *b = start(false, true);
	b->active_ms = 0;
	ws_says(1, NULL, 0);
	ck_assert_uint_gt(b->active_ms, 0);
	live_turn(&live, 3);
	ck_assert_int_eq(recv(client[0], got, 1, MSG_DONTWAIT), -1);
	teardown();
}
END_TEST

START_TEST(early_messages_come_first_and_keep_their_borders)
{
	setup();
	ck_assert_int_eq(buf_append(&early[0], "\x08hi\x04!", 5), 0);
	start(true, true);
	ws_says(0, (const uint8_t *)"later", 5);
	expect_message(1, (const uint8_t *)"hi", 2);
	expect_message(1, (const uint8_t *)"!", 1);
	expect_message(1, (const uint8_t *)"later", 5);
	teardown();
}
END_TEST

START_TEST(a_slow_web_reader_stops_the_tcp_sender)
{
	setup();
	start(false, true);
	ws[1].queued = BRIDGE_HIGH + 1;
	live_write(client[0], "\x04y", 2);
	live_turn(&live, 20);
	ck_assert_uint_eq(buf_len(&ws[1].sent), 0);
	ws_says(1, (const uint8_t *)"z", 1);
	read_all(0, got, 2); /* the other direction goes on */
	ws[1].queued = 0;
	conn_ws_drain(conns[1]);
	expect_message(1, (const uint8_t *)"y", 1);
	teardown();
}
END_TEST

START_TEST(a_slow_tcp_reader_pauses_the_web_sender)
{
	size_t sent = 0;

	setup();
	fill_body();
	start(false, true);
	while (!ws[1].paused) {
		ws_says(1, body, 0x10000);
		sent += 3 + 0x10000; /* the head and the payload */
		ck_assert_uint_lt(sent, 64u << 20);
	}
	ck_assert_uint_le(memory.held, 4 * BRIDGE_HIGH);
	send_frame(0, body, 5); /* the other direction goes on */
	expect_message(1, body, 5);
	for (size_t done = 0; done < sent;) {
		size_t n =
			sent - done < sizeof(got) ? sent - done : sizeof(got);
		read_all(0, got, n);
		done += n;
	}
	live_until(&live, !ws[1].paused);
	teardown();
}
END_TEST

START_TEST(a_frame_above_the_cap_ends_the_session)
{
	uint8_t head[FRAME_HEAD_MAX];

	setup();
	start(false, true);
	live_write(client[0], head, frame_put_head(head, MESSAGE_MAX + 1));
	live_until(&live, bridges.n == 0);
	ck_assert(ws[1].closed);
	live_until(&live, live_ended(client[0]));
	ck_assert_int_eq(nended, 1);
	teardown();
}
END_TEST

START_TEST(unfinished_messages_and_records_of_web_ends_count)
{
	setup();
	memory.max = 512 * 1024;
	start(true, true);
	ws[1].held = 512 * 1024;
	conn_ws_held(conns[1], 0);
	live_turn(&live, 2);
	ck_assert_uint_eq(bridges.n, 1);
	ck_assert_uint_eq(memory.held, 512 * 1024);
	ws[0].held = 1; /* part of a TLS record, say: no event */
	ck_assert_uint_eq(memory.held, 512 * 1024);
	bridges_tick(&bridges);
	live_turn(&live, 2);
	ck_assert_uint_eq(bridges.n, 0);
	ck_assert_uint_eq(memory.held, 0);
	teardown();
}
END_TEST

START_TEST(who_holds_the_most_ends_whoever_asks_for_more)
{
	setup();
	memory.max = 512 * 1024;
	start(true, true);
	ws[0].held = BRIDGE_HIGH + 1;
	conn_ws_held(conns[0], 0);
	/* Somebody else, who waits to be paired. */
	ck_assert(memory_change(&memory, 0, 100000));
	live_turn(&live, 2);
	ck_assert_uint_eq(bridges.n, 1);
	ck_assert(!memory_change(&memory, 100000, 400000));
	live_turn(&live, 2);
	ck_assert_uint_eq(bridges.n, 0);
	ck_assert(memory_change(&memory, 400000, 0));
	ck_assert_uint_eq(memory.held, 0);
	teardown();
}
END_TEST

START_TEST(the_session_that_would_exceed_the_memory_ends)
{
	uint8_t head[FRAME_HEAD_MAX];

	setup();
	memory.max = 512 * 1024;
	start(false, true);
	live_write(client[0], head, frame_put_head(head, MESSAGE_MAX));
	while (bridges.n > 0) {
		(void)!send(client[0], body, 4096, MSG_DONTWAIT | MSG_NOSIGNAL);
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
	ck_assert_uint_eq(memory.held, 0);
	ck_assert(ws[1].closed);
	teardown();
}
END_TEST

START_TEST(when_tcp_closes_its_frames_are_delivered_first)
{
	setup();
	start(false, true);
	live_write(client[0], "\x08ok\x0cpar", 7); /* and half a frame */
	close(client[0]);
	client[0] = -1;
	live_until(&live, bridges.n == 0);
	expect_message(1, (const uint8_t *)"ok", 2);
	ck_assert(ws[1].closed);
	teardown();
}
END_TEST

START_TEST(when_the_web_end_goes_its_messages_are_delivered_first)
{
	size_t total = 0, done = 0;
	ssize_t n;

	setup();
	fill_body();
	start(false, true);
	while (!ws[1].paused) { /* more than the sockets hold */
		ws_says(1, body, 0x10000);
		total += 3 + 0x10000;
	}
	ws[1].closed = true;
	ws_gone(1);
	ws[1].closed = false;
	ck_assert_int_eq(bridge_of()->state, B_FLUSHING);
	while ((n = recv(client[0], got, sizeof(got), MSG_DONTWAIT)) != 0) {
		done += n > 0 ? (size_t)n : 0;
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
	ck_assert_uint_eq(done, total);
	ck_assert_uint_eq(bridges.n, 0);
	teardown();
}
END_TEST

START_TEST(a_web_end_is_closed_when_its_queue_is_short)
{
	setup();
	start(false, true);
	live_write(client[0], "\x08ok", 3);
	live_until(&live, buf_len(&ws[1].sent) > 0);
	ws[1].queued = CONN_LOW + 1;
	close(client[0]);
	client[0] = -1;
	live_until(&live, bridge_of()->state == B_FLUSHING);
	ck_assert(!ws[1].closed);
	ws[1].queued = CONN_LOW;
	conn_ws_drain(conns[1]);
	ck_assert(ws[1].closed);
	live_until(&live, bridges.n == 0);
	teardown();
}
END_TEST

START_TEST(who_does_not_take_the_last_bytes_is_cut)
{
	setup();
	struct bridge *b = start(false, true);
	ws[1].queued = CONN_LOW + 1;
	close(client[0]);
	client[0] = -1;
	live_until(&live, b->state == B_FLUSHING);
	bridges_tick(&bridges);
	ck_assert(!ws[1].closed);
	b->active_ms -= BRIDGE_FLUSH_MS;
	bridges_tick(&bridges);
	ck_assert(ws[1].closed);
	ck_assert_uint_eq(bridges.n, 0);
	teardown();
}
END_TEST

START_TEST(idle_and_blocked_sessions_end)
{
	struct ipset blocked = { 0 }, slow = { 0 };

	setup();
	bridges.idle_ms = 1000;
	start(true, true)->active_ms -= 1000;
	bridges_tick(&bridges);
	ck_assert_uint_eq(bridges.n, 0);
	teardown();

	setup();
	struct bridge *b = start(true, true);
	ck_assert_int_eq(ipset_add(&slow, "192.0.2.1"), 0);
	bridges_apply_lists(&bridges, &blocked, &slow);
	ck_assert(b->meter.slow);
	ck_assert_int_eq(ipset_add(&blocked, "192.0.2.2"), 0);
	bridges_apply_lists(&bridges, &blocked, &slow);
	ck_assert_uint_eq(bridges.n, 0);
	ck_assert(ws[0].closed && ws[1].closed);
	teardown();
	ipset_fini(&blocked);
	ipset_fini(&slow);
}
END_TEST

START_TEST(out_of_tokens_a_session_is_not_read_until_the_refill)
{
	setup();
	fill_body();
	limits.single_bps = 8 * LIMITS_MBIT;
	start(true, true);
	ws_says(0, body, 200000); /* 0.2 s at 1 MiB/s */
	ck_assert(ws[0].paused && ws[1].paused);
	live_until(&live, !ws[0].paused && !ws[1].paused);
	teardown();
}
END_TEST

LIVE_MAIN("bridge", frames_become_messages_and_messages_frames,
	  several_frames_in_one_read_stay_apart,
	  an_empty_message_is_activity_and_nothing_else,
	  early_messages_come_first_and_keep_their_borders,
	  a_slow_web_reader_stops_the_tcp_sender,
	  a_slow_tcp_reader_pauses_the_web_sender,
	  a_frame_above_the_cap_ends_the_session,
	  unfinished_messages_and_records_of_web_ends_count,
	  who_holds_the_most_ends_whoever_asks_for_more,
	  the_session_that_would_exceed_the_memory_ends,
	  when_tcp_closes_its_frames_are_delivered_first,
	  when_the_web_end_goes_its_messages_are_delivered_first,
	  a_web_end_is_closed_when_its_queue_is_short,
	  who_does_not_take_the_last_bytes_is_cut,
	  idle_and_blocked_sessions_end,
	  out_of_tokens_a_session_is_not_read_until_the_refill)
