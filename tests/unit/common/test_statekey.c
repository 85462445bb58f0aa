#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/statekey.h"

START_TEST(the_checksum_is_the_xmodem_one)
{
	ck_assert_uint_eq(statekey_crc16("123456789", 9), 0x31c3);
	ck_assert_uint_eq(statekey_crc16("", 0), 0);
}
END_TEST

START_TEST(keys_are_named_as_the_architecture_page_says)
{
	char key[STATEKEY_MAX];

	ck_assert_str_eq(statekey_peer("123456789", 9, key), "peer:31c3");
	ck_assert_str_eq(statekey_seen("123456789", 9, key), "seen:31c3");
	ck_assert_str_eq(statekey_node("hbbs", 0xabc, key),
			 "node:hbbs:00000abc");
	ck_assert_str_eq(statekey_bus("hbbs", 0xabc, key), "bus:hbbs:00000abc");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("statekey");
	TCase *tc = tcase_create("statekey");
	tcase_add_test(tc, the_checksum_is_the_xmodem_one);
	tcase_add_test(tc, keys_are_named_as_the_architecture_page_says);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
