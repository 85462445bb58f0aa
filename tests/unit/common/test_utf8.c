#include "common/base/utf8.h"
#include "tests/unit/unit.h"

START_TEST(characters_are_decoded)
{
	static const struct {
		const char *hex;
		uint32_t code;
	} rows[] = {
		{ "00", 0 },
		{ "41", 'A' },
		{ "7f", 0x7f },
		{ "c280", 0x80 },
		{ "c3a9", 0xe9 },
		{ "dfbf", 0x7ff },
		{ "e0a080", 0x800 },
		{ "e282ac", 0x20ac },
		{ "ed9fbf", 0xd7ff },
		{ "ee8080", 0xe000 },
		{ "efbfbf", 0xffff },
		{ "f0908080", 0x10000 },
		{ "f48fbfbf", 0x10ffff },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t bytes[8];
		uint32_t code;
		size_t len = unhex(rows[i].hex, bytes, sizeof(bytes));
		ck_assert_uint_eq(utf8_next(bytes, sizeof(bytes), &code), len);
		ck_assert_uint_eq(code, rows[i].code);
		if (len > 1)
			ck_assert_uint_eq(utf8_next(bytes, len - 1, &code), 0);
	}
}
END_TEST

START_TEST(other_bytes_are_refused)
{
	static const char *const rows[] = {
		"80",       "bf",       "c0af",     "c1bf",   "c328",
		"e08080",   "e09fbf",   "eda080",   "edbfbf", "f0808080",
		"f08fbfbf", "f4908080", "f5808080", "fe",     "ff",
		"41c3",     "4180",
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t bytes[8];
		size_t len = unhex(rows[i], bytes, sizeof(bytes));
		ck_assert_msg(!utf8_valid(bytes, len), "%s", rows[i]);
	}
}
END_TEST

START_TEST(a_text_is_valid_to_its_end)
{
	ck_assert(utf8_valid((const uint8_t *)"", 0));
	ck_assert(utf8_valid((const uint8_t *)"caf\xc3\xa9 \xe2\x82\xac", 9));
	ck_assert(!utf8_valid((const uint8_t *)"caf\xc3\xa9 \xe2\x82", 8));
}
END_TEST

UNIT_MAIN("utf8", characters_are_decoded, other_bytes_are_refused,
	  a_text_is_valid_to_its_end)
