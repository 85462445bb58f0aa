#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "services/api/core/framing.h"
#include "tests/unit/unit.h"

/* LINE is "name:value", as microhttpd cuts it: both in one place. */
static const char *fault_of(const char *line)
{
	struct framing f = { 0 };
	char *copy = strdup(line);
	char *value = strchr(copy, ':');

	*value++ = '\0';
	framing_header(&f, copy, value);
	free(copy);
	return framing_fault(&f);
}

START_TEST(a_header_is_taken_as_it_is)
{
	ck_assert_ptr_null(fault_of("Content-Length:2"));
	ck_assert_ptr_null(fault_of("Content-Length:0"));
	ck_assert_ptr_null(fault_of("content-length:999999999999999999"));
	ck_assert_ptr_null(fault_of("Transfer-Encoding:Chunked"));
	ck_assert_ptr_null(fault_of("X_a.b-1~:any (thing)\t\"here\""));
}
END_TEST

START_TEST(a_doubtful_header_is_named)
{
	static const char length[] = "Invalid format: length of the body";
	static const char header[] = "Invalid format: header";

	ck_assert_str_eq(fault_of("Content-Length:"), length);
	ck_assert_str_eq(fault_of("Content-Length:+2"), length);
	ck_assert_str_eq(fault_of("Content-Length:-1"), length);
	ck_assert_str_eq(fault_of("Content-Length:1 "), length);
	ck_assert_str_eq(fault_of("Content-Length:0x1"), length);
	ck_assert_str_eq(fault_of("Transfer-Encoding:identity"), length);
	ck_assert_str_eq(fault_of("Content-Length:9999999999999999999"),
			 length);
	ck_assert_str_eq(fault_of("Transfer-Encoding:gzip, chunked"), length);
	ck_assert_str_eq(fault_of("Content-Length :2"), header);
	ck_assert_str_eq(fault_of(":2"), header);
	ck_assert_str_eq(fault_of("a\tb:2"), header);
	ck_assert_str_eq(fault_of("a:2\rContent-Length: 3"), header);
}
END_TEST

START_TEST(a_name_that_was_put_together_is_refused)
{
	char where[] = "2\0Content-Length";
	struct framing f = { 0 };

	framing_header(&f, where + 2, where);
	ck_assert_str_eq(framing_fault(&f), "Invalid format: header");
}
END_TEST

START_TEST(two_ways_to_tell_the_length_are_refused)
{
	struct framing f = { 0 };
	char one[] = "Content-Length\0"
		     "2";
	char two[] = "Transfer-Encoding\0"
		     "chunked";

	framing_header(&f, one, one + 15);
	ck_assert_ptr_null(framing_fault(&f));
	framing_header(&f, two, two + 18);
	ck_assert_ptr_nonnull(framing_fault(&f));
}
END_TEST

START_TEST(a_line_has_a_length_and_a_number_of_parameters)
{
	ck_assert(framing_line_fits("/a", 2, 0));
	ck_assert(!framing_line_fits("/ab", 2, 0));
	ck_assert(framing_line_fits("/a?b&c=d", 99, 2));
	ck_assert(!framing_line_fits("/a?b&c=d", 99, 1));
	ck_assert(!framing_line_fits("/a?&&", 99, 2));
	ck_assert(framing_line_fits("/a&b&c", 99, 0));
}
END_TEST

UNIT_MAIN("framing", a_header_is_taken_as_it_is, a_doubtful_header_is_named,
	  a_name_that_was_put_together_is_refused,
	  two_ways_to_tell_the_length_are_refused,
	  a_line_has_a_length_and_a_number_of_parameters)
