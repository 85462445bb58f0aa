#include "../unit.h"

#include <errno.h>

#include "common/site/bans.h"

static struct bans bans;

static void read_all(const char *answer, uint64_t now_ms)
{
	ck_assert_int_eq(bans_read(&bans, answer, now_ms), 1);
}

static bool address(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(text, 0, &a), 0);
	return bans_address(&bans, &a);
}

static bool device(const char *id)
{
	return bans_device(&bans, id, strlen(id));
}

START_TEST(addresses_networks_and_devices_of_the_answer_are_banned)
{
	ck_assert(!bans_any(&bans) && !address("203.0.113.9"));
	read_all("r1\naddress 203.0.113.0/24 0\ndevice 123456789 0\n"
		 "address 198.51.100.7 60\naddress 2001:db8::/32 0\n"
		 "device 9-z 5",
		 1000);
	ck_assert_str_eq(bans.rev, "r1");
	ck_assert(address("203.0.113.9") && address("::ffff:203.0.113.255"));
	ck_assert(!address("203.0.114.1"));
	ck_assert(address("198.51.100.7") && !address("198.51.100.8"));
	ck_assert(address("2001:db8:1::1") && !address("2001:db9::1"));
	ck_assert(device("123456789") && device("9-z"));
	ck_assert(!device("12345678") && !device("1234567890") && !device(""));
	bans_fini(&bans);
}
END_TEST

START_TEST(an_answer_without_change_or_without_sense_leaves_the_table)
{
	char longest[2 * BANS_REV_MAX];

	read_all("r1\ndevice 123456789 0", 0);
	ck_assert_int_eq(bans_read(&bans, "", 0), 0);
	ck_assert_int_eq(bans_read(&bans, "\ndevice 1 0", 0), -EINVAL);
	memset(longest, 'r', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(bans_read(&bans, longest, 0), -EINVAL);
	ck_assert(device("123456789"));
	ck_assert_str_eq(bans.rev, "r1");
	/* Rows that a later version may write are left out. */
	read_all("r2\nperson anna 0\naddress x 0\ndevice 7 soon\ndevice\n"
		 "device 8 0\naddress 10.0.0.0/8",
		 0);
	ck_assert_uint_eq(bans.nids, 1);
	ck_assert_uint_eq(bans.nets.n, 0);
	ck_assert(device("8"));
	read_all("r3", 0);
	ck_assert(!bans_any(&bans));
	bans_fini(&bans);
}
END_TEST

START_TEST(a_ban_for_a_time_ends_by_the_nodes_own_clock)
{
	read_all("r\naddress 192.0.2.1 10\naddress 192.0.2.2 20\n"
		 "address 192.0.2.3 0\ndevice aa 10\ndevice bb 0",
		 5000);
	ck_assert(!bans_expire(&bans, 14999));
	ck_assert(address("192.0.2.1") && device("aa"));
	ck_assert(bans_expire(&bans, 15000));
	ck_assert(!address("192.0.2.1") && address("192.0.2.2"));
	ck_assert(!device("aa") && device("bb"));
	ck_assert(!bans_expire(&bans, 24999));
	ck_assert(bans_expire(&bans, 25000));
	ck_assert(!address("192.0.2.2") && address("192.0.2.3"));
	ck_assert(!bans_expire(&bans, UINT64_MAX - 1));
	ck_assert(device("bb"));
	bans_fini(&bans);
}
END_TEST

START_TEST(there_are_so_many_bans_and_one_more_is_left_out)
{
	enum { LINE = 40 };
	char *text = malloc((BANS_MAX + 2) * LINE);
	int at = sprintf(text, "r");

	for (unsigned i = 0; i <= BANS_MAX; i++)
		at += sprintf(text + at, "\naddress 10.%u.%u.%u 0",
			      i >> 16 & 255, i >> 8 & 255, i & 255);
	read_all(text, 0);
	free(text);
	ck_assert_uint_eq(bans.nets.n, BANS_MAX);
	ck_assert(address("10.0.0.0") && address("10.0.39.15"));
	ck_assert(!address("10.0.39.16"));
	bans_fini(&bans);
}
END_TEST

START_TEST(what_is_banned_has_one_way_to_be_written)
{
	static const struct {
		const char *text, *of; /* NULL: refused */
	} rows[] = {
		{ "203.0.113.9", "address 203.0.113.9" },
		{ "203.0.113.9/24", "address 203.0.113.0/24" },
		{ "203.0.113.9/32", "address 203.0.113.9" },
		{ "::ffff:203.0.113.9", "address 203.0.113.9" },
		{ "2001:DB8:0::1/32", "address 2001:db8::/32" },
		{ "0.0.0.0/0", "address 0.0.0.0/0" },
		{ "203.0.113.9/33", NULL },
		{ "203.0.113", NULL },
		{ "example.com", NULL },
		{ "", NULL },
	};
	char of[BANS_OF_MAX], id[BANS_ID_MAX + 2];
	struct cidr net;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *bad = bans_of_network(rows[i].text, &net, of);
		ck_assert_msg(!bad == !!rows[i].of, "%s", rows[i].text);
		if (rows[i].of)
			ck_assert_str_eq(of, rows[i].of);
	}
	ck_assert_ptr_null(bans_of_device("123 456" + 4, of));
	ck_assert_str_eq(of, "device 456");
	ck_assert_ptr_nonnull(bans_of_device("123 456", of));
	ck_assert_ptr_nonnull(bans_of_device("1\n", of));
	memset(id, '7', sizeof(id));
	id[BANS_ID_MAX + 1] = '\0';
	ck_assert_ptr_nonnull(bans_of_device(id, of));
	ck_assert_ptr_null(bans_of_device(id + 1, of));
}
END_TEST

UNIT_MAIN("bans", addresses_networks_and_devices_of_the_answer_are_banned,
	  an_answer_without_change_or_without_sense_leaves_the_table,
	  a_ban_for_a_time_ends_by_the_nodes_own_clock,
	  there_are_so_many_bans_and_one_more_is_left_out,
	  what_is_banned_has_one_way_to_be_written)
