#include "tests/unit/hbbr/bridged.h"

/* A bridge from TCP (end 0) to a WebSocket (end 1) that takes pipes. */

enum { STREAM = 8 << 20, FRAMES_MAX = 100000 };

static uint8_t stream[STREAM]; /* frames, as TCP sends them */
static size_t stream_len, stream_sent;
static size_t sizes[FRAMES_MAX];
static size_t nsizes, nseen;

static uint64_t dice; /* the same throws for the same seed */

static size_t below(size_t n)
{
	dice = dice * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(dice >> 33) % n;
}

/* Mostly what is spliced, but also what is copied, and nothing at all. */
static size_t some_size(void)
{
	switch (below(8)) {
	case 0:
		return below(8);
	case 1:
		return below(REFRAME_WORTH);
	case 2:
		return below(MESSAGE_MAX + 1);
	default:
		return 16384 + below(200000);
	}
}

static uint8_t byte_of(size_t len, size_t i)
{
	return (uint8_t)(len + i * 7 + i / 256);
}

static void add_frame(size_t len)
{
	stream_len += frame_put_head(stream + stream_len, len);
	for (size_t i = 0; i < len; i++)
		stream[stream_len++] = byte_of(len, i);
	sizes[nsizes++] = len;
}

static void make_stream(unsigned seed, size_t most)
{
	dice = seed;
	stream_len = stream_sent = nsizes = nseen = 0;
	while (stream_len + MESSAGE_MAX + FRAME_HEAD_MAX < most) {
		size_t len = some_size();
		/* A crowd of small ones now and then. */
		for (size_t n = len < 8 ? below(400) : 1; n > 0; n--)
			add_frame(len);
	}
}

