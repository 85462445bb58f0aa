#include "../unit.h"

#include "common/site/fullness.h"

START_TEST(used_and_allowed_bytes_are_read_from_whole_names)
{
	struct fullness f = fullness_read("# Memory\r\nused_memory:1048576\r\n"
					  "used_memory_human:1.00M\r\n"
					  "maxmemory_human:0B\r\n"
					  "maxmemory:2097152\r\n");

	ck_assert_uint_eq(f.used, 1048576);
	ck_assert_uint_eq(f.max, 2097152);
}
END_TEST

START_TEST(a_redis_that_evicts_is_never_nearly_full)
{
	ck_assert(!fullness_nearly(
		fullness_read("used_memory:99\nmaxmemory:100\n"
			      "maxmemory_policy:allkeys-lru\n")));
	ck_assert(fullness_nearly(
		fullness_read("used_memory:99\nmaxmemory:100\n"
			      "maxmemory_policy:noeviction\r\n")));
}
END_TEST

START_TEST(what_says_nothing_is_no_limit)
{
	static const char *const texts[] = {
		NULL,          "",
		"maxmemory",   "\n",
		"maxmemory:0", "used_memory:99\r\nmaxmemory:x\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert(!fullness_nearly(fullness_read(texts[i])));
}
END_TEST

START_TEST(strangers_have_no_room_from_95_percent_on)
{
	struct fullness f = { .used = 949, .max = 1000 };

	ck_assert(!fullness_nearly((struct fullness){ 949000, 1000000 }));
	ck_assert(fullness_nearly((struct fullness){ 950000, 1000000 }));
	ck_assert(fullness_nearly((struct fullness){ 2000000, 1000000 }));
	ck_assert(fullness_nearly((struct fullness){ UINT64_MAX, UINT64_MAX }));
	f.used = 0;
	ck_assert(!fullness_nearly(f));
}
END_TEST

UNIT_MAIN("fullness", used_and_allowed_bytes_are_read_from_whole_names,
	  a_redis_that_evicts_is_never_nearly_full,
	  what_says_nothing_is_no_limit,
	  strangers_have_no_room_from_95_percent_on)
