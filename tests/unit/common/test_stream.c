#include "common/net/stream.h"

#include <fcntl.h>
#include <poll.h>

#include "common/proto/frame.h"
#include "tests/unit/common/live.h"

enum { SEEN_MAX = 64, BODY_MAX = 50000, QUEUE_MAX = 100000 };

struct end {
	struct live l;
	struct stream *s;
	int fd;   /* its descriptor */
	int peer; /* the other end's blocking descriptor */
	int messages;
	size_t lens[SEEN_MAX];
	uint8_t firsts[SEEN_MAX]; /* first byte of each, or 0 */
	int closed;
	const char *reason;
	bool echo;
	int answers; /* replies sent per message */
	bool close_in_message;
	size_t raise_to; /* new inbound cap set by a message */
};

static void on_message(void *ctx, const uint8_t *data, size_t len)
{
	struct end *e = ctx;

	ck_assert_int_eq(e->closed, 0);
	ck_assert_int_lt(e->messages, SEEN_MAX);
	e->firsts[e->messages] = len > 0 ? data[0] : 0;
	e->lens[e->messages++] = len;
	for (int i = 0; i < e->answers; i++)
		ck_assert_int_eq(stream_send(e->s, data, len), 0);
	if (e->raise_to > 0)
		stream_set_max_body(e->s, e->raise_to);
	if (e->close_in_message)
		stream_close(e->s, "done");
}

static void on_close(void *ctx, const char *reason)
{
	struct end *e = ctx;

	e->closed++;
	e->reason = reason;
	e->s = NULL;
}

static const struct stream_events events = {
	.on_message = on_message,
	.on_close = on_close,
};

static void end_open(struct end *e)
{
	int fds[2];

	*e = (struct end){ 0 };
	live_start(&e->l);
	live_pair(fds);
	e->fd = fds[0];
	e->peer = fds[1];
	ck_assert_int_eq(stream_open_tcp(&e->l.loop, fds[0], BODY_MAX,
					 QUEUE_MAX, &events, e, &e->s),
			 0);
	ck_assert(!stream_is_ws(e->s));
}

static void end_close(struct end *e)
{
	if (e->s)
		stream_close(e->s, "test over");
	if (e->peer >= 0)
		close(e->peer);
	live_until(&e->l, e->closed == 1);
	live_end(&e->l);
	ck_assert_int_eq(e->closed, 1);
}

static void put_frame(struct end *e, const void *body, size_t len)
{
	uint8_t *frame = malloc(len + FRAME_HEAD_MAX);
	size_t n = frame_put_head(frame, len);

	memcpy(frame + n, body, len);
	live_write(e->peer, frame, n + len);
	free(frame);
}

START_TEST(a_frame_one_byte_at_a_time_is_one_message)
{
	static const uint8_t frame[] = { 0x14, 0xa2, 0x01, 0x02, 0x08, 0x03 };
	struct end e;

	end_open(&e);
	for (size_t i = 0; i < sizeof frame; i++) {
		ck_assert_int_eq(e.messages, 0);
		live_write(e.peer, frame + i, 1);
		live_turn(&e.l, 2);
	}
	live_until(&e.l, e.messages == 1);
	ck_assert_uint_eq(e.lens[0], 5);
	ck_assert_uint_eq(e.firsts[0], 0xa2);
	end_close(&e);
}
END_TEST

START_TEST(several_frames_in_one_segment_are_several_messages)
{
	static const uint8_t frames[] = {
		0x04, 'a',               /* shortest head */
		0x00,                    /* a heartbeat */
		0x05, 0x00, 'b',         /* two-byte head, as some might send */
		0x07, 0,    0,   0, 'c', /* four-byte head */
		0x08, 'd',               /* broken off */
	};
	struct end e;

	end_open(&e);
	live_write(e.peer, frames, sizeof frames);
	live_until(&e.l, e.messages == 4);
	ck_assert_uint_eq(e.firsts[0], 'a');
	ck_assert_uint_eq(e.lens[1], 0);
	ck_assert_uint_eq(e.firsts[2], 'b');
	ck_assert_uint_eq(e.firsts[3], 'c');
	live_write(e.peer, "!", 1);
	live_until(&e.l, e.messages == 5);
	ck_assert_uint_eq(e.lens[4], 2);
	end_close(&e);
}
END_TEST

START_TEST(bodies_up_to_the_cap_arrive_and_answers_are_framed_shortest)
{
	static const size_t lens[] = { 0, 63, 64, 16383, 16384, 16400, 50000 };
	struct end e;
	uint8_t *body = calloc(1, BODY_MAX + 4);
	uint8_t head[FRAME_HEAD_MAX];

	end_open(&e);
	e.answers = 1;
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		put_frame(&e, body, lens[i]);
		live_until(&e.l, e.messages == (int)i + 1);
		ck_assert_uint_eq(e.lens[i], lens[i]);
		size_t n = frame_put_head(head, lens[i]);
		live_read(e.peer, body, n + lens[i]);
		ck_assert_mem_eq(body, head, n);
		memset(body, 0, n);
	}
	free(body);
	end_close(&e);
}
END_TEST

