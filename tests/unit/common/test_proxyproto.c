#include <errno.h>

#include "common/proto/proxyproto.h"
#include "tests/unit/unit.h"

#define MAGIC "0d0a0d0a000d0a515549540a"
#define V4                                                                     \
	"01020304"                                                             \
	"0a000001"                                                             \
	"1388"                                                                 \
	"527c"
#define V6                                                                     \
	"20010db8000000000000000000000001"                                     \
	"20010db8000000000000000000000002"                                     \
	"1388"                                                                 \
	"527c"

static int parse_text(const char *text, struct addr *client, bool *local)
{
	return proxyproto_parse((const uint8_t *)text, strlen(text), client,
				local);
}

static const char *text_of(const struct addr *a)
{
	static char text[ADDR_TEXT_MAX];

	return addr_format(a, text);
}

START_TEST(version_1_lines_name_the_client)
{
	static const struct {
		const char *line, *client;
	} rows[] = {
		{ "PROXY TCP4 1.2.3.4 10.0.0.1 5000 21116\r\n",
		  "1.2.3.4:5000" },
		{ "PROXY TCP6 2001:db8::1 2001:db8::2 5000 21116\r\n",
		  "[2001:db8::1]:5000" },
		{ "PROXY TCP6 ::ffff:1.2.3.4 ::1 5000 21116\r\n",
		  "1.2.3.4:5000" },
		{ "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
		  "255.255.255.255:65535" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char with_data[256];
		struct addr a;
		bool local = true;
		int n = (int)strlen(rows[i].line);

		snprintf(with_data, sizeof(with_data), "%sdata", rows[i].line);
		ck_assert_int_eq(parse_text(with_data, &a, &local), n);
		ck_assert_str_eq(text_of(&a), rows[i].client);
		ck_assert(!local);
		for (int len = 0; len < n; len++)
			ck_assert_int_eq(
				proxyproto_parse((const uint8_t *)with_data,
						 (size_t)len, &a, &local),
				0);
	}
}
END_TEST

START_TEST(version_1_unknown_tells_nothing)
{
	struct addr a = { .port = 7 };
	bool local = false;

	ck_assert_int_eq(parse_text("PROXY UNKNOWN\r\n", &a, &local), 15);
	ck_assert(local);
	local = false;
	ck_assert_int_gt(parse_text("PROXY UNKNOWN ff ff 1 2\r\n", &a, &local),
			 0);
	ck_assert(local);
	ck_assert_uint_eq(a.port, 7);
}
END_TEST

START_TEST(other_texts_are_no_header)
{
	static const char *const rows[] = {
		"GET / HTTP/1.1\r\n",
		"proxy TCP4 1.2.3.4 10.0.0.1 5000 21116\r\n",
		"PROXY\r\n",
		"PROXY \r\n",
		"PROXY TCP4\r\n",
		"PROXY TCP5 1.2.3.4 10.0.0.1 5000 21116\r\n",
		"PROXY TCP4 1.2.3.4 10.0.0.1 5000\r\n",
		"PROXY TCP4 1.2.3.4 10.0.0.1 5000 21116 x\r\n",
		"PROXY TCP4 1.2.3.4  10.0.0.1 5000 21116\r\n",
		"PROXY TCP4 1.2.3.4 10.0.0.1 5000 21116\n",
		"PROXY TCP4 1.2.3.4 10.0.0.1 65536 21116\r\n",
		"PROXY TCP4 1.2.3.4 10.0.0.1 -1 21116\r\n",
		"PROXY TCP4 1.2.3.4 10.0.0.1  21116\r\n",
		"PROXY TCP4 1.2.3.4:9 10.0.0.1 5000 21116\r\n",
		"PROXY TCP4 2001:db8::1 2001:db8::2 5000 21116\r\n",
		"PROXY TCP6 1.2.3.4 10.0.0.1 5000 21116\r\n",
		"PROXY TCP6 [::1] [::1] 5000 21116\r\n",
		"PROXY TCP4 host 10.0.0.1 5000 21116\r\n",
		("PROXY TCP4 111111111111111111111111111111111111111111111111"
		 "1111111111111111111111111111111111111111111111111111111111"),
		"\r\n\r\nX",
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a;
		bool local;
		ck_assert_msg(parse_text(rows[i], &a, &local) == -EPROTO, "%s",
			      rows[i]);
	}
}
END_TEST

START_TEST(version_2_headers_name_the_client)
{
	static const struct {
		const char *hex, *client;
	} rows[] = {
		{ MAGIC "2111000c" V4, "1.2.3.4:5000" },
		{ MAGIC "21120010" V4 "aabbccdd", "1.2.3.4:5000" },
		{ MAGIC "21210024" V6, "[2001:db8::1]:5000" },
		{ MAGIC "21210027" V6 "040000", "[2001:db8::1]:5000" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t bytes[128] = { 0 };
		size_t n = unhex(rows[i].hex, bytes, sizeof(bytes));
		struct addr a;
		bool local = true;

		ck_assert_int_eq(proxyproto_parse(bytes, n + 9, &a, &local),
				 (int)n);
		ck_assert_str_eq(text_of(&a), rows[i].client);
		ck_assert(!local);
		for (size_t len = 0; len < n; len++)
			ck_assert_int_eq(
				proxyproto_parse(bytes, len, &a, &local), 0);
	}
}
END_TEST

START_TEST(version_2_local_and_unix_tell_nothing)
{
	static const char *const rows[] = {
		MAGIC "20000000",
		MAGIC "2011000c" V4,
		MAGIC "21000000",
		MAGIC "21310002aabb",
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t bytes[64];
		size_t n = unhex(rows[i], bytes, sizeof(bytes));
		struct addr a = { .port = 7 };
		bool local = false;

		ck_assert_int_eq(proxyproto_parse(bytes, n, &a, &local),
				 (int)n);
		ck_assert(local);
		ck_assert_uint_eq(a.port, 7);
	}
}
END_TEST

START_TEST(bad_version_2_headers_are_refused)
{
	static const char *const rows[] = {
		MAGIC "1111000c" V4, /* version 1 in binary */
		MAGIC "2211000c" V4, /* unknown command */
		MAGIC "2111000b" V4, /* too short for its family */
		MAGIC "21210023" V6,
		MAGIC "21110209", /* longer than we wait for */
		MAGIC "2111ffff",
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t bytes[128];
		size_t n = unhex(rows[i], bytes, sizeof(bytes));
		struct addr a;
		bool local;

		ck_assert_msg(proxyproto_parse(bytes, n, &a, &local) == -EPROTO,
			      "%s", rows[i]);
	}
}
END_TEST

UNIT_MAIN("proxyproto", version_1_lines_name_the_client,
	  version_1_unknown_tells_nothing, other_texts_are_no_header,
	  version_2_headers_name_the_client,
	  version_2_local_and_unix_tell_nothing,
	  bad_version_2_headers_are_refused)
