#include "../unit.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/heap.h"

enum { BLOCK = 64 << 10, BLOCKS_MAX = 1024 };

/* Takes BYTES in blocks and frees them; returns what is kept at the end of the
 * heap. */
static size_t kept_of(size_t bytes)
{
	static void *blocks[BLOCKS_MAX];
	size_t n = bytes / BLOCK;

	for (size_t i = 0; i < n; i++) {
		blocks[i] = malloc(BLOCK);
		ck_assert_ptr_nonnull(blocks[i]);
	}
	while (n-- > 0)
		free(blocks[n]);
	return mallinfo2().keepcost;
}

/* Sanitizers have a heap of their own, which is not ours to set. */
static bool of_libc(void)
{
	size_t before = mallinfo2().uordblks;
	void *volatile p = malloc(BLOCK);
	bool is = mallinfo2().uordblks >= before + BLOCK;

	free(p);
	return is;
}

START_TEST(so_much_freed_memory_is_kept_and_what_is_more_goes_back)
{
	heap_setup(HEAP_KEEP, HEAP_MAP_MIN);
	if (!of_libc())
		return;
	ck_assert_uint_ge(kept_of(HEAP_KEEP - 4 * BLOCK),
			  HEAP_KEEP - 4 * BLOCK);
	ck_assert_uint_lt(kept_of(HEAP_KEEP + 4 * BLOCK), HEAP_KEEP);
	ck_assert_uint_lt(kept_of(8 * HEAP_KEEP), HEAP_KEEP);
}
END_TEST

START_TEST(large_blocks_go_back_at_once)
{
	heap_setup(HEAP_KEEP, HEAP_MAP_MIN);
	if (!of_libc())
		return;
	size_t before = mallinfo2().hblkhd;
	void *volatile small = malloc(HEAP_MAP_MIN - BLOCK);
	ck_assert_uint_eq(mallinfo2().hblkhd, before);
	void *volatile large = malloc(HEAP_MAP_MIN);
	ck_assert_uint_ge(mallinfo2().hblkhd, before + HEAP_MAP_MIN);
	free(large);
	ck_assert_uint_eq(mallinfo2().hblkhd, before);
	free(small);
}
END_TEST

START_TEST(what_a_server_of_short_messages_frees_goes_back)
{
	heap_setup(HEAP_SHORT_KEEP, HEAP_SHORT_MAP_MIN);
	if (!of_libc())
		return;
	static void *large[64];
	size_t before = mallinfo2().hblkhd;
	/* What is free at the end of the heap is used first. */
	for (size_t i = 0; i < ARRAY_LEN(large); i++)
		large[i] = malloc(HEAP_SHORT_MAP_MIN);
	void *volatile stays = malloc(1);
	ck_assert_uint_ge(mallinfo2().hblkhd,
			  before + 32 * (size_t)HEAP_SHORT_MAP_MIN);
	for (size_t i = 0; i < ARRAY_LEN(large); i++)
		free(large[i]);
	ck_assert_uint_eq(mallinfo2().hblkhd, before);
	free(stays);
	ck_assert_uint_lt(kept_of(8 * HEAP_SHORT_KEEP), HEAP_SHORT_KEEP);
}
END_TEST

static size_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	size_t all, pages;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%zu %zu", &all, &pages), 2);
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* What stays is behind what goes, so that no end of a heap becomes free. In the
 * second round the memory comes and goes between two looks. */
START_TEST(holes_between_what_stays_go_back_when_they_have_grown)
{
	enum { HOLES = 1024, HOLE = 60 << 10 };
	static void *holes[HOLES], *stays[HOLES];

	heap_setup(HEAP_KEEP, HEAP_MAP_MIN);
	if (!of_libc())
		return;
	heap_tidy(HEAP_HOLES);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < HOLES; i++) {
			holes[i] = malloc(HOLE);
			stays[i] = malloc(64);
			ck_assert_ptr_nonnull(memset(holes[i], 1, HOLE));
		}
		if (round == 0)
			heap_tidy(HEAP_HOLES);
		size_t most = resident();
		for (size_t i = 0; i < HOLES; i++)
			free(holes[i]);
		ck_assert_uint_gt(resident() + HEAP_HOLES, most);
		heap_tidy(HEAP_HOLES);
		ck_assert_uint_lt(resident() + 2 * (size_t)HEAP_HOLES, most);
		for (size_t i = 0; i < HOLES; i++)
			free(stays[i]);
	}
}
END_TEST

UNIT_MAIN("heap", holes_between_what_stays_go_back_when_they_have_grown,
	  what_a_server_of_short_messages_frees_goes_back,
	  so_much_freed_memory_is_kept_and_what_is_more_goes_back,
	  large_blocks_go_back_at_once)
