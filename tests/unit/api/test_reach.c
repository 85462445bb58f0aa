#include "services/api/rules/reach.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/unit.h"

static struct pool pool;

/* One thread: nothing to see for TSan, and to fill a table takes it minutes. */
#ifdef __SANITIZE_THREAD__
enum { FILLS = false };
#else
enum { FILLS = true };
#endif

static void give(struct reach *r, enum reach_table t, const char *key,
		 const char *now, const char *then)
{
	ck_assert_int_eq(reach_row(r, t, key, now, then), 0);
}

START_TEST(an_owner_is_judged_apart_from_those_who_are_like_him)
{
	struct reach *r = reach_new(&pool, REACH_JUDGED);

	give(r, REACH_USER, "a", "1 0 - - A", "1 0 - - A");
	give(r, REACH_USER, "b", "1 0 - - B", "1 0 - - B");
	give(r, REACH_USER, "c", "1 0 - - C", "1 0 - - C");
	give(r, REACH_DEVICE, "d", "1 0 a -", "1 0 b -");
	give(r, REACH_DEVICE, "e", "1 0 a -", "1 0 a -");
	const struct reach_sums *s = reach_sums(r);
	ck_assert_uint_eq(s->gains, 1);
	ck_assert_uint_eq(s->loses, 1);
	ck_assert_uint_eq(s->devices, 1);
	ck_assert_uint_eq(s->named, 2);
	pool_fini(&pool);
}
END_TEST

START_TEST(who_is_not_signed_in_loses_a_device_that_gets_an_owner)
{
	struct reach *r = reach_new(&pool, REACH_JUDGED);

	give(r, REACH_USER, "a", "1 0 - - A", "1 0 - - A");
	give(r, REACH_DEVICE, "d", "1 0 - -", "1 0 a -");
	const struct reach_sums *s = reach_sums(r);
	ck_assert_uint_eq(s->gains, 0);
	ck_assert_uint_eq(s->loses, 1);
	ck_assert_str_eq(s->names[0].user, "");
	ck_assert_uint_eq(s->kind_loses[POLICY_CAMERA], 1);
	pool_fini(&pool);
}
END_TEST

START_TEST(when_its_judgements_are_used_up_it_says_so)
{
	/* Nobody and the class of a, for each device that changes. */
	struct reach *r = reach_new(&pool, 4);

	give(r, REACH_USER, "a", "1 0 - - A", "1 0 - - A");
	give(r, REACH_DEVICE, "d", "1 0 - -", "1 0 - g");
	give(r, REACH_DEVICE, "e", "1 0 - -", "1 0 - h");
	ck_assert_int_eq(reach_row(r, REACH_DEVICE, "f", "1 0 - -", "1 0 - i"),
			 -ENOBUFS);
	pool_fini(&pool);
}
END_TEST

START_TEST(a_device_that_comes_twice_counts_once)
{
	struct reach *r = reach_new(&pool, REACH_JUDGED);

	give(r, REACH_DEVICE, "d", "1 0 - -", "1 0 - g");
	ck_assert_int_eq(reach_row(r, REACH_DEVICE, "d", "1 0 - -", "1 0 - g"),
			 -EEXIST);
	ck_assert_uint_eq(reach_sums(r)->loses, 1);
	pool_fini(&pool);
}
END_TEST

START_TEST(a_row_of_another_version_is_refused)
{
	struct reach *r = reach_new(&pool, REACH_JUDGED);

	for (enum reach_table t = 0; t < REACH_TABLES; t++)
		ck_assert_int_eq(reach_row(r, t, "k", "2 0 - -", NULL),
				 -EINVAL);
	pool_fini(&pool);
}
END_TEST

/* Gives N rows that stay as they are, and one more. */
static int fill(enum reach_table t, const char *row, unsigned n)
{
	struct reach *r = reach_new(&pool, REACH_JUDGED);
	char key[16];

	for (unsigned i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		give(r, t, key, row, row);
	}
	int e = reach_row(r, t, "more", row, row);
	pool_fini(&pool);
	return e;
}

START_TEST(there_are_so_many_users_and_devices_to_judge_and_not_one_more)
{
	if (!FILLS)
		return;
	ck_assert_int_eq(fill(REACH_USER, "1 0 - - A", REACH_USERS), -ENOBUFS);
	ck_assert_int_eq(fill(REACH_DEVICE, "1 0 - -", REACH_DEVICES),
			 -ENOBUFS);
}
END_TEST

/* Each device in a group of its own: beyond the cap they are judged anew. */
START_TEST(devices_of_so_many_sorts_are_remembered_and_all_are_counted)
{
	struct reach *r = reach_new(&pool, REACH_JUDGED);
	char key[16], row[32];

	for (unsigned i = 0; FILLS && i < REACH_CLASSES + 2; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		snprintf(row, sizeof(row), "1 0 - g%u", i);
		give(r, REACH_DEVICE, key, "1 0 - -", row);
	}
	if (FILLS) {
		ck_assert_uint_eq(reach_sums(r)->loses, REACH_CLASSES + 2);
		ck_assert_uint_eq(reach_sums(r)->named, REACH_NAMED);
	}
	pool_fini(&pool);
}
END_TEST

UNIT_MAIN("reach", an_owner_is_judged_apart_from_those_who_are_like_him,
	  who_is_not_signed_in_loses_a_device_that_gets_an_owner,
	  when_its_judgements_are_used_up_it_says_so,
	  a_device_that_comes_twice_counts_once,
	  a_row_of_another_version_is_refused,
	  there_are_so_many_users_and_devices_to_judge_and_not_one_more,
	  devices_of_so_many_sorts_are_remembered_and_all_are_counted)
