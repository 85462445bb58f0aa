/*
 * unit: what every unit test needs: Check, hex, and a main().
 */
#pragma once

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/attr.h"

enum { UNIT_TIMEOUT_S = 240 };

/* Decodes HEX into OUT, which has room for MAX bytes; returns the length. */
static inline size_t unhex(const char *hex, void *out, size_t max)
{
	size_t n = strlen(hex) / 2;

	ck_assert_uint_eq(strlen(hex) % 2, 0);
	ck_assert_uint_le(n, max);
	for (size_t i = 0; i < n; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
		char *end;
		((uint8_t *)out)[i] = (uint8_t)strtoul(two, &end, 16);
		ck_assert_msg(*end == '\0', "not hex: %s", two);
	}
	return n;
}

/* DATA as hex, in a buffer that the next call overwrites. */
static inline const char *tohex(const void *data, size_t len)
{
	static char out[8192];

	ck_assert_uint_lt(2 * len, sizeof(out));
	out[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", ((const uint8_t *)data)[i]);
	return out;
}

static inline int unit_run(const char *name, const TTest *const *tests,
			   size_t n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, UNIT_TIMEOUT_S);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* UNIT_MAIN("addr", test_a, test_b): the main() of a test program. */
#define UNIT_MAIN(name, ...)                                                   \
	int main(void)                                                         \
	{                                                                      \
		const TTest *const tests[] = { __VA_ARGS__ };                  \
		return unit_run(name, tests, ARRAY_LEN(tests));                \
	}
