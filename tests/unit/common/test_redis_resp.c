#include "common/redis/redis_resp.h"

#include <check.h>
#include <errno.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/presence_online.lua.h"
#include "common/site/record_rename.lua.h"

static struct buf out;
static struct redis_reader reader;

static void setup(void)
{
	buf_init(&out, 1 << 20);
	ck_assert_int_eq(redis_reader_init(&reader, 1 << 20), 0);
}

static void teardown(void)
{
	buf_fini(&out);
	redis_reader_fini(&reader);
}

static void expect_out(const char *bytes, size_t len)
{
	ck_assert_uint_eq(buf_len(&out), len);
	ck_assert_mem_eq(buf_head(&out), bytes, len);
}

/* The one reply in BYTES, fed one by one. */
static struct redis_reply *parse(const char *bytes, size_t len)
{
	struct redis_reply *reply = NULL;

	for (size_t i = 0; i < len; i++) {
		ck_assert_int_eq(redis_reader_next(&reader, &reply), 0);
		ck_assert_int_eq(redis_reader_feed(&reader, bytes + i, 1), 0);
	}
	ck_assert_int_eq(redis_reader_next(&reader, &reply), 1);
	return reply;
}

START_TEST(a_command_is_an_array_of_counted_strings)
{
	const char *argv[] = { "SET", "", "a\0b\r\n" };
	const size_t lens[] = { 3, 0, 5 };
	static const char bytes[] = "*3\r\n$3\r\nSET\r\n$0\r\n\r\n"
				    "$5\r\na\0b\r\n\r\n";

	ck_assert_int_eq(redis_put(&out, 3, argv, lens), 0);
	expect_out(bytes, sizeof(bytes) - 1);
}
END_TEST

START_TEST(an_argument_of_a_thousand_bytes_has_its_length_in_decimal)
{
	static char big[1235];
	const char *argv[] = { big };

	memset(big, 'x', 1234);
	ck_assert_int_eq(redis_put(&out, 1, argv, NULL), 0);
	ck_assert_uint_eq(buf_len(&out), 4 + 7 + 1234 + 2);
	ck_assert_mem_eq(buf_head(&out), "*1\r\n$1234\r\nx", 12);
}
END_TEST

START_TEST(a_command_that_does_not_fit_is_not_begun)
{
	static char big[200];
	const char *argv[] = { "SET", "k", big };

	memset(big, 'x', sizeof(big) - 1);
	buf_init(&out, 64);
	ck_assert_int_eq(redis_put(&out, 3, argv, NULL), -ENOBUFS);
	ck_assert_uint_eq(buf_len(&out), 0);
}
END_TEST

START_TEST(a_script_goes_by_its_digest_or_as_source)
{
	static const struct redis_script s = {
		.source = "return 1",
		.sha = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db",
	};
	const char *argv[] = { "key", "arg" };
	static const char tail[] = "$1\r\n1\r\n$3\r\nkey\r\n$3\r\narg\r\n";
	char bytes[256];

	struct redis_args *a = redis_args_create(1, 2, argv, NULL);
	ck_assert_ptr_nonnull(a);

	ck_assert_int_eq(redis_put_eval(&out, &s, a, true), 0);
	size_t n = (size_t)snprintf(bytes, sizeof(bytes),
				    "*5\r\n$7\r\nEVALSHA\r\n$40\r\n%s\r\n%s",
				    s.sha, tail);
	expect_out(bytes, n);
	buf_consume(&out, n);

	ck_assert_int_eq(redis_put_eval(&out, &s, a, false), 0);
	n = (size_t)snprintf(bytes, sizeof(bytes),
			     "*5\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n%s", tail);
	expect_out(bytes, n);
	redis_args_destroy(a);
}
END_TEST

