#include <errno.h>

#include "common/proto/frame.h"
#include "tests/unit/unit.h"

/* Spec 1.3. */
static const struct {
	size_t body_len;
	const char *head;
} edges[] = {
	{ 0, "00" },
	{ 1, "04" },
	{ 2, "08" },
	{ 5, "14" },
	{ 63, "fc" },
	{ 64, "0101" },
	{ 100, "9101" },
	{ 255, "fd03" },
	{ 256, "0104" },
	{ 300, "b104" },
	{ 16383, "fdff" },
	{ 16384, "020001" },
	{ 65536, "020004" },
	{ 4194303, "feffff" },
	{ 4194304, "03000001" },
	{ FRAME_BODY_MAX, "ffffffff" },
};

START_TEST(heads_are_the_shortest_ones_of_the_table)
{
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		uint8_t head[FRAME_HEAD_MAX];
		size_t n = frame_put_head(head, edges[i].body_len);
		ck_assert_str_eq(tohex(head, n), edges[i].head);
		ck_assert_uint_eq(frame_head_len(head[0]), n);
		ck_assert_uint_eq(frame_body_len(head), edges[i].body_len);
	}
}
END_TEST

START_TEST(every_edge_survives_a_round_trip)
{
	for (size_t i = 0; i < ARRAY_LEN(edges) - 1; i++) {
		size_t body = edges[i].body_len;
		uint8_t *data = calloc(1, body + FRAME_HEAD_MAX);
		size_t head = frame_put_head(data, body);
		struct frame f;

		memset(data + head, 0x5a, body);
		for (size_t len = 0; len <= head; len++)
			ck_assert_int_eq(frame_parse(data, len, body, &f),
					 len == head + body ? 1 : 0);
		if (body > 0)
			ck_assert_int_eq(
				frame_parse(data, head + body - 1, body, &f),
				0);
		ck_assert_int_eq(frame_parse(data, head + body, body, &f), 1);
		ck_assert_ptr_eq(f.body, data + head);
		ck_assert_uint_eq(f.len, body);
		ck_assert_uint_eq(f.wire_len, head + body);
		free(data);
	}
}
END_TEST

START_TEST(longer_heads_than_needed_are_understood)
{
	static const char *const forms[] = { "04aa", "0500aa", "060000aa",
					     "07000000aa" };
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		uint8_t data[8];
		size_t len = unhex(forms[i], data, sizeof(data));
		struct frame f;

		ck_assert_int_eq(frame_parse(data, len, 1, &f), 1);
		ck_assert_uint_eq(f.len, 1);
		ck_assert_uint_eq(f.body[0], 0xaa);
		ck_assert_uint_eq(f.wire_len, len);
	}
}
END_TEST

START_TEST(an_oversized_announcement_is_refused_before_its_body)
{
	static const uint8_t gigabyte[] = { 0xff, 0xff, 0xff, 0xff };
	static const uint8_t one_too_many[] = { 0x01, 0x01 };
	struct frame f;

	ck_assert_int_eq(frame_parse(gigabyte, 3, 65536, &f), 0);
	ck_assert_int_eq(frame_parse(gigabyte, 4, 65536, &f), -EMSGSIZE);
	ck_assert_int_eq(frame_parse(one_too_many, 2, 63, &f), -EMSGSIZE);
	ck_assert_int_eq(frame_parse(one_too_many, 2, 64, &f), 0);
}
END_TEST

START_TEST(what_follows_a_frame_is_left_alone)
{
	static const uint8_t two[] = { 0x08, 'a', 'b', 0x04, 'c' };
	struct frame f;

	ck_assert_int_eq(frame_parse(two, sizeof(two), 64, &f), 1);
	ck_assert_uint_eq(f.wire_len, 3);
	ck_assert_int_eq(frame_parse(two + 3, 2, 64, &f), 1);
	ck_assert_uint_eq(f.body[0], 'c');
}
END_TEST

UNIT_MAIN("frame", heads_are_the_shortest_ones_of_the_table,
	  every_edge_survives_a_round_trip,
	  longer_heads_than_needed_are_understood,
	  an_oversized_announcement_is_refused_before_its_body,
	  what_follows_a_frame_is_left_alone)
