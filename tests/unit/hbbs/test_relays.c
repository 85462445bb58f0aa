#include "../unit.h"

#include "services/hbbs/state/relays.h"

static struct relay_list l;

static struct relay_node node(const char *address, uint32_t sessions)
{
	struct relay_node n = { .sessions = sessions };

	strcpy(n.address, address);
	return n;
}

static void fresh(const char *named)
{
	l = (struct relay_list){ 0 };
	ck_assert_int_eq(relays_parse(&l, named), 0);
}

START_TEST(registered_relays_are_used_where_none_is_named)
{
	struct relay_node n[] = { node("a:1", 5), node("", 0), node("b", 2) };

	fresh("");
	relays_registered(&l, n, 3);
	ck_assert_uint_eq(relays_count(&l), 2);
	ck_assert_str_eq(relays_next(&l), "b");
	fresh("c");
	relays_registered(&l, n, 3);
	ck_assert_str_eq(relays_next(&l), "c");
	ck_assert_uint_eq(relays_count(&l), 1);
}
END_TEST

START_TEST(the_least_loaded_is_next_and_own_hand_outs_count)
{
	struct relay_node n[] = { node("a", 10), node("b", 7) };
	int b = 0;

	fresh("");
	relays_registered(&l, n, 2);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(relays_next(&l), "b");
	for (int i = 0; i < 10; i++)
		b += strcmp(relays_next(&l), "b") == 0;
	ck_assert_int_eq(b, 5);
	n[0].sessions = n[1].sessions = 3;
	n[0].bits_per_s = 100;
	relays_registered(&l, n, 2);
	ck_assert_str_eq(relays_next(&l), "b");
}
END_TEST

START_TEST(a_relay_that_drains_or_is_gone_is_not_handed_out)
{
	struct relay_node n[] = { node("a", 0), node("b", 9) };

	fresh("");
	n[0].draining = true;
	relays_registered(&l, n, 2);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(relays_next(&l), "b");
	relays_registered(&l, n, 1);            /* b's lease is gone */
	ck_assert_str_eq(relays_next(&l), "a"); /* rather this than none */
	/* A named one drains when its lease says so, whatever its port's
	 * spelling. */
	fresh("a:21117,b");
	relays_registered(&l, n, 2);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(relays_next(&l), "b");
}
END_TEST

START_TEST(a_check_that_fails_takes_a_registered_relay_out)
{
	struct relay_node n[] = { node("a", 0), node("b", 9) };

	fresh("");
	relays_registered(&l, n, 2);
	l.list[0].up = false;
	relays_apply(&l);
	ck_assert_str_eq(relays_next(&l), "b");
	relays_registered(&l, n, 2); /* a lease does not bring it back */
	ck_assert_str_eq(relays_next(&l), "b");
}
END_TEST

START_TEST(who_asks_again_gets_another_relay)
{
	struct relay_node n[] = { node("a", 0), node("b", 50) };
	struct relay_wish w = { .pair = 77, .now_ms = 1000 };
	struct relay_wish other = { .pair = 78, .now_ms = 1000 };

	fresh("");
	relays_registered(&l, n, 2);
	ck_assert_str_eq(relays_choose(&l, &w), "a");
	ck_assert_str_eq(relays_choose(&l, &other), "a");
	ck_assert_str_eq(relays_choose(&l, &w), "b");
	w.now_ms += RELAYS_AVOID_MS;
	ck_assert_str_eq(relays_choose(&l, &w), "a");
	fresh("only");
	ck_assert_str_eq(relays_choose(&l, &w), "only");
	ck_assert_str_eq(relays_choose(&l, &w), "only");
}
END_TEST

START_TEST(a_pair_on_one_lan_is_told_the_lan_address)
{
	struct relay_node n[] = { node("relay.example", 0) };
	struct relay_wish w = { .lan = true };

	fresh("relay.example:21117");
	ck_assert_str_eq(relays_choose(&l, &w), "relay.example:21117");
	strcpy(n[0].lan, "192.168.1.5");
	relays_registered(&l, n, 1);
	ck_assert_str_eq(relays_choose(&l, &w), "192.168.1.5");
	w.lan = false;
	ck_assert_str_eq(relays_choose(&l, &w), "relay.example:21117");
	ck_assert(relays_has(&l, "192.168.1.5:21117"));
	ck_assert(relays_has(&l, "RELAY.example"));
	ck_assert(!relays_has(&l, "relay.example:1"));
}
END_TEST

/* 10.lon.lat.x lies there. */
static bool fake_find(void *ctx, const struct addr *a, struct geo_point *out)
{
	(void)ctx;
	if (a->ip[12] != 10)
		return false;
	out->lon = a->ip[13];
	out->lat = a->ip[14];
	return true;
}

static struct addr at(const char *text)
{
	struct addr a;
	ck_assert_int_eq(addr_parse(text, 0, &a), 0);
	return a;
}

