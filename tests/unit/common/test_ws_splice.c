#include <fcntl.h>
#include <signal.h>

#include "common/net/ws_conn.h"
#include "tests/unit/common/ws_site.h"

/* Frames of 4 + BODY bytes; the body begins with the number of the frame. */
enum { BODY = 20000, FRAMES = 10, PIPE = 1 << 20 };

static int fds[2]; /* the pipe */
static uint32_t made, seen;

static struct wsc open_site(struct site *s)
{
	signal(SIGPIPE, SIG_IGN);
	site_open(s);
	struct wsc c = site_join(s, "/", "");
	int little = 65536; /* is soon full, and soon read: Close has 5 s */
	setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
	setsockopt(lws_get_socket_fd(s->ws->wsi), SOL_SOCKET, SO_SNDBUF,
		   &little, sizeof little);
	ck_assert_int_eq(pipe2(fds, O_NONBLOCK), 0);
	ck_assert_int_ge(fcntl(fds[1], F_SETPIPE_SZ, PIPE), PIPE);
	made = seen = 0;
	return c;
}

static void close_site(struct site *s, struct wsc *c)
{
	wsc_close(c);
	site_close(s);
	close(fds[0]);
	close(fds[1]);
}

static size_t fill(void)
{
	static uint8_t frame[4 + BODY] = { 0x82, 126, BODY >> 8, BODY & 255 };

	for (int i = 0; i < FRAMES; i++, made++) {
		memcpy(frame + 4, &made, sizeof made);
		ck_assert_int_eq(write(fds[1], frame, sizeof frame),
				 sizeof frame);
	}
	return FRAMES * sizeof frame;
}

/* The peer reads nothing until something is left in the pipe. */
static void block(struct site *s)
{
	for (int i = 0; ws_spliced(s->ws) == 0; i++) {
		ck_assert_int_lt(i, 1000);
		ck_assert(ws_may_splice(s->ws));
		(void)!ws_splice(s->ws, fds[0], fill());
	}
}

/* All that came into the pipe, in its order. */
static void read_frames(struct site *s, struct wsc *c)
{
	while (seen < made) {
		live_until(&s->l, wsc_frame(c));
		ck_assert_int_eq(c->op, WSC_BINARY);
		ck_assert_uint_eq(c->body_len, BODY);
		ck_assert_mem_eq(c->body, &seen, sizeof seen);
		seen++;
	}
}

START_TEST(what_waits_in_a_pipe_goes_out_before_all_else)
{
	struct site s;
	struct wsc c = open_site(&s);

	block(&s);
	ck_assert(!ws_may_splice(s.ws));
	ck_assert_uint_ge(ws_queued(s.ws), ws_spliced(s.ws));
	ck_assert_uint_ge(ws_memory(s.ws), ws_spliced(s.ws));
	ck_assert_int_eq(ws_send(s.ws, "behind", 6), 0);
	wsc_send(&c, WSC_PING, true, "?", 1);
	live_turn(&s.l, 20);
	ck_assert_int_eq(s.drained, 0);
	read_frames(&s, &c);
	bool pong = false, behind = false;
	while (!pong || !behind) {
		live_until(&s.l, wsc_frame(&c));
		pong = pong || c.op == WSC_PONG;
		behind = behind ||
			 (c.body_len == 6 && memcmp(c.body, "behind", 6) == 0);
	}
	live_until(&s.l, s.drained == 1);
	ck_assert_uint_eq(ws_spliced(s.ws), 0);
	ck_assert(ws_may_splice(s.ws));
	close_site(&s, &c);
}
END_TEST

static void close_behind_frames(struct site *s, struct wsc *c)
{
	ws_close(s->ws, 1000);
	read_frames(s, c);
	live_until(&s->l, wsc_frame(c));
	ck_assert_int_eq(c->op, WSC_CLOSE);
	close_site(s, c);
}

START_TEST(the_close_goes_out_behind_the_pipe)
{
	struct site s;
	struct wsc c = open_site(&s);

	block(&s);
	close_behind_frames(&s, &c);
}
END_TEST

START_TEST(what_is_taken_out_of_a_pipe_stays_before_all_else)
{
	struct site s;
	struct wsc c = open_site(&s);

	block(&s);
	ck_assert(ws_unsplice(s.ws));
	ck_assert_int_lt(read(fds[0], &(char){ 0 }, 1), 0); /* it is empty */
	close_behind_frames(&s, &c);
}
END_TEST

START_TEST(who_loses_its_pipe_while_closing_is_cut_without_a_word)
{
	struct site s;
	struct wsc c = open_site(&s);

	block(&s);
	ws_close(s.ws, 1000);
	ck_assert(!ws_unsplice(s.ws));
	live_until(&s.l, s.closed == 1);
	while (!c.ended || wsc_frame(&c)) {
		if (wsc_frame(&c))
			ck_assert_int_eq(c.op, WSC_BINARY);
		live_turn(&s.l, 1);
	}
	close_site(&s, &c);
}
END_TEST

START_TEST(a_reset_ends_a_connection_with_a_pipe)
{
	struct linger_option {
		int on, seconds;
	} now = { 1, 0 };
	struct site s;
	struct wsc c = open_site(&s);

	block(&s);
	setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	wsc_close(&c);
	live_until(&s.l, s.closed == 1);
	close_site(&s, &c);
}
END_TEST

START_TEST(nothing_is_spliced_past_what_is_queued_or_behind_a_close)
{
	struct site s;
	struct wsc c = open_site(&s);

	ck_assert(ws_may_splice(s.ws));
	ck_assert_int_eq(ws_send_part(s.ws, "a", 1, true, false), 0);
	ck_assert(!ws_may_splice(s.ws));
	live_until(&s.l, ws_queued(s.ws) == 0);
	ck_assert(ws_may_splice(s.ws));
	ck_assert_int_eq(ws_send_part(s.ws, "b", 1, false, true), 0);
	live_until(&s.l, wsc_frame(&c));
	ck_assert(c.op == WSC_BINARY && !c.fin);
	live_until(&s.l, wsc_frame(&c));
	ck_assert(c.op == 0 && c.fin);
	ws_close(s.ws, 1000);
	ck_assert(!ws_may_splice(s.ws));
	close_site(&s, &c);
}
END_TEST

LIVE_MAIN("ws_splice", what_waits_in_a_pipe_goes_out_before_all_else,
	  the_close_goes_out_behind_the_pipe,
	  what_is_taken_out_of_a_pipe_stays_before_all_else,
	  who_loses_its_pipe_while_closing_is_cut_without_a_word,
	  a_reset_ends_a_connection_with_a_pipe,
	  nothing_is_spliced_past_what_is_queued_or_behind_a_close)
