#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "services/hbbr/splice/pump.h"
#include "tests/unit/common/live.h"

/* A pair without an engine: the test plays epoll and says what is ready. */
struct rig {
	struct pump pump;
	struct shared_limit total;
	struct pair pair;
	int client[2]; /* the far ends, blocking */
};

static struct rig rig;

static void rig_open(size_t pipes, const struct limits *l)
{
	int a[2], b[2];

	signal(SIGPIPE, SIG_IGN);
	live_pair(a);
	live_pair(b);
	shared_limit_init(&rig.total, 0);
	pump_init(&rig.pump, &rig.total, pipes);
	int fds[2] = { a[0], b[0] };
	rig.client[0] = a[1];
	rig.client[1] = b[1];
	pair_init(&rig.pair, fds, l, 0);
}

static void rig_close(void)
{
	pair_fini(&rig.pump, &rig.pair);
	pump_fini(&rig.pump);
	for (int i = 0; i < 2; i++) {
		if (rig.client[i] >= 0)
			close(rig.client[i]);
	}
}

/* Everything is ready; turns until the flow waits. The number of turns. */
static int turns(int flow, enum turn *last)
{
	struct flow *f = &rig.pair.flows[flow];
	int n = 0;

	rig.pair.ends[flow].readable = true;
	rig.pair.ends[1 - flow].writable = true;
	do {
		*last = pump_turn(&rig.pump, f);
		n++;
		ck_assert_int_lt(n, 100000);
	} while (*last == TURN_AGAIN);
	return n;
}

static void go(int flow)
{
	enum turn t;

	turns(flow, &t);
	ck_assert_int_eq(t, TURN_WAIT);
}

static const struct limits unlimited;

START_TEST(a_small_message_passes_in_one_turn)
{
	char got[5];
	enum turn t;

	rig_open(4, &unlimited);
	live_write(rig.client[0], "hello", 5);
	ck_assert_int_eq(turns(0, &t), 1);
	ck_assert_int_eq(t, TURN_WAIT);
	live_read(rig.client[1], got, 5);
	ck_assert_mem_eq(got, "hello", 5);
	ck_assert_uint_eq(rig.pump.pipes.made, 0);
	ck_assert_uint_eq(rig.pair.ends[0].bytes, 5);
	ck_assert_uint_eq(rig.pair.meter.bytes, 5);
	rig_close();
}
END_TEST

static uint8_t pattern(size_t i)
{
	return (uint8_t)(i * 31 + i / 251);
}

