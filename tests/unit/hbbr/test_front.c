#include "tests/unit/hbbr/halves.h"

START_TEST(two_halves_are_joined_and_a_third_is_refused)
{
	int fds[2];

	setup();
	join_pair("u", fds);
	live_write(fds[0], "to", 2);
	expect(fds[1], "to");
	live_write(fds[1], "fro", 3);
	expect(fds[0], "fro");
	expect_closed(join("u", "KEY"));
	close(fds[0]);
	expect_closed(fds[1]);
	live_until(&live, front_sessions(&front) == 0);
	/* The uuid is free again, and so are all places of the address. */
	static const char *const uuids[4] = { "u", "v", "w", "x" };
	int fd[4];
	for (int i = 0; i < 4; i++)
		fd[i] = join_parked(uuids[i]);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	live_until(&live, waiting() == 0);
	teardown();
}
END_TEST

START_TEST(a_wrong_key_is_refused_without_a_byte)
{
	setup();
	expect_closed(join("u", "KEX"));
	expect_closed(join("u", ""));
	expect_closed(join("", "KEY"));
	ck_assert_uint_eq(waiting(), 0);
	teardown();
}
END_TEST

START_TEST(data_behind_the_first_frame_survives_an_early_close)
{
	setup();
	int a = join_parked("u");
	live_write(a, "early", 5);
	close(a);
	int b = join("u", "KEY");
	expect(b, "early");
	expect_closed(b);
	teardown();
}
END_TEST

START_TEST(a_dead_half_is_not_paired)
{
	setup();
	int dead = join_parked("u");
	close(dead);
	live_until(&live, waiting() == 0);
	int reset = join_parked("u");
	live_write(reset, "early", 5);
	live_reset(reset);
	live_until(&live, waiting() == 0);
	int late = join_parked("u");
	live_write(late, "early", 5);
	close(late); /* and nobody joins within the grace */
	live_until(&live, waiting() == 0);
	ck_assert_uint_eq(front_sessions(&front), 0);
	int alive = join_parked("u");
	close(alive);
	teardown();
}
END_TEST

START_TEST(one_address_cannot_take_all_the_room)
{
	int fd[4];

	setup();
	fd[0] = dial(); /* says nothing, but counts */
	for (int i = 1; i < 4; i++) {
		char uuid[16];
		snprintf(uuid, sizeof(uuid), "u%d", i);
		fd[i] = join_parked(uuid);
	}
	expect_closed(join("u9", "KEY"));
	close(fd[0]); /* one leaves, one may come */
	live_until(&live, told(M_HANDSHAKING) == 0);
	int next = join_parked("u9");
	/* A paired connection does not count. */
	close(next);
	live_until(&live, waiting() == 3);
	int half = join("u1", "KEY");
	live_until(&live, front_sessions(&front) == 1);
	close(half);
	for (int i = 1; i < 4; i++)
		close(fd[i]);
	teardown();
}
END_TEST

START_TEST(the_oldest_without_a_frame_makes_room_for_who_has_one)
{
	enum { PLACES = 8 };
	int fd[PLACES];

	setup_with(0, NULL);
	for (int i = 0; i < PLACES; i++) {
		fd[i] = dial();
		live_until(&live, told(M_HANDSHAKING) == (size_t)i + 1);
	}
	int first = join_parked("u");
	expect_closed(fd[0]);
	ck_assert_uint_eq(told(M_HANDSHAKING), PLACES - 1);
	for (int i = 1; i < PLACES; i++)
		close(fd[i]);
	close(first);
	teardown();
}
END_TEST

START_TEST(who_waits_for_the_other_half_makes_no_room)
{
	enum { PLACES = 8 };
	int fd[PLACES];

	setup_with(0, NULL);
	for (int i = 0; i < PLACES; i++) {
		char uuid[16];
		snprintf(uuid, sizeof(uuid), "u%d", i);
		fd[i] = join_parked(uuid);
	}
	expect_closed(join("w", "KEY"));
	ck_assert_uint_eq(waiting(), PLACES);
	for (int i = 0; i < PLACES; i++)
		close(fd[i]);
	teardown();
}
END_TEST

/* A Redis that answers when the test says so, that it is away. */
static struct {
	claims_admit_fn fn;
	void *ctx;
} asked[8];
static size_t nasked;

static bool is_up(const void *ctx)
{
	(void)ctx;
	return true;
}

