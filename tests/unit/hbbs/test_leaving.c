/* Copies of a machine that are told to take another id. */
#include "../unit.h"

#include "world.h"

enum {
	OK = 0,
	MISMATCH = 2,
};

#define HOME "203.0.113.7:40000"
#define AWAY "198.51.100.9:5000"
#define B1   "123456789"

/* As settings.lua says it of the machine at AWAY, SECONDS before the end. */
static void order_away(struct world *w, unsigned mark, unsigned seconds)
{
	char text[128];
	const char *row = text;

	snprintf(text, sizeof text, B1 " 198.51.100.9 %u %u", mark, seconds);
	leaving_read(&w->nodes[0].leaving, &row, 1, w->now);
}

START_TEST(a_copy_that_is_sent_away_is_told_so_and_the_kept_machine_is_not)
{
	struct world *w = world_create();

	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "uuid-b1", 1), OK);
	ck_assert_int_eq(register_udp(w, 0, AWAY, B1, "uuid-b1", 1), OK);
	order_away(w, 7, 300);
	/* It holds the id just now, so its heartbeat has to show itself. */
	ck_assert_int_eq(sync_heartbeat(w, 0, AWAY, B1), 1);
	ck_assert_int_eq(register_udp(w, 0, AWAY, B1, "uuid-b1", 1), MISMATCH);
	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "uuid-b1", 1), OK);
	ck_assert_int_eq(sync_heartbeat(w, 0, HOME, B1), 0);
	/* The answer was lost: it is said again, also if the table was read
	 * anew meanwhile. */
	order_away(w, 7, 290);
	ck_assert_int_eq(register_udp(w, 0, AWAY, B1, "uuid-b1", 1), MISMATCH);
	ck_assert_int_eq(register_udp(w, 0, AWAY, "1234567890", "uuid-b1", 1),
			 OK);
	world_destroy(w);
}
END_TEST

START_TEST(of_one_address_only_the_first_is_sent_away_for_each_order)
{
	struct world *w = world_create();
	const char *port = "198.51.100.9:6000";

	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "uuid-b1", 1), OK);
	order_away(w, 7, 300);
	/* Who only says that he is it proves nothing. */
	ck_assert_int_eq(register_udp(w, 0, port, B1, "uuid-b1", 2), MISMATCH);
	ck_assert_int_eq(register_udp(w, 0, AWAY, B1, "uuid-b1", 1), MISMATCH);
	ck_assert_int_eq(register_udp(w, 0, port, B1, "uuid-b1", 1), OK);
	order_away(w, 8, 300);
	world_wait(w, 7000);
	ck_assert_int_eq(register_udp(w, 0, port, B1, "uuid-b1", 1), MISMATCH);
	world_wait(w, 300000);
	ck_assert_int_eq(register_udp(w, 0, port, B1, "uuid-b1", 1), OK);
	world_destroy(w);
}
END_TEST

START_TEST(so_many_copies_are_sent_away_and_what_is_no_order_is_left_out)
{
	static struct leaving l;
	static char text[LEAVING_MAX + 3][64];
	const char *rows[LEAVING_MAX + 3] = { NULL, "123456789 nowhere 1 300" };
	struct addr from = at("198.51.100.9:1");

	for (int i = 2; i < LEAVING_MAX + 3; i++) {
		snprintf(text[i], sizeof text[i], "%d 198.51.100.9 1 300",
			 100000 + i);
		rows[i] = text[i];
	}
	leaving_read(&l, rows, ARRAY_LEN(rows), 0);
	ck_assert_uint_eq(l.n, LEAVING_MAX);
	ck_assert(leaving_is(&l, "100002", &from, 0));
	ck_assert(!leaving_is(&l, "100066", &from, 0)); /* one too many */
}
END_TEST

UNIT_MAIN("leaving",
	  a_copy_that_is_sent_away_is_told_so_and_the_kept_machine_is_not,
	  of_one_address_only_the_first_is_sent_away_for_each_order,
	  so_many_copies_are_sent_away_and_what_is_no_order_is_left_out)