/* Sends LEN bytes from client SIDE, as far as the relay takes them. */
static size_t stuff(int side, size_t from, size_t len)
{
	static uint8_t chunk[65536];
	size_t done = 0;

	while (done < len) {
		size_t n =
			len - done < sizeof(chunk) ? len - done : sizeof(chunk);
		for (size_t i = 0; i < n; i++)
			chunk[i] = pattern(from + done + i);
		ssize_t r = send(rig.client[side], chunk, n,
				 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (r < 0)
			break;
		done += (size_t)r;
	}
	return done;
}

/* Reads and checks what has arrived at client SIDE. */
static size_t drain(int side, size_t from)
{
	static uint8_t chunk[65536];
	size_t done = 0;
	bool same = true;
	ssize_t r;

	while ((r = recv(rig.client[side], chunk, sizeof(chunk),
			 MSG_DONTWAIT)) > 0) {
		for (size_t i = 0; i < (size_t)r; i++)
			same &= chunk[i] == pattern(from + done + i);
		done += (size_t)r;
	}
	ck_assert(same);
	return done;
}

/* Moves TOTAL bytes through flow 0 and checks each. */
static void bulk(size_t total)
{
	size_t sent = 0, got = 0;

	for (int i = 0; got < total; i++) {
		ck_assert_int_lt(i, 100000);
		sent += stuff(0, sent, total - sent);
		go(0);
		got += drain(1, got);
	}
	ck_assert_uint_eq(rig.pair.ends[0].bytes, total);
}

START_TEST(bulk_is_spliced_and_arrives_unchanged)
{
	rig_open(4, &unlimited);
	bulk(20u << 20);
	ck_assert_uint_eq(rig.pump.pipes.made, 1);
	ck_assert_ptr_nonnull(rig.pump.pipes.idle); /* borrowed only in use */
	rig_close();
}
END_TEST

START_TEST(without_pipes_bulk_is_copied)
{
	rig_open(0, &unlimited);
	bulk(20u << 20);
	ck_assert_uint_eq(rig.pump.pipes.made, 0);
	rig_close();
}
END_TEST

/* Fills the path until the relay holds bytes it cannot pass on. */
static size_t jam(void)
{
	size_t sent = 0;

	for (int i = 0; rig.pair.flows[0].held == 0; i++) {
		ck_assert_int_lt(i, 100000);
		sent += stuff(0, sent, 1u << 20);
		go(0);
	}
	return sent;
}

static void a_jam_costs_one_chunk(size_t pipes)
{
	char got[2];
	size_t received = 0;

	rig_open(pipes, &unlimited);
	size_t sent = jam();
	ck_assert_uint_le(rig.pair.flows[0].held, PIPE_BIG);
	sent += stuff(0, sent, 64u << 20); /* what the kernel still takes */
	uint64_t read;
	do { /* and passes on, now and then, as its buffers grow */
		read = rig.pair.ends[0].bytes;
		go(0);
		ck_assert_uint_le(rig.pair.flows[0].held, PIPE_BIG);
	} while (rig.pair.ends[0].bytes != read);
	ck_assert_uint_gt(rig.pair.flows[0].held, 0);
	for (int i = 0; i < 10; i++) { /* the other direction goes on */
		live_write(rig.client[1], "hi", 2);
		go(1);
		live_read(rig.client[0], got, 2);
	}
	for (int i = 0; received < sent; i++) {
		ck_assert_int_lt(i, 100000);
		received += drain(1, received);
		go(0);
	}
	ck_assert_uint_eq(rig.pair.flows[0].held, 0);
	rig_close();
}

START_TEST(a_reader_that_stops_holds_up_one_direction_only)
{
	a_jam_costs_one_chunk(4);
	a_jam_costs_one_chunk(0);
}
END_TEST

START_TEST(a_full_sink_is_left_alone_until_it_says_otherwise)
{
	rig_open(4, &unlimited);
	jam();
	uint32_t held = rig.pair.flows[0].held;
	ck_assert(!rig.pair.ends[1].writable);
	(void)drain(1, 0); /* it would take bytes, but has not said so */
	ck_assert_int_eq(pump_turn(&rig.pump, &rig.pair.flows[0]), TURN_WAIT);
	ck_assert_uint_eq(rig.pair.flows[0].held, held);
	rig.pair.ends[1].writable = true;
	(void)pump_turn(&rig.pump, &rig.pair.flows[0]);
	ck_assert_uint_lt(rig.pair.flows[0].held, held);
	rig_close();
}
END_TEST

static bool settled(uint64_t now, enum reason *why)
{
	return pair_settled(&rig.pair, now, why);
}

START_TEST(the_end_of_a_stream_comes_after_its_last_byte)
{
	char got[4];
	enum reason why;

	rig_open(4, &unlimited);
	live_write(rig.client[0], "last", 4);
	close(rig.client[0]);
	rig.client[0] = -1;
	rig.pair.ends[0].hup = true;
	go(0);
	ck_assert(rig.pair.flows[0].done);
	live_read(rig.client[1], got, 4);
	ck_assert_mem_eq(got, "last", 4);
	ck_assert(live_ended(rig.client[1]));
	/* The other end has a second to close. */
	ck_assert(!settled(rig.pair.active_ms + 999, &why));
	/* The kernel may take a while to acknowledge the end. */
	while (!settled(rig.pair.active_ms + 1000, &why))
		poll(NULL, 0, 1);
	ck_assert_int_eq(why, REASON_CLOSED);
	close(rig.client[1]);
	rig.client[1] = -1;
	rig.pair.ends[1].hup = true;
	go(1);
	ck_assert(settled(rig.pair.active_ms, &why));
	rig_close();
}
END_TEST

START_TEST(a_dead_sink_ends_its_flow_and_its_pipe_is_not_reused)
{
	enum reason why;

	rig_open(4, &unlimited);
	jam();
	ck_assert_ptr_nonnull(rig.pair.flows[0].pipe);
	ck_assert_uint_eq(rig.pump.pipes.made, 1);
	live_reset(rig.client[1]);
	rig.client[1] = -1;
	go(0);
	ck_assert(rig.pair.flows[0].done);
	ck_assert_ptr_null(rig.pair.flows[0].pipe);
	ck_assert_uint_eq(rig.pump.pipes.made, 0);
	rig.pair.ends[1].hup = rig.pair.ends[1].dead = true;
	go(1);
	ck_assert(rig.pair.flows[1].done);
	while (!settled(5000, &why)) /* the end has to be acknowledged */
		poll(NULL, 0, 1);
	ck_assert_int_eq(why, REASON_RESET);
	rig_close();
}
END_TEST

START_TEST(a_pair_that_never_drains_is_cut_after_two_minutes)
{
	enum reason why;

	rig_open(4, &unlimited);
	jam();
	close(rig.client[0]);
	rig.client[0] = -1;
	rig.pair.ends[0].hup = true;
	ck_assert(pair_ending(&rig.pair));
	ck_assert(!settled(1000, &why));
	ck_assert(!settled(120999, &why));
	drain(1, 0); /* progress */
	go(0);
	ck_assert(!settled(121000, &why));
	ck_assert(!settled(240999, &why));
	ck_assert(settled(241000, &why));
	ck_assert_int_eq(why, REASON_STUCK);
	rig_close();
}
END_TEST

START_TEST(an_empty_bucket_asks_to_come_back_later)
{
	struct limits l = { .single_bps = 8 * LIMITS_MBIT };
	size_t received;
	enum turn t;

	rig_open(4, &l);
	stuff(0, 0, 1u << 20);
	turns(0, &t);
	ck_assert_int_eq(t, TURN_SLOW);
	received = drain(1, 0);
	ck_assert_uint_gt(received, 0);
	ck_assert_uint_le(received, LIMITS_MBIT / LIMITS_BURST_DIV + 1);
	rig.pump.now_ms = 50;
	turns(0, &t);
	ck_assert_int_eq(t, TURN_SLOW);
	received += drain(1, received);
	ck_assert_uint_le(received, LIMITS_MBIT * 15 / 100 + 100);
	rig_close();
}
END_TEST

START_TEST(a_pipe_that_comes_back_small_is_not_used)
{
	struct pipes p;

	pipes_init(&p, 4);
	p.bigs = 0;
	p.want = 4096; /* what the kernel gives past its limit is as small */
	ck_assert_ptr_null(pipes_get(&p, 1000));
	ck_assert_uint_eq(p.made, 0);
	p.want = PIPE_WANT;
	ck_assert_ptr_null(pipes_get(&p, 1999)); /* no attempt per chunk */
	struct pipe *pipe = pipes_get(&p, 2000);
	ck_assert_ptr_nonnull(pipe);
	ck_assert_uint_ge(pipe->size, PIPE_LEAST);
	pipes_put(&p, pipe);
	ck_assert_ptr_eq(pipes_get(&p, 2000), pipe);
	pipes_put(&p, pipe);
	pipes_fini(&p);
}
END_TEST

START_TEST(the_pool_has_its_cap)
{
	struct pipes p;

	pipes_init(&p, 2);
	struct pipe *a = pipes_get(&p, 0), *b = pipes_get(&p, 0);
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_null(pipes_get(&p, 0));
	pipes_scrap(&p, a);
	ck_assert_ptr_nonnull(a = pipes_get(&p, 0));
	pipes_put(&p, a);
	pipes_put(&p, b);
	pipes_fini(&p);
}
END_TEST

LIVE_MAIN("pump", a_small_message_passes_in_one_turn,
	  bulk_is_spliced_and_arrives_unchanged, without_pipes_bulk_is_copied,
	  a_reader_that_stops_holds_up_one_direction_only,
	  a_full_sink_is_left_alone_until_it_says_otherwise,
	  the_end_of_a_stream_comes_after_its_last_byte,
	  a_dead_sink_ends_its_flow_and_its_pipe_is_not_reused,
	  a_pair_that_never_drains_is_cut_after_two_minutes,
	  an_empty_bucket_asks_to_come_back_later,
	  a_pipe_that_comes_back_small_is_not_used, the_pool_has_its_cap)