static int ask(void *ctx, const char *uuid, bool tickets, uint32_t dead,
	       claims_admit_fn fn, void *fn_ctx)
{
	(void)ctx;
	(void)uuid;
	(void)tickets;
	(void)dead;
	asked[nasked].fn = fn;
	asked[nasked++].ctx = fn_ctx;
	return 0;
}

START_TEST(second_halves_before_the_gate_take_places_too)
{
	enum { PLACES = 8, PAIRS = PLACES / 2 };
	static const struct claims claims = { .up = is_up, .admit = ask };
	int fd[PLACES];

	nasked = 0;
	setup_with(0, &claims);
	for (int i = 0; i < PAIRS; i++) {
		char uuid[16];
		snprintf(uuid, sizeof(uuid), "u%d", i);
		fd[2 * i] = join_parked(uuid);
		uint64_t came = told(M_CONN_TCP);
		fd[2 * i + 1] = join(uuid, "KEY");
		live_until(&live, told(M_CONN_TCP) == came + 1 &&
					  told(M_HANDSHAKING) == 0);
	}
	expect_closed(join("w", "KEY"));
	ck_assert_uint_eq(nasked, PAIRS);
	for (size_t i = 0; i < nasked; i++)
		asked[i].fn(asked[i].ctx, &(struct admit_reply){ 0 });
	ck_assert_uint_eq(front_sessions(&front), PAIRS);
	for (int i = 0; i < PLACES; i++)
		close(fd[i]);
	teardown();
}
END_TEST

START_TEST(other_protocols_are_known_by_their_first_bytes)
{
	static const struct {
		const char *data;
		size_t len;
		enum hbbr_metric what;
	} rows[] = {
		{ "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11,
		  M_FOREIGN_TLS },
		{ "\x16\x03\x03\x00\x50\x01\x00\x00\x4c\x03\x03", 11,
		  M_FOREIGN_TLS },
		{ "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n", 32, M_FOREIGN_PROXY },
		{ "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16, M_FOREIGN_PROXY },
	};

	setup();
	cfg.console = false;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t before = told(rows[i].what);
		int fd = dial();
		live_write(fd, rows[i].data, rows[i].len);
		expect_closed(fd);
		ck_assert_uint_eq(told(rows[i].what), before + 1);
	}
	teardown();
}
END_TEST

START_TEST(what_an_unfinished_first_frame_holds_counts)
{
	uint8_t head[FRAME_HEAD_MAX];

	setup();
	int fd = dial();
	live_write(fd, head, frame_put_head(head, HANDSHAKE_MAX));
	live_until(&live, front.memory.held >= HANDSHAKE_MAX);
	front.memory.max = HANDSHAKE_MAX + 100; /* and one more is too much */
	int other = dial();
	live_write(other, head, frame_put_head(head, HANDSHAKE_MAX));
	expect_closed(other);
	int small = join_parked("u"); /* an ordinary one gets in */
	close(small);
	close(fd);
	live_until(&live, front.memory.held == 0);
	teardown();
}
END_TEST

START_TEST(sessions_have_a_cap)
{
	int fds[8][2];

	setup();
	for (int i = 0; i < 8; i++) {
		char uuid[16];
		snprintf(uuid, sizeof(uuid), "u%d", i);
		join_pair(uuid, fds[i]);
	}
	int first = join_parked("v");
	expect_closed(join("v", "KEY"));
	ck_assert_uint_eq(waiting(), 1); /* it may still be joined */
	close(first);
	for (int i = 0; i < 8; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	teardown();
}
END_TEST

START_TEST(everything_ends_with_the_front)
{
	int fds[2];

	setup();
	join_pair("u", fds);
	int silent = dial(), parked = join_parked("v");
	live_until(&live, told(M_HANDSHAKING) == 1);
	teardown();
	ck_assert(live_ended(fds[0]) && live_ended(fds[1]));
	ck_assert(live_ended(silent) && live_ended(parked));
	close(fds[0]);
	close(fds[1]);
	close(silent);
	close(parked);
}
END_TEST

LIVE_MAIN("front", two_halves_are_joined_and_a_third_is_refused,
	  a_wrong_key_is_refused_without_a_byte,
	  data_behind_the_first_frame_survives_an_early_close,
	  a_dead_half_is_not_paired, one_address_cannot_take_all_the_room,
	  the_oldest_without_a_frame_makes_room_for_who_has_one,
	  who_waits_for_the_other_half_makes_no_room,
	  second_halves_before_the_gate_take_places_too,
	  other_protocols_are_known_by_their_first_bytes,
	  what_an_unfinished_first_frame_holds_counts, sessions_have_a_cap,
	  everything_ends_with_the_front)
