#include "common/proto/wsframe.h"

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct edge {
	size_t len;
	size_t wire; /* of the whole message */
	size_t frames;
};

static const struct edge edges[] = {
	{ 0, 2, 1 },
	{ 1, 3, 1 },
	{ 125, 127, 1 },
	{ 126, 130, 1 },
	{ 65531, 65535, 1 },
	{ 65532, 65536, 1 },
	{ 65533, 65536 + 3, 2 },
	{ 131064, 131072, 2 },
	{ 131065, 131072 + 3, 3 },
	{ 1000000, 15 * 65536 + 17020 + 4, 16 },
};

START_TEST(every_edge_has_the_shortest_heads_and_whole_frames)
{
	const struct edge *e = &edges[_i];
	uint8_t *data = malloc(e->len + 1);
	struct buf out;

	for (size_t i = 0; i < e->len; i++)
		data[i] = (uint8_t)(i % 253);
	buf_init(&out, 2000000);
	ck_assert_int_eq(wsframe_put(&out, data, e->len), 0);
	ck_assert_uint_eq(buf_len(&out), e->wire);

	size_t at = 0;
	for (size_t i = 0; i < e->frames; i++) {
		const uint8_t *f = buf_head(&out) + at;
		bool long_form = f[1] == 126;
		size_t n = long_form ? (size_t)f[2] << 8 | f[3] : f[1];
		size_t h = long_form ? 4 : 2;
		ck_assert_uint_eq(f[0],
				  (i == 0 ? 2u : 0u) |
					  (i + 1 == e->frames ? 128u : 0u));
		ck_assert_int_eq(long_form, n > 125);
		ck_assert_uint_le(h + n, WSFRAME_MAX);
		at += h + n;
	}
	ck_assert_uint_eq(at, e->wire);
	free(data);
	buf_fini(&out);
}
END_TEST

START_TEST(a_batch_ends_with_a_whole_frame)
{
	struct buf out;
	uint8_t data[60000] = { 0 };
	size_t total = 0;

	buf_init(&out, 1000000);
	ck_assert_uint_eq(wsframe_batch(&out), 0);
	ck_assert_int_eq(wsframe_put(&out, data, 10), 0);
	ck_assert_int_eq(wsframe_put(&out, data, 0), 0);
	ck_assert_uint_eq(wsframe_batch(&out), 14);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(wsframe_put(&out, data, sizeof data), 0);
	ck_assert_uint_eq(wsframe_batch(&out), 14 + 2 * 60004);
	while (buf_len(&out) > 0) {
		size_t n = wsframe_batch(&out);
		ck_assert_uint_gt(n, 0);
		buf_consume(&out, n);
		total += n;
	}
	ck_assert_uint_eq(total, 14 + 3 * 60004);
	buf_fini(&out);
}
END_TEST

START_TEST(a_message_beyond_the_cap_leaves_nothing_behind)
{
	struct buf out;
	uint8_t data[200] = { 0 };

	buf_init(&out, 203);
	ck_assert_int_eq(wsframe_put(&out, data, 200), -ENOBUFS);
	ck_assert_uint_eq(buf_len(&out), 0);
	ck_assert_int_eq(wsframe_put(&out, data, SIZE_MAX), -ENOBUFS);
	ck_assert_int_eq(wsframe_put(&out, data, 199), 0);
	buf_fini(&out);
}
END_TEST

START_TEST(close_fits_behind_a_full_queue)
{
	struct buf out;
	uint8_t data[98] = { 0 };

	buf_init(&out, 100);
	ck_assert_int_eq(wsframe_put(&out, data, 98), 0);
	wsframe_put_close(&out, 1009);
	ck_assert_uint_eq(buf_len(&out), 104);
	ck_assert_mem_eq(buf_head(&out) + 100, "\x88\x02\x03\xf1", 4);
	ck_assert_uint_eq(wsframe_batch(&out), 104);
	buf_fini(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wsframe");
	TCase *tc = tcase_create("wsframe");
	tcase_add_loop_test(tc,
			    every_edge_has_the_shortest_heads_and_whole_frames,
			    0, (int)ARRAY_LEN(edges));
	tcase_add_test(tc, a_batch_ends_with_a_whole_frame);
	tcase_add_test(tc, a_message_beyond_the_cap_leaves_nothing_behind);
	tcase_add_test(tc, close_fits_behind_a_full_queue);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
