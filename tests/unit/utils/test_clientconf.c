#include <errno.h>

#include "services/utils/client/clientconf.h"
#include "tests/unit/unit.h"

static const char *encoded(struct clientconf c)
{
	static char out[CLIENTCONF_TEXT_MAX];

	ck_assert_int_eq(clientconf_encode(&c, out), 0);
	return out;
}

/* Spec 5.4. */
START_TEST(the_strings_of_the_specification_are_made)
{
	ck_assert_str_eq(
		encoded((struct clientconf){
			.host = "1.1.1.1",
			.key = "5Qbwsde3unUcJBtrx9ZkvUmwFNoExHzpryHuPUdqlWM=",
		}),
		"0nI900VsFHZVBVdIlncwpHS4V0bOZ0dtVldrpVO4JHdCp0YV5WdzUGZzdnYRV"
		"jI6ISeltmIsISMuEjLx4SMiojI0N3boJye");
	ck_assert_str_eq(
		encoded((struct clientconf){
			.host = "hbbs.example.com",
			.relay = "",
			.api = "https://hbbs.example.com",
			.key = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
		}),
		"Qfi0zZi1kVKJkWHlHZIZWMRBnYDpWMrZ2VtFkdwUTWw40YkRDTF9EUvYHSFZT"
		"QiojI5V2aiwiIt92YuUGbw1WY4VmLzJmYo9yL6MHc0RHaiojIpBXYiwiIiojI"
		"5FGblJnIsISbvNmLlxGctFGel5yciJGaiojI0N3boJye");
}
END_TEST

static const char *file_name(struct clientconf c)
{
	static char out[CLIENTCONF_TEXT_MAX];

	ck_assert_int_eq(clientconf_file_name(&c, out), 0);
	return out;
}

START_TEST(a_file_name_is_plain_where_it_can_be)
{
	ck_assert_str_eq(
		file_name((struct clientconf){ .host = "server.example.net",
					       .key = "Zm9v==",
					       .relay = "r.example.net" }),
		"rustdesk-host=server.example.net,key=Zm9v==,"
		"relay=r.example.net,.exe");
	ck_assert_str_eq(file_name((struct clientconf){ .host = "1.1.1.1" }),
			 "rustdesk-host=1.1.1.1,.exe");
}
END_TEST

START_TEST(a_file_name_holds_the_string_where_it_must)
{
	static const char *const hosts[] = { "a.example:21116",
					     "[2001:db8::1]" };

	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		struct clientconf c = { .host = hosts[i] };
		char want[CLIENTCONF_TEXT_MAX];
		snprintf(want, sizeof(want), "rustdesk-licensed-%s.exe",
			 encoded(c));
		ck_assert_str_eq(file_name(c), want);
	}
}
END_TEST

START_TEST(unusable_values_are_named)
{
	struct clientconf c = { .host = "a.example", .key = "k" };

	ck_assert_ptr_null(clientconf_problem(&c));
	c.host = "a b";
	ck_assert_ptr_nonnull(strstr(clientconf_problem(&c), "host"));
	c.host = "";
	ck_assert_ptr_nonnull(strstr(clientconf_problem(&c), "host"));
	c.host = "a.example";
	c.relay = "r,key=x";
	ck_assert_ptr_nonnull(strstr(clientconf_problem(&c), "relay"));
	c.relay = NULL;
	c.api = "https://\n";
	ck_assert_ptr_nonnull(strstr(clientconf_problem(&c), "API"));
	c.api = NULL;
	c.key = "\"";
	ck_assert_ptr_nonnull(strstr(clientconf_problem(&c), "key"));
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
	static char host[CLIENTCONF_TEXT_MAX];
	char out[CLIENTCONF_TEXT_MAX];
	struct clientconf c = { .host = host };

	memset(host, 'x', sizeof(host) - 1);
	ck_assert_int_eq(clientconf_encode(&c, out), -E2BIG);
	ck_assert_int_eq(clientconf_file_name(&c, out), -E2BIG);
	host[1500] = '\0';
	ck_assert_int_eq(clientconf_encode(&c, out), 0);
}
END_TEST

UNIT_MAIN("clientconf", the_strings_of_the_specification_are_made,
	  a_file_name_is_plain_where_it_can_be,
	  a_file_name_holds_the_string_where_it_must, unusable_values_are_named,
	  what_is_too_long_is_refused)
