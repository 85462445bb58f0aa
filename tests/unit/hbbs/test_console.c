#include "../unit.h"

#include "services/hbbs/edge/command.h"
#include "services/hbbs/state/ipchange.h"
#include "world.h"

enum { REPLY_MAX = 65536 };

static char reply[REPLY_MAX + 1];

static const char *run(struct world *w, const char *line)
{
	char copy[REPLY_MAX];
	struct buf out;

	strcpy(copy, line);
	buf_init(&out, REPLY_MAX);
	ck_assert_int_eq(command_run(&w->nodes[0], copy, w->now, &out), 0);
	if (buf_len(&out) > 0)
		memcpy(reply, buf_head(&out), buf_len(&out));
	reply[buf_len(&out)] = '\0';
	buf_fini(&out);
	return reply;
}

START_TEST(relays_are_listed_and_replaced)
{
	struct world *w = world_create();

	ck_assert_str_eq(run(w, "rs"), "relay.example.net\n");
	ck_assert_str_eq(run(w, "relay-servers a.example:1,b.example\n"), "");
	ck_assert_str_eq(run(w, "rs\r\n"), "a.example:1\nb.example\n");
	ck_assert_str_eq(run(w, "rs a.example,,b"), "'' is empty\n");
	ck_assert_str_eq(run(w, "rs a.example,b.example:0"),
			 "'b.example:0' has a port that is not 1 to 65535\n");
	ck_assert_str_eq(run(w, "rs"), "a.example:1\nb.example\n");
	ck_assert_ptr_nonnull(strstr(run(w, "rs a.example:1,localhost"),
				     "warning: 'localhost' is this machine"));
	ck_assert_str_eq(run(w, "rs"), "a.example:1\nlocalhost\n");
	run(w, "rs a.example:1,b.example");
	ck_assert_str_eq(run(w, "tg 1.2.3.4"), "\"a.example:1\"");
	ck_assert_str_eq(run(w, "tg junk"), "not an address\n");
	world_destroy(w);
}
END_TEST

START_TEST(always_use_relay_is_shown_and_set_and_keeps_the_relays)
{
	struct world *w = world_create();

	ck_assert_str_eq(run(w, "aur"), "ALWAYS_USE_RELAY: false\n");
	ck_assert_str_eq(run(w, "aur Y"), "");
	ck_assert_str_eq(run(w, "always-use-relay"),
			 "ALWAYS_USE_RELAY: true\n");
	ck_assert_str_eq(run(w, "rs"), "relay.example.net\n");
	run(w, "aur N");
	ck_assert_str_eq(run(w, "aur"), "ALWAYS_USE_RELAY: false\n");
	world_destroy(w);
}
END_TEST

START_TEST(registrations_are_counted_by_address)
{
	struct world *w = world_create();

	register_udp(w, 0, "203.0.113.7:1", "123456789", "u", 1);
	register_udp(w, 0, "203.0.113.7:2", "123456780", "u", 1);
	world_wait(w, 5000);
	ck_assert_str_eq(run(w, "ib"), "1\n203.0.113.7: 1/5s 1/5s\n");
	ck_assert_str_eq(run(w, "ib 203.0.113.7"), "1/5s 1/5s\n");
	ck_assert_str_eq(run(w, "ib 203.0.113.7 -"), "");
	ck_assert_str_eq(run(w, "ib"), "0\n");
	ck_assert_str_eq(run(w, "ib nonsense"), "not an address\n");
	world_destroy(w);
}
END_TEST

START_TEST(peers_that_change_addresses_are_listed)
{
	struct world *w = world_create();

	register_udp(w, 0, "203.0.113.7:1", "123456789", "u", 1);
	register_udp(w, 0, "203.0.113.8:1", "123456789", "u", 1);
	register_udp(w, 0, "203.0.113.9:1", "123456789", "u", 1);
	ck_assert_str_eq(run(w, "ic"), "1\n123456789: 0s {203.0.113.8: 1, "
				       "203.0.113.9: 1}\n");
	ck_assert_str_eq(run(w, "ic 123456789"),
			 "123456789: 0s {203.0.113.8: 1, 203.0.113.9: 1}\n");
	ck_assert_str_eq(run(w, "ic 1"), "1\n");
	run(w, "ic 123456789 -");
	ck_assert_str_eq(run(w, "ic"), "0\n");
	world_destroy(w);
}
END_TEST

START_TEST(connection_requests_are_listed_and_cleared)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, "198.51.100.20:1");

	register_udp(w, 0, "203.0.113.7:1", "123456789", "u", 1);
	w->nodes[0].unix_s = 1700000000;
	punch(w, 0, a, "123456789");
	ck_assert_str_eq(run(w, "pr"), "2023-11-14T22:13:20Z 198.51.100.20 -> "
				       "123456789@203.0.113.7\n");
	ck_assert_str_eq(run(w, "pr 1"), "");
	ck_assert_str_eq(run(w, "pr x"), "not a number\n");
	run(w, "pr -");
	ck_assert_str_eq(run(w, "pr"), "");
	world_destroy(w);
}
END_TEST

START_TEST(anything_else_gets_the_list_of_commands)
{
	struct world *w = world_create();
	int lines = 0;

	for (const char *p = run(w, "h"); *p; p++)
		lines += *p == '\n';
	ck_assert_int_eq(lines, 7);
	ck_assert_ptr_nonnull(strstr(run(w, "nonsense"), "help(h)"));
	ck_assert_ptr_nonnull(strstr(run(w, ""), "help(h)"));
	world_destroy(w);
}
END_TEST

UNIT_MAIN("console", relays_are_listed_and_replaced,
	  always_use_relay_is_shown_and_set_and_keeps_the_relays,
	  registrations_are_counted_by_address,
	  peers_that_change_addresses_are_listed,
	  connection_requests_are_listed_and_cleared,
	  anything_else_gets_the_list_of_commands)
