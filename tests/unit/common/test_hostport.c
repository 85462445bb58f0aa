#include "common/base/hostport.h"

#include "tests/unit/unit.h"

START_TEST(every_entry_is_judged_and_named)
{
	static const struct {
		const char *entry;
		enum hostport_verdict verdict;
		const char *why; /* a part of it */
	} rows[] = {
		{ "relay.example.com", HOSTPORT_OK, "" },
		{ "relay.example.com:21117", HOSTPORT_OK, "" },
		{ "RELAY_1.example.com:1", HOSTPORT_OK, "" },
		{ "r\xc3\xa9seau.example", HOSTPORT_OK, "" },
		{ "203.0.113.7", HOSTPORT_OK, "" },
		{ "203.0.113.7:65535", HOSTPORT_OK, "" },
		{ "192.168.1.7", HOSTPORT_OK, "" },
		{ "2001:db8::7", HOSTPORT_OK, "" },
		{ "[2001:db8::7]", HOSTPORT_OK, "" },
		{ "[2001:db8::7]:21117", HOSTPORT_OK, "" },
		{ "localhost", HOSTPORT_DOUBT, "itself" },
		{ "LocalHost:21117", HOSTPORT_DOUBT, "itself" },
		{ "127.0.0.1:21117", HOSTPORT_DOUBT, "itself" },
		{ "[::1]:21117", HOSTPORT_DOUBT, "itself" },
		{ "0.0.0.0", HOSTPORT_DOUBT, "anybody" },
		{ "[::]:21117", HOSTPORT_DOUBT, "anybody" },
		{ "hbbr", HOSTPORT_DOUBT, "container" },
		{ "hbbr:21117", HOSTPORT_DOUBT, "container" },
		{ "", HOSTPORT_BAD, "empty" },
		{ "https://relay.example.com", HOSTPORT_BAD, "scheme" },
		{ "tcp://203.0.113.7:21117", HOSTPORT_BAD, "scheme" },
		{ "relay.example.com/", HOSTPORT_BAD, "path" },
		{ "\"relay.example.com\"", HOSTPORT_BAD, "quotes" },
		{ "'relay.example.com", HOSTPORT_BAD, "quotes" },
		{ "a.example;b.example", HOSTPORT_BAD, "semicolon" },
		{ "a.example b.example", HOSTPORT_BAD, "blank" },
		{ "me@relay.example.com", HOSTPORT_BAD, "@" },
		{ "relay.example.com:0", HOSTPORT_BAD, "65535" },
		{ "relay.example.com:65536", HOSTPORT_BAD, "65535" },
		{ "relay.example.com:", HOSTPORT_BAD, "65535" },
		{ "relay.example.com:x", HOSTPORT_BAD, "65535" },
		{ "[2001:db8::7]:99999999999999", HOSTPORT_BAD, "65535" },
		{ "[2001:db8::7", HOSTPORT_BAD, "neither" },
		{ "203.0.113.256", HOSTPORT_BAD, "neither" },
		{ "203.0.113", HOSTPORT_BAD, "neither" },
		{ "relay..example.com", HOSTPORT_BAD, "neither" },
		{ "relay.exa%mple.com", HOSTPORT_BAD, "neither" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char list[128];
		const char *at = list;
		struct hostport e;
		snprintf(list, sizeof list, " %s ,", rows[i].entry);
		ck_assert(hostport_next(&at, &e));
		ck_assert_str_eq(e.text, rows[i].entry);
		ck_assert_msg(e.verdict == rows[i].verdict, "%s",
			      rows[i].entry);
		ck_assert_msg(strstr(e.why, rows[i].why), "%s: %s",
			      rows[i].entry, e.why);
		ck_assert(!hostport_next(&at, &e));
	}
}
END_TEST

START_TEST(the_first_bad_entry_of_a_list_is_found)
{
	struct hostport e;
	char longest[400];

	ck_assert(!hostport_bad("", &e));
	ck_assert(!hostport_bad("a.example, hbbr ,203.0.113.7:1", &e));
	ck_assert(hostport_bad("a.example,,b.example", &e));
	ck_assert_str_eq(e.text, "");
	ck_assert(hostport_bad("a.example,b.example:70000,x;y", &e));
	ck_assert_str_eq(e.text, "b.example:70000");
	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	ck_assert(hostport_bad(longest, &e));
	ck_assert_uint_eq(strlen(e.text), HOSTPORT_TEXT - 1);
}
END_TEST

START_TEST(addresses_of_this_machine_are_judged)
{
	static const struct {
		const char *text;
		bool alone, with_port; /* are good */
	} rows[] = {
		{ "10.0.0.7", true, true },
		{ "0.0.0.0", true, true },
		{ "::", true, true },
		{ "[2001:db8::7]", true, true },
		{ "10.0.0.7:21122", false, true },
		{ "[2001:db8::7]:21122", false, true },
		{ "10.0.0.7:0", true, true }, /* no port */
		{ "10.0.0.7:70000", false, false },
		{ "eth0", false, false },
		{ "relay.example", false, false },
		{ "10.0.0.0/8", false, false },
		{ "10.0.0.7,10.0.0.8", false, false },
	};
	struct hostport e;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		hostport_address(rows[i].text, false, &e);
		ck_assert_msg((e.verdict == HOSTPORT_OK) == rows[i].alone, "%s",
			      rows[i].text);
		ck_assert_str_eq(e.text, rows[i].text);
		ck_assert((e.why[0] == '\0') == rows[i].alone);
		hostport_address(rows[i].text, true, &e);
		ck_assert_msg((e.verdict == HOSTPORT_OK) == rows[i].with_port,
			      "%s", rows[i].text);
	}
}
END_TEST

UNIT_MAIN("hostport", every_entry_is_judged_and_named,
	  the_first_bad_entry_of_a_list_is_found,
	  addresses_of_this_machine_are_judged)
