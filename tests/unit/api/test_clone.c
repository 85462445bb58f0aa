/* Whether an id is used by several machines: sequences of what it reports. */
#include "../unit.h"

#include "services/api/device/clone.h"

#define CPU(clock) "Some CPU @ 3.20GHz, " clock "GHz, 12/6 cores"

static struct json_object *watch;
static int64_t now_s;

static void setup(void)
{
	watch = json_object_new_object();
	now_s = 1000;
}

static struct json_object *facts(const char *host, const char *os,
				 const char *cpu)
{
	struct json_object *m = json_object_new_object();

	field_set_text(m, INFO_HOSTNAME, host);
	field_set_text(m, INFO_OS, os);
	field_set_text(m, INFO_CPU, cpu);
	field_set_int(m, MACHINE_SEEN, now_s);
	return m;
}

/* HOST reports SECONDS later, from ADDRESS. */
static void from(const char *host, int64_t seconds, const char *address)
{
	now_s += seconds;
	struct json_object *m = facts(host, "linux / Debian", CPU("3.1"));

	field_set_text(m, MACHINE_ADDRESS, address);
	field_set_text(m, MACHINE_KEY, host);
	clone_observe(watch, m);
}

static void reports(const char *host, int64_t seconds)
{
	from(host, seconds, "192.0.2.1");
}

static const char *host_at(size_t i)
{
	return field_text(js_item(field_list(watch, CLONE_MACHINES), i),
			  INFO_HOSTNAME);
}

static size_t machines(void)
{
	return js_len(field_list(watch, CLONE_MACHINES));
}

START_TEST(two_machines_that_report_in_turn_are_found)
{
	setup();
	reports("a", 0);
	reports("b", 15);
	reports("a", 15);
	reports("b", 15);
	ck_assert(!clone_found(watch));
	reports("a", 15);
	ck_assert(clone_found(watch));
	ck_assert_uint_eq(machines(), 2);
	ck_assert_str_eq(host_at(0), "a");
}
END_TEST

START_TEST(one_that_reports_more_often_hides_nobody)
{
	setup();
	reports("a", 0);
	for (int i = 0; i < 2; i++) {
		for (int k = 0; k < 6; k++)
			reports("b", 3);
		reports("a", 3);
	}
	reports("b", 3);
	ck_assert(clone_found(watch));
}
END_TEST

START_TEST(a_laptop_that_roams_is_one_machine)
{
	setup();
	for (int i = 0; i < 50; i++)
		from("laptop", 15, i % 2 ? "192.0.2.7" : "2001:db8::7");
	ck_assert(!clone_found(watch));
	ck_assert_uint_eq(machines(), 1);
}
END_TEST

START_TEST(a_new_name_and_the_old_one_again_are_no_copy)
{
	setup();
	reports("old", 0);
	reports("new", 60);
	reports("old", 60);
	for (int i = 0; i < 10; i++)
		reports("old", 15);
	ck_assert(!clone_found(watch));
}
END_TEST

START_TEST(a_name_that_each_network_gives_is_no_copy)
{
	setup();
	for (int i = 0; i < 20; i++)
		reports(i % 2 ? "mac.home" : "mac.office", CLONE_WATCH_S + 1);
	ck_assert(!clone_found(watch));
}
END_TEST

START_TEST(a_container_has_a_new_name_each_time_it_starts)
{
	char name[] = "container-a";

	setup();
	for (int i = 0; i < 20; i++) {
		name[sizeof(name) - 2] = (char)('a' + i);
		reports(name, 20);
	}
	ck_assert(!clone_found(watch));
	ck_assert_uint_eq(machines(), CLONE_MACHINES_MAX);
	ck_assert_str_eq(host_at(0), "container-t");
	ck_assert_str_eq(host_at(3), "container-q");
}
END_TEST

START_TEST(a_machine_keeps_its_key_and_shows_where_it_was_last)
{
	setup();
	from("a", 0, "192.0.2.1");
	from("b", 15, "192.0.2.2");
	now_s += 15;
	struct json_object *m = facts("a", "linux / Debian", CPU("3.1"));
	field_set_text(m, MACHINE_KEY, "another");
	field_set_text(m, MACHINE_ADDRESS, "192.0.2.3");
	clone_observe(watch, m);
	m = js_item(field_list(watch, CLONE_MACHINES), 0);
	ck_assert_str_eq(field_text(m, MACHINE_KEY), "a");
	ck_assert_str_eq(field_text(m, MACHINE_ADDRESS), "192.0.2.3");
}
END_TEST

static bool same(struct json_object *a, struct json_object *b)
{
	bool is = clone_same(a, b);

	json_object_put(a);
	json_object_put(b);
	return is;
}

START_TEST(name_system_and_processor_tell_machines_apart_and_its_clock_does_not)
{
	ck_assert(same(facts("h", "o", CPU("3.12")),
		       facts("h", "o", CPU("0.8"))));
	ck_assert(same(facts("h", "o", ""), facts("h", "o", "")));
	ck_assert(same(facts("h", "o", "8/4 cores"),
		       facts("h", "o", "8/4 cores")));
	ck_assert(!same(facts("h", "o", CPU("3")), facts("i", "o", CPU("3"))));
	ck_assert(!same(facts("h", "o", CPU("3")), facts("h", "p", CPU("3"))));
	ck_assert(!same(facts("h", "o", "A, 1GHz, 4/2 cores"),
			facts("h", "o", "A, 1GHz, 8/4 cores")));
	ck_assert(!same(facts("h", "o", "A, 1GHz, 4/2 cores"),
			facts("h", "o", "B, 1GHz, 4/2 cores")));
	ck_assert(!same(facts("h", "o", "GHz, x"), facts("h", "o", "GHz, y")));
}
END_TEST

UNIT_MAIN("clone", two_machines_that_report_in_turn_are_found,
	  one_that_reports_more_often_hides_nobody,
	  a_laptop_that_roams_is_one_machine,
	  a_new_name_and_the_old_one_again_are_no_copy,
	  a_name_that_each_network_gives_is_no_copy,
	  a_container_has_a_new_name_each_time_it_starts,
	  a_machine_keeps_its_key_and_shows_where_it_was_last,
	  name_system_and_processor_tell_machines_apart_and_its_clock_does_not)
