#include "../unit.h"

#include "services/hbbs/state/limits.h"
#include "services/hbbs/state/metrics.h"

static const struct limits_config config = {
	.new_rate = 1000,
	.new_rate_per_ip = 1,
	.lookup_rate = 10,
	.online_rate = 10,
};
static struct limits l;
static struct addr one, two;

static void fresh(const struct limits_config *c)
{
	limits_init(&l, c, 1000);
	ck_assert_int_eq(addr_parse("192.0.2.1", 1, &one), 0);
	ck_assert_int_eq(addr_parse("192.0.2.2", 1, &two), 0);
}

static unsigned allowed(enum limit kind, const struct addr *from, unsigned of)
{
	unsigned n = 0;

	while (of-- > 0)
		n += limits_allow(&l, kind, from, 1000);
	return n;
}

START_TEST(each_limit_counts_what_it_refuses_under_its_own_reason)
{
	static const unsigned bursts[LIMITS] = {
		[LIMIT_NEW] = 300,    [LIMIT_FAIL] = 60,
		[LIMIT_LOOKUP] = 100, [LIMIT_CONNECT] = 100,
		[LIMIT_MISS] = 100,   [LIMIT_ONLINE] = 1001,
		[LIMIT_RENAME] = 10,  [LIMIT_WAIT] = 200,
		[LIMIT_UPDATE] = 1,   [LIMIT_ICE] = 640,
	};

	fresh(&config);
	for (unsigned i = 0; i < LIMITS; i++) {
		uint64_t before = metric_get(&hbbs_metrics, M_LIMIT_NEW + i);
		ck_assert_uint_eq(allowed(i, &one, bursts[i] + 3), bursts[i]);
		ck_assert_uint_eq(metric_get(&hbbs_metrics, M_LIMIT_NEW + i),
				  before + 3);
		ck_assert(limits_allow(&l, i, &two, 1000));
	}
	limits_fini(&l);
}
END_TEST

START_TEST(new_ids_have_a_limit_in_all)
{
	struct limits_config c = config;
	uint64_t before = metric_get(&hbbs_metrics, M_LIMIT_NEW_ALL);

	c.new_rate = 3; /* ten seconds' worth at once */
	fresh(&c);
	ck_assert_uint_eq(allowed(LIMIT_NEW, &one, 20), 20);
	ck_assert_uint_eq(allowed(LIMIT_NEW, &two, 20), 10);
	ck_assert_uint_eq(metric_get(&hbbs_metrics, M_LIMIT_NEW_ALL),
			  before + 10);
	limits_fini(&l);
}
END_TEST

START_TEST(the_reference_profile_does_not_limit_registrations)
{
	struct limits_config c = config;

	c.reference = true;
	fresh(&c);
	ck_assert_uint_eq(allowed(LIMIT_NEW, &one, 1000), 1000);
	ck_assert_uint_eq(allowed(LIMIT_FAIL, &one, 1000), 1000);
	ck_assert_uint_eq(allowed(LIMIT_CONNECT, &one, 1000), 100);
	limits_fini(&l);
}
END_TEST

START_TEST(online_queries_are_charged_by_id_and_one_page_is_always_answered)
{
	struct limits_config c = config;

	fresh(&config); /* 10 ids a second, 100 at once: less than a page */
	ck_assert(limits_online(&l, &one, 1000, 1000));
	ck_assert(!limits_online(&l, &one, 0, 1000));
	ck_assert(limits_online(&l, &two, 1000, 1000));
	ck_assert(!limits_online(&l, &one, 10, 2000));
	ck_assert(limits_online(&l, &one, 9, 2000));
	limits_fini(&l);

	c.online_rate = 500; /* the default: five pages at once, then one in
				two seconds */
	fresh(&c);
	for (unsigned i = 0; i < 4; i++)
		ck_assert(limits_online(&l, &one, 1000, 1000));
	ck_assert(limits_online(&l, &one, 995, 1000));
	ck_assert(!limits_online(&l, &one, 1000, 2000));
	ck_assert(limits_online(&l, &one, 1000, 3100));
	limits_fini(&l);
}
END_TEST

START_TEST(what_is_used_up_comes_back_at_its_rate)
{
	/* Allowed in the ten seconds after all was used up. */
	static const unsigned later[LIMITS] = {
		[LIMIT_NEW] = 10,   [LIMIT_FAIL] = 10,     [LIMIT_LOOKUP] = 100,
		[LIMIT_MISS] = 50,  [LIMIT_CONNECT] = 100, [LIMIT_ONLINE] = 100,
		[LIMIT_WAIT] = 200, [LIMIT_UPDATE] = 1,    [LIMIT_ICE] = 640,
	};

	for (unsigned i = 0; i < LIMITS; i++) {
		unsigned n = 0;

		if (i == LIMIT_RENAME) /* one in six seconds */
			continue;
		fresh(&config);
		allowed(i, &one, 1100);
		ck_assert(!limits_allow(&l, i, &one, 1000));
		while (n < 1100 && limits_allow(&l, i, &one, 11000))
			n++;
		ck_assert_msg(n == later[i], "limit %u: %u", i, n);
		limits_fini(&l);
	}
}
END_TEST

START_TEST(a_limit_knows_so_many_addresses_and_one_more_has_no_entry)
{
	enum { ADDRESSES = 65536 }; /* ARCHITECTURE.md, section 8 */

	fresh(&config);
	for (unsigned i = 0; i <= ADDRESSES; i++) {
		struct addr a = one;

		memcpy(a.ip + 12, &i, sizeof i);
		(void)!limits_allow(&l, LIMIT_CONNECT, &a, 1000);
		if (i == ADDRESSES - 1)
			ck_assert_uint_eq(l.by[LIMIT_CONNECT].entries.len,
					  ADDRESSES);
	}
	ck_assert_uint_eq(l.by[LIMIT_CONNECT].entries.len, ADDRESSES);
	limits_fini(&l);
}
END_TEST

UNIT_MAIN("limits",
	  online_queries_are_charged_by_id_and_one_page_is_always_answered,
	  each_limit_counts_what_it_refuses_under_its_own_reason,
	  new_ids_have_a_limit_in_all,
	  the_reference_profile_does_not_limit_registrations,
	  what_is_used_up_comes_back_at_its_rate,
	  a_limit_knows_so_many_addresses_and_one_more_has_no_entry)