START_TEST(an_oversized_announcement_closes_before_the_body)
{
	struct end e;

	end_open(&e);
	live_write(e.peer, "\xff\xff\xff\xff", 4); /* one gigabyte */
	live_until(&e.l, e.closed == 1);
	ck_assert_str_eq(e.reason, "too_big");
	ck_assert(live_ended(e.peer));
	end_close(&e);
}
END_TEST

START_TEST(the_cap_can_be_raised_by_an_earlier_message)
{
	struct end e;
	uint8_t *body = calloc(1, BODY_MAX * 3);

	end_open(&e);
	e.raise_to = BODY_MAX * 3;
	put_frame(&e, "x", 1);
	live_until(&e.l, e.messages == 1);
	for (size_t done = 0; done < 2; done++) {
		put_frame(&e, body, BODY_MAX * 3);
		live_until(&e.l, e.messages == (int)done + 2);
	}
	ck_assert_uint_eq(e.lens[2], BODY_MAX * 3);
	free(body);
	end_close(&e);
}
END_TEST

START_TEST(answers_given_inside_a_message_leave_in_one_segment)
{
	struct end e;
	uint8_t got[64];

	end_open(&e);
	e.answers = 3;
	put_frame(&e, "ab", 2);
	live_until(&e.l, e.messages == 1);
	ck_assert_int_eq(recv(e.peer, got, sizeof got, 0), 9);
	ck_assert_mem_eq(got,
			 "\x08"
			 "ab\x08"
			 "ab\x08"
			 "ab",
			 9);
	end_close(&e);
}
END_TEST

START_TEST(closing_inside_a_message_sends_the_answer_and_ends_delivery)
{
	struct end e;
	char got[8];

	end_open(&e);
	e.answers = 1;
	e.close_in_message = true;
	live_write(e.peer,
		   "\x04"
		   "a\x04"
		   "b",
		   4);
	live_until(&e.l, e.closed == 1);
	ck_assert_int_eq(e.messages, 1);
	ck_assert_str_eq(e.reason, "done");
	live_read(e.peer, got, 2);
	ck_assert_mem_eq(got,
			 "\x04"
			 "a",
			 2);
	ck_assert(live_ended(e.peer));
	end_close(&e);
}
END_TEST

START_TEST(unread_input_does_not_destroy_the_last_answer)
{
	struct end e;
	uint8_t *junk = calloc(1, 40000);
	char got[8];

	end_open(&e);
	e.answers = 1;
	e.close_in_message = true;
	put_frame(&e, "a", 1);
	live_write(e.peer, junk, 40000);
	live_until(&e.l, e.closed == 1);
	ck_assert_int_eq(recv(e.peer, got, 2, MSG_WAITALL), 2);
	ck_assert_int_eq(recv(e.peer, got, 1, 0), 0);
	free(junk);
	end_close(&e);
}
END_TEST

START_TEST(the_end_of_the_peer_comes_after_its_messages)
{
	struct end e;

	end_open(&e);
	put_frame(&e, "a", 1);
	put_frame(&e, "b", 1);
	close(e.peer);
	e.peer = -1;
	live_until(&e.l, e.closed == 1);
	ck_assert_int_eq(e.messages, 2);
	ck_assert_str_eq(e.reason, "eof");
	end_close(&e);
}
END_TEST

START_TEST(a_half_closed_peer_still_gets_its_answer)
{
	struct end e;
	char got[2];

	end_open(&e);
	e.answers = 1;
	put_frame(&e, "a", 1);
	ck_assert_int_eq(shutdown(e.peer, SHUT_WR), 0);
	live_until(&e.l, e.closed == 1);
	ck_assert_int_eq(e.messages, 1);
	live_read(e.peer, got, 2);
	ck_assert(live_ended(e.peer));
	end_close(&e);
}
END_TEST

START_TEST(a_message_before_a_reset_is_still_delivered)
{
	struct end e;

	end_open(&e);
	put_frame(&e, "a", 1);
	live_reset(e.peer);
	e.peer = -1;
	live_until(&e.l, e.closed == 1);
	ck_assert_int_eq(e.messages, 1);
	ck_assert_str_eq(e.reason, "reset");
	end_close(&e);
}
END_TEST

/* What B does: it writes its answer and closes while our KeyExchange is still
 * unread on its side, so its kernel resets the connection. */
START_TEST(a_message_is_delivered_although_writing_failed)
{
	struct end e;
	int r = 0;

	end_open(&e);
	ck_assert_int_eq(stream_send(e.s, "unread", 6), 0);
	put_frame(&e, "a", 1);
	close(e.peer);
	e.peer = -1;
	for (int i = 0; i < 3 && r == 0; i++)
		r = stream_send(e.s, "more", 4);
	ck_assert_int_eq(r, -EPIPE);
	ck_assert_int_eq(e.closed, 0);
	live_until(&e.l, e.closed == 1);
	ck_assert_int_eq(e.messages, 1);
	end_close(&e);
}
END_TEST

