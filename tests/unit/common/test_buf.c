#include <errno.h>

#include "common/base/buf.h"
#include "tests/unit/fault.h"
#include "tests/unit/unit.h"

START_TEST(bytes_come_out_as_they_went_in)
{
	struct buf b;

	buf_init(&b, 100);
	ck_assert_uint_eq(buf_len(&b), 0);
	ck_assert_int_eq(buf_append(&b, "hello ", 6), 0);
	ck_assert_int_eq(buf_append(&b, "", 0), 0);
	ck_assert_int_eq(buf_append(&b, "world", 5), 0);
	ck_assert_mem_eq(buf_head(&b), "hello world", 11);
	buf_consume(&b, 6);
	ck_assert_uint_eq(buf_len(&b), 5);
	ck_assert_mem_eq(buf_head(&b), "world", 5);
	buf_fini(&b);
}
END_TEST

START_TEST(reserved_room_is_written_in_place)
{
	struct buf b;

	buf_init(&b, 10);
	uint8_t *p = buf_reserve(&b, 10);
	ck_assert_ptr_nonnull(p);
	memcpy(p, "abc", 3);
	ck_assert_uint_eq(buf_len(&b), 0);
	buf_wrote(&b, 3);
	ck_assert_mem_eq(buf_head(&b), "abc", 3);
	ck_assert_ptr_null(buf_reserve(&b, 8));
	ck_assert_ptr_nonnull(buf_reserve(&b, 7));
	buf_fini(&b);
}
END_TEST

START_TEST(an_append_beyond_the_cap_changes_nothing)
{
	struct buf b;

	buf_init(&b, 4);
	ck_assert_int_eq(buf_append(&b, "abc", 3), 0);
	ck_assert_int_eq(buf_append(&b, "de", 2), -ENOBUFS);
	ck_assert_int_eq(buf_append(&b, "x", SIZE_MAX), -ENOBUFS);
	ck_assert_uint_eq(buf_len(&b), 3);
	ck_assert_int_eq(buf_append(&b, "d", 1), 0);
	ck_assert_mem_eq(buf_head(&b), "abcd", 4);
	buf_fini(&b);

	buf_init(&b, 0);
	ck_assert_int_eq(buf_append(&b, "x", 1), -ENOBUFS);
	ck_assert_int_eq(buf_append(&b, "", 0), 0);
}
END_TEST

START_TEST(a_long_stream_through_a_small_buffer_keeps_its_order)
{
	struct buf b;
	uint8_t in = 0, out = 0;
	unsigned seed = 1;

	buf_init(&b, 1000);
	for (int turn = 0; turn < 20000; turn++) {
		seed = seed * 1103515245 + 12345;
		size_t want = seed >> 16 & 0x1ff;
		while (want-- && buf_append(&b, &in, 1) == 0)
			in++;
		size_t take = seed >> 8 & 0x1ff;
		if (take > buf_len(&b))
			take = buf_len(&b);
		for (size_t i = 0; i < take; i++)
			ck_assert_uint_eq(buf_head(&b)[i], out++);
		buf_consume(&b, take);
		ck_assert_uint_le(b.size, 2000);
	}
	buf_fini(&b);
}
END_TEST

START_TEST(an_emptied_buffer_gives_large_memory_back)
{
	static const uint8_t block[2 * BUF_KEEP];
	struct buf b;

	buf_init(&b, 100000);
	ck_assert_int_eq(buf_append(&b, block, 100), 0);
	buf_consume(&b, 100);
	ck_assert_ptr_nonnull(b.data);
	ck_assert_int_eq(buf_append(&b, block, sizeof(block)), 0);
	buf_consume(&b, sizeof(block) - 1);
	ck_assert_ptr_nonnull(b.data);
	buf_consume(&b, 1);
	ck_assert_ptr_null(b.data);
	ck_assert_uint_eq(b.cap, 100000);
	ck_assert_int_eq(buf_append(&b, "x", 1), 0);
	buf_fini(&b);
}
END_TEST

START_TEST(a_failed_allocation_changes_nothing)
{
	static const uint8_t block[1000];
	struct buf b;

	buf_init(&b, 100000);
	fault_countdown = 1;
	ck_assert_int_eq(buf_append(&b, "abc", 3), -ENOMEM);
	ck_assert_uint_eq(buf_len(&b), 0);
	ck_assert_int_eq(buf_append(&b, "abc", 3), 0);

	fault_countdown = 1;
	ck_assert_int_eq(buf_append(&b, block, sizeof(block)), -ENOMEM);
	fault_countdown = 1;
	ck_assert_ptr_null(buf_reserve(&b, sizeof(block)));
	ck_assert_uint_eq(buf_len(&b), 3);
	ck_assert_mem_eq(buf_head(&b), "abc", 3);
	buf_fini(&b);
}
END_TEST

UNIT_MAIN("buf", bytes_come_out_as_they_went_in,
	  reserved_room_is_written_in_place,
	  an_append_beyond_the_cap_changes_nothing,
	  a_long_stream_through_a_small_buffer_keeps_its_order,
	  an_emptied_buffer_gives_large_memory_back,
	  a_failed_allocation_changes_nothing)
