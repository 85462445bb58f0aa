#include "services/hbbr/state/limits.h"
#include "tests/unit/unit.h"

enum { MBIT = LIMITS_MBIT };

static const struct limits usual = {
	.single_bps = 8 * MBIT,
	.slow_bps = 1 * MBIT,
	.downgrade_threshold = 0.5,
	.downgrade_start_ms = 5000,
};

/* Moves all that is allowed, every 20 ms of SECONDS; returns bits/s. */
static double run(struct meter *m, struct shared_limit *total, uint64_t *now,
		  unsigned seconds)
{
	uint64_t moved = 0, n;

	for (unsigned tick = 0; tick < seconds * 50; tick++) {
		while ((n = meter_allow(m, total, *now)) > 0) {
			n = n < 262144 ? n : 262144;
			meter_spend(m, total, n, *now);
			moved += n;
		}
		*now += 20;
	}
	return (double)moved * 8 / seconds;
}

static void assert_about(double got, double want)
{
	ck_assert_msg(got > want * 0.95 && got < want * 1.05,
		      "%.0f is not about %.0f", got, want);
}

START_TEST(a_session_keeps_to_its_bandwidth)
{
	struct limits l = usual;
	struct shared_limit total;
	struct meter m;
	uint64_t now = 1000;

	l.downgrade_start_ms = 3600000;
	shared_limit_init(&total, 0);
	meter_init(&m, &l, now);
	assert_about(run(&m, &total, &now, 10), 8.0 * MBIT);
	ck_assert(!m.downgraded);
}
END_TEST

START_TEST(zero_is_no_limit)
{
	struct limits l = { 0 };
	struct shared_limit total;
	struct meter m;

	shared_limit_init(&total, 0);
	meter_init(&m, &l, 5);
	ck_assert_uint_eq(meter_allow(&m, &total, 5), UINT64_MAX);
	meter_spend(&m, &total, 1ull << 40, 5);
	ck_assert_uint_eq(meter_allow(&m, &total, 5), UINT64_MAX);
	ck_assert_uint_eq(m.bytes, 1ull << 40);
}
END_TEST

START_TEST(a_busy_session_is_downgraded_after_the_start_check)
{
	struct shared_limit total;
	struct meter m;
	uint64_t now = 1000;

	shared_limit_init(&total, 0);
	meter_init(&m, &usual, now);
	assert_about(run(&m, &total, &now, 5), 8.0 * MBIT);
	ck_assert(!m.downgraded);
	run(&m, &total, &now, 2);
	ck_assert(m.downgraded);
	assert_about(run(&m, &total, &now, 10), 1.0 * MBIT);
	/* For life: taking it off the throttle list changes nothing. */
	meter_throttle(&m, false, now);
	assert_about(run(&m, &total, &now, 10), 1.0 * MBIT);
}
END_TEST

START_TEST(a_session_below_the_threshold_is_left_alone)
{
	struct shared_limit total;
	struct meter m;

	shared_limit_init(&total, 0);
	meter_init(&m, &usual, 0);
	for (uint64_t now = 0; now < 60000; now += 1000)
		meter_spend(&m, &total, 3 * MBIT / 8, now);
	ck_assert(!m.downgraded);
}
END_TEST

START_TEST(a_throttled_session_is_slow_until_it_is_freed)
{
	struct limits l = usual;
	struct shared_limit total;
	struct meter m;
	uint64_t now = 0;

	l.downgrade_start_ms = 3600000;
	shared_limit_init(&total, 0);
	meter_init(&m, &l, now);
	meter_throttle(&m, true, now);
	assert_about(run(&m, &total, &now, 10), 1.0 * MBIT);
	meter_throttle(&m, false, now);
	assert_about(run(&m, &total, &now, 10), 8.0 * MBIT);
}
END_TEST

START_TEST(the_total_is_shared)
{
	struct limits l = { 0 };
	struct shared_limit total;
	struct meter a, b;
	uint64_t now = 50, bytes = 0;

	shared_limit_init(&total, 4 * MBIT);
	meter_init(&a, &l, now);
	meter_init(&b, &l, now);
	for (int tick = 0; tick < 500; tick++, now += 20) {
		struct meter *both[2] = { &a, &b };
		for (int i = 0; i < 2; i++) {
			uint64_t n = meter_allow(both[i], &total, now);
			meter_spend(both[i], &total, n, now);
			bytes += n;
		}
	}
	assert_about((double)bytes * 8 / 10, 4.0 * MBIT);
	ck_assert_uint_eq(bytes, a.bytes + b.bytes);
	/* A change counts at once, and so does its end. */
	shared_limit_set(&total, 0);
	ck_assert_uint_eq(meter_allow(&a, &total, now), UINT64_MAX);
}
END_TEST

START_TEST(a_message_larger_than_the_bucket_is_paid_for_later)
{
	struct shared_limit total;
	struct limits l = { .single_bps = 8 * MBIT };
	struct meter m;
	uint64_t now = 0;

	shared_limit_init(&total, 0);
	meter_init(&m, &l, now);
	meter_spend(&m, &total, 5 * MBIT, now); /* five seconds' worth */
	for (; now < 4800; now += 20)
		ck_assert_uint_eq(meter_allow(&m, &total, now), 0);
	for (; meter_allow(&m, &total, now) == 0; now += 20)
		ck_assert_uint_lt(now, 5200);
}
END_TEST

START_TEST(usage_knows_the_fastest_and_the_last_second)
{
	struct limits l = { 0 };
	struct shared_limit total;
	struct meter m;

	shared_limit_init(&total, 0);
	meter_init(&m, &l, 0);
	ck_assert(!meter_spend(&m, &total, 1000, 500));
	ck_assert(meter_spend(&m, &total, 1000, 1000));
	ck_assert_uint_eq(m.highest_bps, 16000);
	meter_spend(&m, &total, 500, 1500);
	ck_assert(meter_roll(&m, 2000));
	ck_assert_uint_eq(m.highest_bps, 16000);
	ck_assert_uint_eq(m.current_bps, 4000);
	ck_assert_uint_eq(m.bytes, 2500);
	ck_assert(meter_roll(&m, 9000));
	ck_assert_uint_eq(m.current_bps, 0);
}
END_TEST

UNIT_MAIN("limits", a_session_keeps_to_its_bandwidth, zero_is_no_limit,
	  a_busy_session_is_downgraded_after_the_start_check,
	  a_session_below_the_threshold_is_left_alone,
	  a_throttled_session_is_slow_until_it_is_freed, the_total_is_shared,
	  a_message_larger_than_the_bucket_is_paid_for_later,
	  usage_knows_the_fastest_and_the_last_second)