START_TEST(a_queue_beyond_its_cap_closes_once_and_later)
{
	struct end e;
	uint8_t *data = calloc(1, 30000);
	int r = 0;

	end_open(&e);
	while ((r = stream_send(e.s, data, 30000)) == 0)
		;
	ck_assert_int_eq(r, -ENOBUFS);
	ck_assert_int_eq(stream_send(e.s, data, 1), -EPIPE);
	ck_assert_int_eq(e.closed, 0);
	live_until(&e.l, e.closed == 1);
	ck_assert_str_eq(e.reason, "queue_full");
	free(data);
	end_close(&e);
}
END_TEST

START_TEST(a_message_larger_than_the_queue_is_refused)
{
	struct end e;
	uint8_t *data = calloc(1, QUEUE_MAX);

	end_open(&e);
	ck_assert_int_eq(stream_send(e.s, data, QUEUE_MAX - 4), 0);
	free(data);
	ck_assert_int_eq(stream_send(e.s, "", SIZE_MAX / 2), -ENOBUFS);
	end_close(&e);
}
END_TEST

/* Small kernel buffers, so that most of what is sent stays in the queue. */
static void shrink_buffers(struct end *e)
{
	int size = 4096;

	setsockopt(e->peer, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	setsockopt(e->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

/* Reads up to the end of the connection; returns how many bytes matched. */
static size_t drain(struct end *e, const uint8_t *data)
{
	struct pollfd p = { .fd = e->peer, .events = POLLIN };
	uint8_t got[4096];
	size_t total = 0;

	for (;;) {
		live_turn(&e->l, 1);
		ck_assert(!e->l.late);
		if (poll(&p, 1, 10) <= 0)
			continue;
		ssize_t n = recv(e->peer, got, sizeof got, 0);
		if (n <= 0)
			return total;
		ck_assert_mem_eq(got, data + total, n);
		total += (size_t)n;
	}
}

START_TEST(a_slow_reader_gets_everything_that_was_queued_before_the_close)
{
	struct end e;
	uint8_t *data = malloc(90003);

	end_open(&e);
	shrink_buffers(&e);
	for (size_t i = 0; i < 90003; i++)
		data[i] = (uint8_t)(i % 251);
	frame_put_head(data, 90000);
	ck_assert_int_eq(stream_send(e.s, data + 3, 90000), 0);
	stream_close(e.s, "bye");
	ck_assert_int_eq(stream_send(e.s, data, 1), -EPIPE);
	ck_assert_int_eq(e.closed, 0);
	ck_assert_uint_eq(drain(&e, data), 90003);
	live_until(&e.l, e.closed == 1);
	ck_assert_str_eq(e.reason, "bye");
	free(data);
	end_close(&e);
}
END_TEST

START_TEST(a_stuck_reader_is_given_up_after_the_linger)
{
	struct end e;
	uint8_t *data = calloc(1, 90000);

	end_open(&e);
	shrink_buffers(&e);
	uint64_t start = loop_now(&e.l.loop);
	ck_assert_int_eq(stream_send(e.s, data, 90000), 0);
	stream_close(e.s, "bye");
	live_until(&e.l, e.closed == 1);
	ck_assert_uint_ge(loop_now(&e.l.loop), start + 4900);
	ck_assert_uint_le(loop_now(&e.l.loop), start + 9000);
	free(data);
	end_close(&e);
}
END_TEST

START_TEST(a_descriptor_that_cannot_be_watched_is_closed)
{
	struct live l;
	struct stream *s;
	FILE *f = tmpfile();
	int fd = dup(fileno(f));

	live_start(&l);
	ck_assert_int_eq(stream_open_tcp(&l.loop, fd, 1, 1, &events, NULL, &s),
			 -EPERM);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	fclose(f);
	live_end(&l);
}
END_TEST

LIVE_MAIN("stream", a_frame_one_byte_at_a_time_is_one_message,
	  several_frames_in_one_segment_are_several_messages,
	  bodies_up_to_the_cap_arrive_and_answers_are_framed_shortest,
	  an_oversized_announcement_closes_before_the_body,
	  the_cap_can_be_raised_by_an_earlier_message,
	  answers_given_inside_a_message_leave_in_one_segment,
	  closing_inside_a_message_sends_the_answer_and_ends_delivery,
	  unread_input_does_not_destroy_the_last_answer,
	  the_end_of_the_peer_comes_after_its_messages,
	  a_half_closed_peer_still_gets_its_answer,
	  a_message_before_a_reset_is_still_delivered,
	  a_message_is_delivered_although_writing_failed,
	  a_queue_beyond_its_cap_closes_once_and_later,
	  a_message_larger_than_the_queue_is_refused,
	  a_slow_reader_gets_everything_that_was_queued_before_the_close,
	  a_stuck_reader_is_given_up_after_the_linger,
	  a_descriptor_that_cannot_be_watched_is_closed)
