#include "common/base/bucket.h"
#include "common/base/limiter.h"
#include "tests/unit/unit.h"

START_TEST(a_bucket_gives_its_burst_and_then_its_rate)
{
	struct bucket b;

	bucket_init(&b, 10, 5, 1000);
	for (int i = 0; i < 5; i++)
		ck_assert(bucket_take(&b, 1, 1000));
	ck_assert(!bucket_take(&b, 1, 1000));
	ck_assert(!bucket_take(&b, 1, 1099));
	ck_assert(bucket_take(&b, 1, 1100));
	ck_assert(!bucket_take(&b, 1, 1100));
	ck_assert_uint_eq(bucket_available(&b, 1350), 2);
	ck_assert_uint_eq(bucket_available(&b, 999999), 5);
}
END_TEST

START_TEST(a_bucket_keeps_what_accrues_slowly)
{
	struct bucket b;

	bucket_init(&b, 1, 1, 0);
	ck_assert(bucket_take(&b, 1, 0));
	for (uint64_t ms = 1; ms < 1000; ms++)
		ck_assert(!bucket_take(&b, 1, ms));
	ck_assert(bucket_take(&b, 1, 1000));
}
END_TEST

START_TEST(taking_is_all_or_nothing_and_spending_is_not)
{
	struct bucket b;

	bucket_init(&b, 1, 10, 0);
	ck_assert(!bucket_take(&b, 11, 0));
	ck_assert_uint_eq(bucket_available(&b, 0), 10);
	bucket_spend(&b, 4, 0);
	ck_assert_uint_eq(bucket_available(&b, 0), 6);
	bucket_spend(&b, 100, 0);
	ck_assert_uint_eq(bucket_available(&b, 0), 0);
}
END_TEST

START_TEST(a_rate_of_zero_is_no_limit)
{
	struct bucket b;

	bucket_init(&b, 0, 0, 0);
	ck_assert(bucket_take(&b, UINT64_MAX, 0));
	bucket_spend(&b, UINT64_MAX, 0);
	ck_assert_uint_eq(bucket_available(&b, 0), UINT64_MAX);
}
END_TEST

START_TEST(extreme_numbers_and_a_clock_that_goes_back_do_no_harm)
{
	struct bucket b;

	bucket_init(&b, UINT64_MAX, UINT64_MAX, 5000);
	bucket_spend(&b, UINT64_MAX, 5000);
	ck_assert_uint_eq(bucket_available(&b, 4000), 0);
	ck_assert_uint_eq(bucket_available(&b, UINT64_MAX), UINT64_MAX / 1000);

	bucket_init(&b, 1, 1, 5000);
	ck_assert(bucket_take(&b, 1, 4000));
	ck_assert(!bucket_take(&b, 1, 5999));
	ck_assert(bucket_take(&b, 1, 6000));
}
END_TEST

static struct addr address(const char *prefix, unsigned n)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;

	snprintf(text, sizeof(text), "%s%u", prefix, n);
	ck_assert_int_eq(addr_parse(text, 1, &a), 0);
	return a;
}

START_TEST(each_address_has_its_own_budget)
{
	struct limiter l;
	struct addr one = address("10.0.0.", 1), two = address("10.0.0.", 2);

	limiter_init(&l, 1, 3, 100, 0);
	for (uint16_t i = 0; i < 3; i++) {
		one.port = i; /* the port does not matter */
		ck_assert(limiter_allow(&l, &one, 1, 0));
	}
	ck_assert(!limiter_allow(&l, &one, 1, 0));
	ck_assert(limiter_allow(&l, &two, 3, 0));
	ck_assert(!limiter_allow(&l, &two, 1, 0));
	ck_assert_uint_eq(l.refused, 2);
	ck_assert(limiter_allow(&l, &one, 1, 1000));
	limiter_fini(&l);
}
END_TEST

START_TEST(an_ipv6_network_shares_one_budget)
{
	struct limiter l;
	struct addr a = address("2001:db8:0:1::", 1);
	struct addr b = address("2001:db8:0:1:ffff::", 2);
	struct addr other = address("2001:db8:0:2::", 1);

	limiter_init(&l, 1, 1, 100, 0);
	ck_assert(limiter_allow(&l, &a, 1, 0));
	ck_assert(!limiter_allow(&l, &b, 1, 0));
	ck_assert(limiter_allow(&l, &other, 1, 0));
	limiter_fini(&l);
}
END_TEST

START_TEST(a_flood_of_addresses_is_bounded_and_spares_known_ones)
{
	struct limiter l;
	struct addr known = address("10.0.0.", 1);
	unsigned passed = 0;

	limiter_init(&l, 1, 2, 50, 0);
	ck_assert(limiter_allow(&l, &known, 1, 0));
	for (unsigned i = 0; i < 10000; i++) {
		struct addr a = address("2001:db8::", 1);
		a.ip[6] = (uint8_t)(i >> 8);
		a.ip[7] = (uint8_t)i;
		passed += limiter_allow(&l, &a, 2, 0);
	}
	ck_assert_uint_eq(l.entries.len, 50);
	ck_assert_uint_eq(passed, 49 + LIMITER_OVERFLOW);
	ck_assert(limiter_allow(&l, &known, 1, 0));
	limiter_fini(&l);
}
END_TEST

START_TEST(idle_entries_make_room)
{
	struct limiter l;

	limiter_init(&l, 1, 1, 20, 0);
	for (unsigned i = 0; i < 20; i++) {
		struct addr a = address("10.0.0.", i);
		ck_assert(limiter_allow(&l, &a, 1, 0));
	}
	limiter_sweep(&l, 500);
	ck_assert_uint_eq(l.entries.len, 20);
	struct addr late = address("10.0.1.", 1);
	ck_assert(limiter_allow(&l, &late, 1, 1000));
	ck_assert_uint_le(l.entries.len, 20);
	limiter_sweep(&l, 2000);
	ck_assert_uint_eq(l.entries.len, 0);
	limiter_fini(&l);
}
END_TEST

START_TEST(an_unlimited_limiter_keeps_no_entries)
{
	struct limiter l;
	struct addr a = address("10.0.0.", 1);

	limiter_init(&l, 0, 0, 10, 0);
	for (int i = 0; i < 100; i++)
		ck_assert(limiter_allow(&l, &a, 1, 0));
	ck_assert_uint_eq(l.entries.len, 0);
	limiter_fini(&l);
}
END_TEST

UNIT_MAIN("limiter", a_bucket_gives_its_burst_and_then_its_rate,
	  a_bucket_keeps_what_accrues_slowly,
	  taking_is_all_or_nothing_and_spending_is_not,
	  a_rate_of_zero_is_no_limit,
	  extreme_numbers_and_a_clock_that_goes_back_do_no_harm,
	  each_address_has_its_own_budget, an_ipv6_network_shares_one_budget,
	  a_flood_of_addresses_is_bounded_and_spares_known_ones,
	  idle_entries_make_room, an_unlimited_limiter_keeps_no_entries)
