#include <errno.h>

#include "common/base/map.h"
#include "tests/unit/fault.h"
#include "tests/unit/unit.h"

struct item {
	char key[24];
	unsigned n;
	bool seen;
};

static const void *key_of(const void *p, size_t *len)
{
	const struct item *it = p;

	*len = strlen(it->key);
	return it->key;
}

static struct item *find(const struct map *m, const char *key)
{
	return map_find(m, key, strlen(key));
}

static void fill(struct item *items, size_t n)
{
	memset(items, 0, n * sizeof(*items));
	for (size_t i = 0; i < n; i++) {
		snprintf(items[i].key, sizeof(items[i].key), "k%zu", i);
		items[i].n = (unsigned)i;
	}
}

START_TEST(items_are_found_under_their_own_key_only)
{
	struct item a = { "a", 1, false }, ab = { "ab", 2, false };
	struct item empty = { "", 3, false };
	struct map m;

	map_init(&m, key_of, 10);
	ck_assert_ptr_null(find(&m, "a"));
	ck_assert_int_eq(map_put(&m, &a), 0);
	ck_assert_int_eq(map_put(&m, &ab), 0);
	ck_assert_int_eq(map_put(&m, &empty), 0);
	ck_assert_ptr_eq(find(&m, "a"), &a);
	ck_assert_ptr_eq(find(&m, "ab"), &ab);
	ck_assert_ptr_eq(find(&m, ""), &empty);
	ck_assert_ptr_null(find(&m, "b"));
	ck_assert_uint_eq(m.len, 3);
	map_fini(&m);
}
END_TEST

START_TEST(a_second_item_under_a_key_is_refused)
{
	struct item one = { "a", 1, false }, two = { "a", 2, false };
	struct map m;

	map_init(&m, key_of, 1);
	ck_assert_int_eq(map_put(&m, &one), 0);
	ck_assert_int_eq(map_put(&m, &two), -EEXIST);
	ck_assert_ptr_eq(find(&m, "a"), &one);
	ck_assert_ptr_eq(map_take(&m, "a", 1), &one);
	ck_assert_ptr_null(map_take(&m, "a", 1));
	ck_assert_int_eq(map_put(&m, &two), 0);
	map_fini(&m);
}
END_TEST

START_TEST(a_full_map_refuses_and_recovers)
{
	struct item items[5];
	struct map m;

	fill(items, 5);
	map_init(&m, key_of, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(map_put(&m, &items[i]), 0);
	ck_assert_int_eq(map_put(&m, &items[4]), -ENOBUFS);
	ck_assert_ptr_nonnull(map_take(&m, "k0", 2));
	ck_assert_int_eq(map_put(&m, &items[4]), 0);
	map_fini(&m);
}
END_TEST

/* Compares with a plain array over a long random history. */
START_TEST(a_random_history_agrees_with_a_plain_table)
{
	enum { N = 500 };
	static struct item items[N];
	static bool inside[N];
	size_t len = 0;
	unsigned seed = 7;
	struct map m;

	fill(items, N);
	map_init(&m, key_of, N);
	for (int turn = 0; turn < 200000; turn++) {
		seed = seed * 1103515245 + 12345;
		size_t i = (seed >> 8) % N;
		struct item *it = &items[i];
		if (inside[i])
			ck_assert_ptr_eq(map_take(&m, it->key, strlen(it->key)),
					 it);
		else
			ck_assert_int_eq(map_put(&m, it), 0);
		len += inside[i] ? -1UL : 1UL;
		inside[i] = !inside[i];
		size_t j = (seed >> 17) % N;
		ck_assert_ptr_eq(find(&m, items[j].key),
				 inside[j] ? &items[j] : NULL);
		ck_assert_uint_eq(m.len, len);
	}
	map_fini(&m);
}
END_TEST

static bool note(void *p, void *ctx)
{
	struct item *it = p;

	it->seen = true;
	++*(size_t *)ctx;
	return false;
}

static bool drop_odd(void *p, void *ctx)
{
	struct item *it = p;

	(void)ctx;
	return it->n % 2 == 1;
}

START_TEST(a_full_round_of_sweeps_visits_every_item_once)
{
	enum { N = 1000 };
	static struct item items[N];
	struct map m;
	size_t calls = 0, slots = 0;

	fill(items, N);
	map_init(&m, key_of, N);
	map_sweep(&m, 100, note, &calls);
	for (size_t i = 0; i < N; i++)
		ck_assert_int_eq(map_put(&m, &items[i]), 0);
	for (; slots < m.slots; slots += 64)
		map_sweep(&m, 64, note, &calls);
	ck_assert_uint_eq(calls, N);
	for (size_t i = 0; i < N; i++)
		ck_assert(items[i].seen);
	map_fini(&m);
}
END_TEST

START_TEST(a_sweep_can_remove_items_anywhere)
{
	enum { N = 1000 };
	static struct item items[N];
	struct map m;

	fill(items, N);
	map_init(&m, key_of, N);
	for (size_t i = 0; i < N; i++)
		ck_assert_int_eq(map_put(&m, &items[i]), 0);
	map_sweep(&m, SIZE_MAX, drop_odd, NULL);
	ck_assert_uint_eq(m.len, N / 2);
	for (size_t i = 0; i < N; i++)
		ck_assert_ptr_eq(find(&m, items[i].key),
				 i % 2 ? NULL : &items[i]);
	map_fini(&m);
}
END_TEST

START_TEST(a_failed_allocation_leaves_the_map_as_it_was)
{
	enum { N = 13 }; /* one more than fits without growing */
	struct item items[N];
	struct map m;

	fill(items, N);
	map_init(&m, key_of, 100);
	for (int nth = 1; nth <= 2; nth++) {
		fault_countdown = nth;
		ck_assert_int_eq(map_put(&m, &items[0]), -ENOMEM);
	}
	for (size_t i = 0; i < N - 1; i++)
		ck_assert_int_eq(map_put(&m, &items[i]), 0);
	for (int nth = 1; nth <= 2; nth++) {
		fault_countdown = nth;
		ck_assert_int_eq(map_put(&m, &items[N - 1]), -ENOMEM);
		ck_assert_uint_eq(m.len, N - 1);
	}
	ck_assert_int_eq(map_put(&m, &items[N - 1]), 0);
	for (size_t i = 0; i < N; i++)
		ck_assert_ptr_eq(find(&m, items[i].key), &items[i]);
	map_fini(&m);
}
END_TEST

UNIT_MAIN("map", items_are_found_under_their_own_key_only,
	  a_second_item_under_a_key_is_refused, a_full_map_refuses_and_recovers,
	  a_random_history_agrees_with_a_plain_table,
	  a_full_round_of_sweeps_visits_every_item_once,
	  a_sweep_can_remove_items_anywhere,
	  a_failed_allocation_leaves_the_map_as_it_was)
