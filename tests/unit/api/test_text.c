#include <errno.h>

#include "services/api/base/text.h"
#include "tests/unit/unit.h"

START_TEST(filters_follow_the_scripts_rules)
{
	static const struct {
		const char *pattern, *value;
		bool want;
	} cases[] = {
		{ NULL, "x", true },        { "", "x", true },
		{ "-", "", true },          { "-", NULL, true },
		{ "-", "-", false },        { "abc", "ABC", true },
		{ "abc", "abcd", false },   { "%b%", "abc", true },
		{ "%", "", true },          { "a%", "ba", false },
		{ "%a", "ba", true },       { "%a%b%", "xaybz", true },
		{ "%a%b", "xaybz", false }, { "a_c", "abc", false },
		{ "%%", "anything", true }, { "a%b", "ab", true },
		{ "%ab", "aab", true },     { "x", NULL, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_msg(text_like(cases[i].pattern, cases[i].value) ==
				      cases[i].want,
			      "case %zu", i);
}
END_TEST

START_TEST(a_guid_is_version_7_and_sorts_by_time)
{
	char a[GUID_TEXT], b[GUID_TEXT];

	text_guid7(1000, a);
	text_guid7(2000, b);
	ck_assert(text_is_guid(a) && text_is_guid(b));
	ck_assert_int_eq(a[14], '7');
	ck_assert_int_lt(strcmp(a, b), 0);
	ck_assert(!text_is_guid("") && !text_is_guid("x"));
	ck_assert(!text_is_guid("0197f3a2-5d0e-7c12-9a91-b1df483c60731"));
	ck_assert(!text_is_guid("0197f3a2x5d0e-7c12-9a91-b1df483c6073"));
}
END_TEST

START_TEST(times_are_utc)
{
	char text[TEXT_TIME];
	int64_t ms;

	text_time(1767225600, text);
	ck_assert_str_eq(text, "2026-01-01T00:00:00");
	ck_assert_int_eq(text_parse_time("2026-01-01 00:00:00.250", &ms), 0);
	ck_assert_int_eq(ms, 1767225600250);
	ck_assert_int_eq(text_parse_time("2026-01-01T00:00:00", &ms), 0);
	ck_assert_int_eq(text_parse_time("yesterday", &ms), -EINVAL);
	ck_assert_int_eq(text_parse_time("2026-01-01", &ms), -EINVAL);
}
END_TEST

START_TEST(base64_is_read_with_or_without_padding)
{
	uint8_t out[8];

	ck_assert_int_eq(text_unbase64("aGk=", out, sizeof(out)), 2);
	ck_assert_int_eq(text_unbase64("aGk", out, sizeof(out)), 2);
	ck_assert_int_eq(text_unbase64("", out, sizeof(out)), 0);
	ck_assert_int_lt(text_unbase64("a", out, sizeof(out)), 0);
	ck_assert_int_lt(text_unbase64("!!!!", out, sizeof(out)), 0);
	ck_assert_int_lt(text_unbase64("AAAAAAAAAAAAAAAA", out, 8), 0);
}
END_TEST

START_TEST(ids_names_and_addresses_are_bounded)
{
	char large[80];

	memset(large, 'x', 70);
	large[70] = 0;
	ck_assert(text_is_id("123456789") && text_is_id("a-b_c"));
	ck_assert(!text_is_id("") && !text_is_id("a b") && !text_is_id("a\n"));
	ck_assert(!text_is_id(large));
	ck_assert(text_is_name("Zo\xc3\xab van A", 1, 64));
	ck_assert(!text_is_name("a\tb", 1, 64) && !text_is_name("", 1, 64));
	ck_assert(text_is_email("a@b.example"));
	ck_assert(!text_is_email("a") && !text_is_email("@b"));
	ck_assert(!text_is_email("a@") && !text_is_email("a@b@c"));
	ck_assert(!text_is_email("a@b>\r\nRCPT"));
}
END_TEST

UNIT_MAIN("text", filters_follow_the_scripts_rules,
	  a_guid_is_version_7_and_sorts_by_time, times_are_utc,
	  base64_is_read_with_or_without_padding,
	  ids_names_and_addresses_are_bounded)