/* The far end sends on, as much as goes, in pieces of any size. */
static void send_some(size_t most)
{
	size_t n = stream_len - stream_sent;

	n = n < most ? n : most;
	ssize_t sent = send(client[0], stream + stream_sent, n,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
	stream_sent += sent > 0 ? (size_t)sent : 0;
}

/* The WebSocket takes so much of what waits in a pipe. */
static void take(size_t n)
{
	bool waits = ws[1].spliced > 0;

	ws[1].takes = n;
	ws_take(&ws[1]);
	if (waits && ws[1].spliced == 0)
		conn_ws_drain(conns[1]);
}

static size_t wrong_bytes(const uint8_t *at, size_t len)
{
	size_t wrong = 0;

	for (size_t i = 0; i < len; i++)
		wrong += at[i] != byte_of(len, i);
	return wrong;
}

/* What has come so far is what was sent. */
static void check_seen(void)
{
	struct frame f;

	while (frame_parse(buf_head(&ws[1].sent), buf_len(&ws[1].sent),
			   FRAME_BODY_MAX, &f) == 1) {
		while (sizes[nseen] == 0) /* nobody is told of those */
			nseen++;
		size_t len = sizes[nseen++];
		ck_assert_uint_eq(f.len, len);
		ck_assert_uint_eq(wrong_bytes(f.body, len), 0);
		buf_consume(&ws[1].sent, f.wire_len);
	}
}

static bool all_seen(void)
{
	check_seen();
	while (nseen < nsizes && sizes[nseen] == 0)
		nseen++;
	return nseen == nsizes;
}

static void start_spliced(void)
{
	setup();
	start(false, true);
	ws[1].splices = true;
}

/* Sends until the WebSocket has left something in a pipe. */
static void fill_pipe(void)
{
	ws[1].takes = 0;
	for (int i = 0; !bridge_of()->pipe; i++) {
		ck_assert_int_lt(i, 100000);
		send_some(1 << 20);
		live_turn(&live, 1);
	}
}

START_TEST(every_byte_arrives_in_frames_of_any_size_cut_anywhere)
{
	for (unsigned seed = 1; seed <= 4; seed++) {
		make_stream(seed, STREAM);
		start_spliced();
		while (!all_seen()) {
			send_some(1 + below(seed % 2 ? 1 << 20 : 100000));
			ws[1].splices = below(16) > 0; /* else copied */
			live_turn(&live, 1 + (int)below(3));
			take(below(4) == 0 ? below(2 << 20) : 0);
			ck_assert(!live.late);
		}
		ck_assert_uint_gt(ws[1].uncopied, 0);
		ck_assert_uint_eq(buf_len(&ws[1].part), 0);
		teardown();
	}
}
END_TEST

START_TEST(most_of_a_stream_of_large_frames_is_not_copied)
{
	make_stream(1, 0);
	for (int i = 0; i < 100; i++)
		add_frame(16384);
	start_spliced();
	ws[1].takes = SIZE_MAX;
	while (stream_sent < stream_len) { /* all there is, at each turn */
		send_some(STREAM);
		live_turn(&live, 1);
	}
	live_until(&live, all_seen());
	ck_assert_uint_gt(ws[1].uncopied, stream_len / 2);
	ck_assert_uint_eq(bridge_of()->bytes[0], 100 * 16384);
	teardown();
}
END_TEST

static void pass_all(void)
{
	while (!all_seen()) {
		send_some(1 << 20);
		take(SIZE_MAX);
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
}

START_TEST(what_waits_in_a_pipe_stops_the_sender_and_counts)
{
	make_stream(2, STREAM);
	start_spliced();
	fill_pipe();
	size_t held = ws[1].spliced;
	ck_assert_uint_gt(held, 0);
	for (int i = 0; i < 20; i++) {
		send_some(1 << 20);
		live_turn(&live, 1);
	}
	ck_assert_uint_eq(ws[1].spliced, held);
	ck_assert_uint_ge(memory.held, held);
	pass_all();
	teardown();
}
END_TEST

START_TEST(when_tcp_closes_what_waits_in_a_pipe_is_delivered_first)
{
	make_stream(3, 4 << 20);
	start_spliced();
	while (stream_sent < stream_len) {
		send_some(STREAM);
		take(below(100000));
		live_turn(&live, 1);
		check_seen();
	}
	close(client[0]);
	client[0] = -1;
	while (bridges.n > 0) {
		take(below(100000));
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
	ck_assert(all_seen());
	ck_assert(ws[1].closed);
	teardown();
}
END_TEST

/* Reused, it would hand them to another session. */
START_TEST(a_pipe_with_bytes_of_a_session_that_ended_is_destroyed)
{
	make_stream(4, STREAM);
	start_spliced();
	fill_pipe();
	ck_assert_uint_eq(bridges.reframe.out.made, 1);
	ws[1].poor = true;
	bridge_abort(bridge_of(), REASON_BLOCKED);
	ck_assert_uint_eq(ws[1].spliced, 0);
	ck_assert_uint_eq(bridges.reframe.out.made, 0);
	teardown();

	start_spliced();
	stream_sent = 0;
	fill_pipe();
	ws[1].closed = true;
	ws_gone(1);
	ws[1].closed = false;
	ck_assert_uint_eq(bridges.reframe.out.made, 0);
	live_until(&live, bridges.n == 0);
	teardown();
}
END_TEST

START_TEST(what_an_ended_session_left_in_a_pipe_is_delivered_from_memory)
{
	make_stream(8, STREAM);
	start_spliced();
	fill_pipe();
	size_t taken = ws[1].uncopied;
	ck_assert_uint_gt(ws[1].spliced, 0);
	bridge_abort(bridge_of(), REASON_RESET);
	check_seen();
	ck_assert_uint_gt(ws[1].uncopied, taken);
	ck_assert_uint_eq(bridges.reframe.out.made, 1); /* for another */
	teardown();
}
END_TEST

START_TEST(a_slow_reader_gives_its_pipe_back)
{
	make_stream(9, STREAM);
	start_spliced();
	fill_pipe();
	struct bridge *b = bridge_of();
	uint64_t now = loop_now(&live.loop);
	ck_assert_ptr_nonnull(b->pipe);
	b->pipe_ms = now;
	bridges_tick(&bridges);
	ck_assert_ptr_nonnull(b->pipe);
	b->pipe_ms = now - BRIDGE_PIPE_MS;
	ws[1].takes = 0;
	bridges_tick(&bridges);
	ck_assert_ptr_null(b->pipe);
	ck_assert_uint_eq(bridges.reframe.out.made, 1);
	pass_all();
	teardown();
}
END_TEST

START_TEST(pages_of_any_size_are_counted)
{
	ck_assert(reframe_fits(256 << 10, 1 << 20, 4096));
	ck_assert(!reframe_fits(256 << 10, 512 << 10, 4096));
	ck_assert(!reframe_fits(256 << 10, 1 << 20, 16384));
	ck_assert(!reframe_fits(256 << 10, 1 << 20, 65536));
	ck_assert(reframe_fits(256 << 10, 8 << 20, 16384));
}
END_TEST

START_TEST(a_frame_above_the_cap_ends_the_session_behind_those_before_it)
{
	make_stream(5, 4 << 20);
	size_t good = nsizes;
	stream_len += frame_put_head(stream + stream_len, MESSAGE_MAX + 1);
	memset(stream + stream_len, 0, 300000);
	stream_len += 300000;
	start_spliced();
	ws[1].takes = SIZE_MAX;
	while (bridges.n > 0) {
		send_some(STREAM);
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
	ck_assert(all_seen());
	ck_assert_uint_eq(nseen, good);
	teardown();
}
END_TEST

START_TEST(so_many_pipes_wait_for_readers_and_beyond_it_is_copied)
{
	struct pipe *waiting[REFRAME_PIPES];

	make_stream(6, 8 << 20);
	start_spliced();
	for (int i = 0; i < REFRAME_PIPES; i++) {
		waiting[i] = pipes_get(&bridges.reframe.out, 0);
		ck_assert_ptr_nonnull(waiting[i]);
	}
	ws[1].takes = SIZE_MAX;
	while (!all_seen()) {
		send_some(STREAM);
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
	ck_assert_uint_eq(ws[1].uncopied, 0);
	for (int i = 0; i < REFRAME_PIPES; i++)
		reframe_put(&bridges.reframe, waiting[i], true);
	teardown();
}
END_TEST

START_TEST(what_is_spliced_spends_the_tokens_of_its_session)
{
	make_stream(7, STREAM);
	setup();
	limits.single_bps = 16 * LIMITS_MBIT;
	start(false, true);
	ws[1].splices = true;
	ws[1].takes = SIZE_MAX;
	for (int i = 0; !bridge_of()->slow; i++) {
		ck_assert_int_lt(i, 100000);
		send_some(1 << 20);
		live_turn(&live, 1);
	}
	ck_assert_uint_gt(ws[1].uncopied, 0);
	teardown();
}
END_TEST

LIVE_MAIN("reframe", every_byte_arrives_in_frames_of_any_size_cut_anywhere,
	  most_of_a_stream_of_large_frames_is_not_copied,
	  what_waits_in_a_pipe_stops_the_sender_and_counts,
	  when_tcp_closes_what_waits_in_a_pipe_is_delivered_first,
	  a_pipe_with_bytes_of_a_session_that_ended_is_destroyed,
	  what_an_ended_session_left_in_a_pipe_is_delivered_from_memory,
	  a_slow_reader_gives_its_pipe_back, pages_of_any_size_are_counted,
	  a_frame_above_the_cap_ends_the_session_behind_those_before_it,
	  so_many_pipes_wait_for_readers_and_beyond_it_is_copied,
	  what_is_spliced_spends_the_tokens_of_its_session)
