#include "services/hbbr/edge/meshaddr.h"
#include "tests/unit/unit.h"

/* What is announced, "" for nothing; SEEN NULL: no connection to Redis. */
static const char *announced(const char *address, const char *bind,
			     const char *seen)
{
	static char text[ADDR_TEXT_MAX];
	struct meshaddr_cfg c = { address, bind, 21122 };
	struct addr end, out;

	if (seen)
		ck_assert_int_eq(addr_parse(seen, 40000, &end), 0);
	if (!meshaddr_pick(&c, seen ? &end : NULL, &out))
		return "";
	return addr_format(&out, text);
}

START_TEST(bound_to_all_it_is_the_address_towards_redis)
{
	ck_assert_str_eq(announced("", "", "10.0.0.7"), "10.0.0.7:21122");
	ck_assert_str_eq(announced("", "0.0.0.0", "10.0.0.7"),
			 "10.0.0.7:21122");
	ck_assert_str_eq(announced("", "::", "fd00::7"), "[fd00::7]:21122");
	ck_assert_str_eq(announced("", "", NULL), "");
}
END_TEST

START_TEST(bound_to_one_address_it_is_that_one)
{
	ck_assert_str_eq(announced("", "10.9.0.7", "10.0.0.7"),
			 "10.9.0.7:21122");
	ck_assert_str_eq(announced("", "fd00::9", NULL), "[fd00::9]:21122");
}
END_TEST

START_TEST(what_is_set_goes_first)
{
	ck_assert_str_eq(announced("192.0.2.7:99", "10.9.0.7", "10.0.0.7"),
			 "192.0.2.7:99");
	ck_assert_str_eq(announced("192.0.2.7", "", NULL), "192.0.2.7:21122");
}
END_TEST

START_TEST(a_port_on_loopback_is_not_announced_to_other_machines)
{
	ck_assert_str_eq(announced("", "127.0.0.1", "10.0.0.7"), "");
	ck_assert_str_eq(announced("", "127.0.0.1", "127.0.0.1"), "");
	ck_assert_str_eq(announced("", "::1", "fd00::7"), "");
	ck_assert_str_eq(announced("10.0.0.7", "127.0.0.1", "10.0.0.7"), "");
	ck_assert_str_eq(announced("127.0.0.1", "127.0.0.1", "10.0.0.7"),
			 "127.0.0.1:21122");
}
END_TEST

START_TEST(without_a_port_there_is_nothing)
{
	struct meshaddr_cfg c = { "10.0.0.7", "10.0.0.7", 0 };
	struct addr out;

	ck_assert(!meshaddr_pick(&c, NULL, &out));
}
END_TEST

UNIT_MAIN("meshaddr", bound_to_all_it_is_the_address_towards_redis,
	  bound_to_one_address_it_is_that_one, what_is_set_goes_first,
	  a_port_on_loopback_is_not_announced_to_other_machines,
	  without_a_port_there_is_nothing)