START_TEST(the_build_embeds_a_script_as_it_is_and_knows_its_digest)
{
	/* With backslashes, quotes and a comment. */
	const struct redis_script *s =
		_i ? &record_rename_lua : &presence_online_lua;
	unsigned char digest[SHA_DIGEST_LENGTH];
	char hex[sizeof(s->sha)];

	SHA1((const unsigned char *)s->source, strlen(s->source), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	ck_assert_str_eq(s->sha, hex);
}
END_TEST

START_TEST(replies_are_parsed_byte_by_byte)
{
	static const char bytes[] = "*6\r\n:-7\r\n$3\r\na\0b\r\n+OK\r\n$-1\r\n"
				    "*0\r\n-ERR no\r\n";
	struct redis_reply *r = parse(bytes, sizeof(bytes) - 1);
	size_t len;

	ck_assert_int_eq(redis_kind(r), REDIS_ARRAY);
	ck_assert_uint_eq(redis_len(r), 6);
	ck_assert_int_eq(redis_int(redis_at(r, 0)), -7);
	ck_assert_ptr_null(redis_str(redis_at(r, 0), &len));
	ck_assert_uint_eq(len, 0);
	ck_assert_mem_eq(redis_str(redis_at(r, 1), &len), "a\0b", 4);
	ck_assert_uint_eq(len, 3);
	ck_assert_int_eq(redis_int(redis_at(r, 1)), 0);
	ck_assert_str_eq(redis_str(redis_at(r, 2), NULL), "OK");
	ck_assert_int_eq(redis_kind(redis_at(r, 3)), REDIS_NIL);
	ck_assert_uint_eq(redis_len(redis_at(r, 4)), 0);
	ck_assert_int_eq(redis_kind(redis_at(r, 5)), REDIS_ERROR);
	ck_assert_ptr_null(redis_at(r, 6));
	redis_reply_free(r);
}
END_TEST

START_TEST(an_error_is_known_by_its_first_word)
{
	struct redis_reply *r = parse("-NOSCRIPT No matching\r\n", 23);
	char code[REDIS_CODE_MAX];

	ck_assert(redis_error_is(r, "NOSCRIPT"));
	ck_assert(!redis_error_is(r, "NOSCRIPTS"));
	ck_assert(!redis_error_is(r, "NO"));
	ck_assert(!redis_unavailable(r));
	redis_error_code(r, code);
	ck_assert_str_eq(code, "NOSCRIPT");
	redis_reply_free(r);

	r = parse("-LOADING\r\n", 10);
	ck_assert(redis_error_is(r, "LOADING"));
	ck_assert(redis_unavailable(r));
	redis_reply_free(r);

	r = parse("+READONLY x\r\n", 13);
	ck_assert(!redis_unavailable(r));
	redis_error_code(r, code);
	ck_assert_str_eq(code, "");
	redis_reply_free(r);

	r = parse("-ABCDEFGHIJKLMNOPQRSTUVWXYZABC\r\n", 32);
	redis_error_code(r, code);
	ck_assert_uint_eq(strlen(code), REDIS_CODE_MAX - 1);
	redis_reply_free(r);
}
END_TEST

START_TEST(a_reply_beyond_the_budget_is_refused)
{
	static const char *const bad[] = {
		"*2147483647\r\n",
		"*1000000\r\n",
		"*-2\r\n",
		"$-2\r\n",
		"?\r\n",
		":1x\r\n",
		"*99999999999999999999\r\n",
	};
	struct redis_reply *reply;

	ck_assert_int_eq(redis_reader_feed(&reader, bad[_i], strlen(bad[_i])),
			 0);
	ck_assert_int_eq(redis_reader_next(&reader, &reply), -EPROTO);
}
END_TEST

START_TEST(many_small_elements_use_up_the_budget_too)
{
	struct redis_reply *reply = NULL;
	int r = 0;

	ck_assert_int_eq(redis_reader_feed(&reader, "*50000\r\n", 8), 0);
	for (int i = 0; i < 50000 && r == 0; i++) {
		ck_assert_int_eq(redis_reader_feed(&reader, ":1\r\n", 4), 0);
		r = redis_reader_next(&reader, &reply);
	}
	ck_assert_int_eq(r, -EPROTO);
}
END_TEST

START_TEST(the_budget_is_per_reply)
{
	static char bytes[100000];
	struct redis_reply *reply;

	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, "+", 1);
	memcpy(bytes + sizeof(bytes) - 2, "\r\n", 2);
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(
			redis_reader_feed(&reader, bytes, sizeof(bytes)), 0);
		ck_assert_int_eq(redis_reader_next(&reader, &reply), 1);
		redis_reply_free(reply);
	}
}
END_TEST

START_TEST(a_line_without_end_is_not_buffered_without_end)
{
	static char bytes[65536];
	struct redis_reply *reply;
	int r = 0;

	memset(bytes, 'x', sizeof(bytes));
	ck_assert_int_eq(redis_reader_feed(&reader, "+", 1), 0);
	for (int i = 0; i < 17 && r == 0; i++) {
		r = redis_reader_feed(&reader, bytes, sizeof(bytes));
		if (r == 0)
			ck_assert_int_eq(redis_reader_next(&reader, &reply), 0);
	}
	ck_assert_int_eq(r, -EMSGSIZE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("redis_resp");
	TCase *t = tcase_create("resp");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_command_is_an_array_of_counted_strings);
	tcase_add_test(
		t, an_argument_of_a_thousand_bytes_has_its_length_in_decimal);
	tcase_add_test(t, a_command_that_does_not_fit_is_not_begun);
	tcase_add_test(t, a_script_goes_by_its_digest_or_as_source);
	tcase_add_loop_test(
		t, the_build_embeds_a_script_as_it_is_and_knows_its_digest, 0,
		2);
	tcase_add_test(t, replies_are_parsed_byte_by_byte);
	tcase_add_test(t, an_error_is_known_by_its_first_word);
	tcase_add_loop_test(t, a_reply_beyond_the_budget_is_refused, 0, 7);
	tcase_add_test(t, many_small_elements_use_up_the_budget_too);
	tcase_add_test(t, the_budget_is_per_reply);
	tcase_add_test(t, a_line_without_end_is_not_buffered_without_end);
	suite_add_tcase(s, t);

	SRunner *run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	int failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