START_TEST(the_nearest_to_both_is_chosen_and_nearly_equal_ones_take_turns)
{
	struct addr a = at("10.10.50.1"), b = at("10.12.50.1");
	struct addr far = at("10.100.10.1"), unknown = at("192.0.2.1");
	struct relay_wish w = { .a = &a, .b = &b };

	l = (struct relay_list){ .geo.find = fake_find,
				 .overrides = "west=11,50 east=100,10" };
	ck_assert_int_eq(relays_parse(&l, "east,west,here"), 0);
	l.list[2].addr = at("10.11.50.7");
	int here = 0;
	for (int i = 0; i < 10; i++) {
		const char *name = relays_choose(&l, &w);
		ck_assert_str_ne(name, "east");
		here += strcmp(name, "here") == 0;
	}
	ck_assert_int_eq(here, 5);
	w.a = w.b = &far;
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(relays_choose(&l, &w), "east");
	/* Of two places one is enough; without any they take turns. */
	w.a = &unknown;
	ck_assert_str_eq(relays_choose(&l, &w), "east");
	w.b = &unknown;
	bool west = false;
	for (int i = 0; i < 3; i++)
		west |= strcmp(relays_choose(&l, &w), "west") == 0;
	ck_assert(west);
}
END_TEST

START_TEST(several_relays_behind_one_address_are_one)
{
	struct relay_node n[] = { node("svc", 10), node("other", 500),
				  node("svc:21117", 20) };
	struct relay_wish w = { .pair = 5, .now_ms = 1 };

	fresh("");
	n[0].draining = true;
	relays_registered(&l, n, 3);
	ck_assert_uint_eq(relays_count(&l), 2);
	ck_assert_uint_eq(l.list[0].node.sessions, 15);
	ck_assert_str_eq(relays_choose(&l, &w), "svc");
	ck_assert_str_eq(relays_choose(&l, &w), "other");
	n[2].draining = true;
	relays_registered(&l, n, 3);
	ck_assert_str_eq(relays_next(&l), "other");
}
END_TEST

START_TEST(nearly_as_near_is_measured_from_the_nearest)
{
	struct relay_node n[] = { node("r1", 40), node("r2", 30),
				  node("r3", 20), node("r4", 10) };
	struct addr a = at("10.0.0.1");
	struct relay_wish w = { .a = &a };

	l = (struct relay_list){ .geo.find = fake_find,
				 .overrides =
					 "r1=10,0 r2=11,0 r3=13.5,0 r4=16,0" };
	ck_assert_int_eq(relays_parse(&l, ""), 0);
	relays_registered(&l, n, 4);
	ck_assert_str_eq(relays_choose(&l, &w), "r2");
}
END_TEST

START_TEST(in_need_a_draining_relay_is_better_than_a_dead_one)
{
	struct relay_node n[] = { node("dead", 0), node("drains", 0),
				  node("new", 0) };

	fresh("");
	n[1].draining = true;
	relays_registered(&l, n, 2);
	l.list[0].up = false;
	relays_apply(&l);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(relays_next(&l), "drains");
	/* That it is dead is remembered when another one comes. */
	relays_registered(&l, n, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(relays_next(&l), "new");
}
END_TEST

START_TEST(the_only_relay_is_told_by_its_public_name_the_second_time)
{
	struct relay_node n[] = { node("r.example", 0) };
	struct relay_wish w = { .lan = true, .pair = 9, .now_ms = 1 };

	fresh("");
	strcpy(n[0].lan, "10.9.9.9");
	relays_registered(&l, n, 1);
	ck_assert_str_eq(relays_choose(&l, &w), "10.9.9.9");
	ck_assert_str_eq(relays_choose(&l, &w), "r.example");
}
END_TEST

START_TEST(distances_are_those_of_the_globe)
{
	struct geo_point berlin = { 13.4, 52.5 }, tokyo = { 139.7, 35.7 };

	ck_assert_double_eq_tol(geo_distance(&berlin, &tokyo), 8920, 30);
	ck_assert_double_eq_tol(geo_distance(&berlin, &berlin), 0, 1e-6);
	struct geo_point pole = { 0, 90 }, south = { 0, -90 };
	ck_assert_double_eq_tol(geo_distance(&pole, &south), 20015, 5);
}
END_TEST

START_TEST(overrides_are_checked)
{
	ck_assert(geo_overrides_ok(""));
	ck_assert(geo_overrides_ok(" a.example=1,2  b=-179.5,-89 "));
	static const char *const bad[] = { "a",          "a=",      "=1,2",
					   "a=1",        "a=1,",    "a=181,0",
					   "a=0,91",     "a=1,2,3", "a=x,y",
					   "a=1,2;b=3,4" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!geo_overrides_ok(bad[i]), "%s", bad[i]);
}
END_TEST

UNIT_MAIN("relays", registered_relays_are_used_where_none_is_named,
	  the_least_loaded_is_next_and_own_hand_outs_count,
	  a_relay_that_drains_or_is_gone_is_not_handed_out,
	  a_check_that_fails_takes_a_registered_relay_out,
	  who_asks_again_gets_another_relay,
	  a_pair_on_one_lan_is_told_the_lan_address,
	  the_nearest_to_both_is_chosen_and_nearly_equal_ones_take_turns,
	  several_relays_behind_one_address_are_one,
	  nearly_as_near_is_measured_from_the_nearest,
	  in_need_a_draining_relay_is_better_than_a_dead_one,
	  the_only_relay_is_told_by_its_public_name_the_second_time,
	  distances_are_those_of_the_globe, overrides_are_checked)
