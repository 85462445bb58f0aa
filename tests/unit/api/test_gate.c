#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "services/api/core/gate.h"
#include "tests/unit/unit.h"

static struct gate *gate;
static int ends[80][2];

static struct addr ip(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(text, 0, &a), 0);
	return a;
}

static void open_gate(size_t places)
{
	ck_assert_int_eq(gate_open(places, &gate), 0);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]),
				 0);
}

static void close_gate(void)
{
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
	gate_free(gate);
}

static bool enter(size_t i, const char *from, uint64_t now_ms)
{
	struct addr a = ip(from);

	return gate_enter(gate, ends[i][0], &a, false, now_ms);
}

static bool ended(size_t i)
{
	char c;

	return recv(ends[i][1], &c, 1, MSG_DONTWAIT) == 0;
}

START_TEST(one_address_has_a_share_and_a_proxy_has_none)
{
	struct addr proxy = ip("192.0.2.9");
	size_t i = 0;

	open_gate(60);
	for (; i < GATE_SHARE_MIN; i++)
		ck_assert(enter(i, "192.0.2.1", 0));
	ck_assert(!enter(i, "192.0.2.1", 0));
	ck_assert(enter(i, "192.0.2.2", 0));
	for (i++; i < 2 * GATE_SHARE_MIN + 8; i++)
		ck_assert(gate_enter(gate, ends[i][0], &proxy, true, 0));
	gate_leave(gate, ends[0][0]);
	ck_assert(enter(0, "192.0.2.1", 0));
	ck_assert_uint_eq(gate_counts(gate).refused, 1);
	close_gate();
}
END_TEST

START_TEST(the_share_of_an_address_grows_with_the_places)
{
	enum { EACH = 4 * GATE_SHARE_MIN };
	size_t i = 0;

	open_gate(EACH * GATE_SHARE);
	for (; i < EACH; i++)
		ck_assert(enter(i, "192.0.2.1", 0));
	ck_assert(!enter(i, "192.0.2.1", 0));
	ck_assert(enter(i, "192.0.2.2", 0));
	close_gate();
}
END_TEST

START_TEST(an_address_at_its_cap_ends_nobody)
{
	size_t i = 0;

	open_gate(GATE_SHARE_MIN + 1);
	ck_assert(enter(i++, "192.0.2.2", 1));
	for (; i <= GATE_SHARE_MIN; i++)
		ck_assert(enter(i, "192.0.2.1", 2));
	ck_assert(!enter(i, "192.0.2.1", 3));
	ck_assert_uint_eq(gate_counts(gate).ended, 0);
	ck_assert(!ended(0));
	close_gate();
}
END_TEST

START_TEST(when_full_the_oldest_without_a_request_goes_then_the_oldest_idle)
{
	open_gate(3);
	ck_assert(enter(0, "192.0.2.1", 1));
	gate_idle(gate, ends[0][0], 1);
	ck_assert(enter(1, "192.0.2.1", 2));
	ck_assert(enter(2, "192.0.2.1", 3));
	ck_assert(enter(3, "192.0.2.2", 4));
	ck_assert(ended(1) && !ended(0) && !ended(2));
	gate_leave(gate, ends[1][0]);
	gate_busy(gate, ends[2][0]);
	gate_busy(gate, ends[3][0]);
	ck_assert(enter(4, "192.0.2.3", 5));
	ck_assert(ended(0));
	gate_leave(gate, ends[0][0]);
	gate_busy(gate, ends[4][0]);
	ck_assert(!enter(5, "192.0.2.3", 6));
	close_gate();
}
END_TEST

START_TEST(without_descriptors_several_that_said_nothing_go_or_one_idle)
{
	open_gate(8);
	ck_assert(enter(0, "192.0.2.1", 0));
	gate_idle(gate, ends[0][0], 0);
	for (size_t i = 1; i < 5; i++)
		ck_assert(enter(i, "192.0.2.2", i));
	gate_evict(gate, 3);
	ck_assert(ended(1) && ended(2) && ended(3));
	ck_assert(!ended(4) && !ended(0));
	gate_evict(gate, 3);
	ck_assert(ended(4) && !ended(0));
	gate_evict(gate, 3);
	ck_assert(ended(0));
	gate_evict(gate, 3);
	close_gate();
}
END_TEST

START_TEST(heads_and_idle_connections_have_their_time)
{
	open_gate(8);
	ck_assert(enter(0, "192.0.2.1", 0));
	ck_assert(enter(1, "192.0.2.1", 0));
	ck_assert(enter(2, "192.0.2.1", 0));
	gate_busy(gate, ends[1][0]);
	gate_idle(gate, ends[2][0], 0);
	gate_reap(gate, GATE_HEAD_MS - 1);
	ck_assert(!ended(0));
	gate_reap(gate, GATE_HEAD_MS);
	ck_assert(ended(0) && !ended(1) && !ended(2));
	gate_reap(gate, GATE_IDLE_MS);
	ck_assert(!ended(1) && ended(2));
	close_gate();
}
END_TEST

START_TEST(bodies_in_flight_are_capped_by_address_and_in_all)
{
	struct addr a = ip("192.0.2.1");
	char text[] = "198.51.100.0";
	size_t n = 0;

	open_gate(64);
	ck_assert(gate_take(gate, &a, GATE_BODIES_EACH));
	ck_assert(!gate_take(gate, &a, 1));
	for (; n * GATE_BODIES_EACH < GATE_BODIES - GATE_BODIES_EACH; n++) {
		struct addr b = ip((text[11] = (char)('0' + n), text));

		ck_assert(gate_take(gate, &b, GATE_BODIES_EACH));
	}
	struct addr last = ip("203.0.113.1");
	ck_assert(!gate_take(gate, &last, 1));
	gate_give(gate, &a, GATE_BODIES_EACH);
	ck_assert(gate_take(gate, &last, GATE_BODIES_EACH));
	ck_assert_uint_eq(gate_counts(gate).body_bytes, GATE_BODIES);
	close_gate();
}
END_TEST

UNIT_MAIN("gate", one_address_has_a_share_and_a_proxy_has_none,
	  the_share_of_an_address_grows_with_the_places,
	  an_address_at_its_cap_ends_nobody,
	  when_full_the_oldest_without_a_request_goes_then_the_oldest_idle,
	  without_descriptors_several_that_said_nothing_go_or_one_idle,
	  heads_and_idle_connections_have_their_time,
	  bodies_in_flight_are_capped_by_address_and_in_all)
