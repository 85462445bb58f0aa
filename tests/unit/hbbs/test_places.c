#include "services/hbbs/edge/places.h"

#include "../unit.h"

START_TEST(who_has_said_nothing_makes_room_first_and_never_the_newcomer)
{
	struct places all;
	struct place a, b, c;

	places_init(&all);
	place_enter(&all, &a, 1);
	ck_assert_ptr_null(places_oldest(&all, &a));
	place_enter(&all, &b, 2);
	ck_assert_ptr_eq(places_oldest(&all, &b), &a);
	ck_assert_ptr_eq(places_oldest(&all, &a), &b);
	place_heard(&all, &a, 3);
	place_heard(&all, &b, 4);
	place_enter(&all, &c, 5);
	ck_assert_ptr_eq(places_oldest(&all, &c), &a);
	place_registered(&all, &a, 6);
	ck_assert_ptr_eq(places_oldest(&all, &c), &b);
	place_registered(&all, &b, 7);
	ck_assert_ptr_null(places_oldest(&all, &c));
}
END_TEST

START_TEST(silence_is_counted_from_the_last_word)
{
	struct places all;
	struct place a, b;

	places_init(&all);
	place_enter(&all, &a, 0);
	place_enter(&all, &b, 10);
	place_heard(&all, &a, 20);
	place_heard(&all, &b, 30);
	place_heard(&all, &a, 40);
	ck_assert_ptr_null(places_silent(&all.mute, 0, 100));
	ck_assert_ptr_null(places_silent(&all.fresh, 71, 100));
	ck_assert_ptr_eq(places_silent(&all.fresh, 70, 100), &b);
}
END_TEST

START_TEST(heartbeats_take_turns)
{
	struct places all;
	struct place a, b;

	places_init(&all);
	ck_assert_ptr_null(places_beat(&all, 10, 100));
	place_enter(&all, &a, 0);
	place_enter(&all, &b, 0);
	place_registered(&all, &a, 0);
	place_registered(&all, &b, 1);
	ck_assert_ptr_null(places_beat(&all, 10, 9));
	ck_assert_ptr_eq(places_beat(&all, 10, 11), &a);
	ck_assert_ptr_eq(places_beat(&all, 10, 11), &b);
	ck_assert_ptr_null(places_beat(&all, 10, 11));
	ck_assert_ptr_eq(places_beat(&all, 10, 21), &a);
}
END_TEST

/* A connection that had to go says something before it is closed. */
START_TEST(who_has_left_may_be_heard_and_leave_again)
{
	struct places all;
	struct place a, b;

	places_init(&all);
	place_enter(&all, &a, 0);
	place_registered(&all, &a, 0);
	place_enter(&all, &b, 0);
	place_registered(&all, &b, 0);
	place_leave(&all, &a);
	place_leave(&all, &a);
	ck_assert_ptr_eq(places_silent(&all.bound, 0, 0), &b);
	place_heard(&all, &a, 1);
	place_leave(&all, &a);
	ck_assert_ptr_eq(places_beat(&all, 0, 1), &b);
	place_leave(&all, &b);
	ck_assert_ptr_null(places_silent(&all.bound, 0, 1));
	ck_assert_ptr_null(places_beat(&all, 0, 1));
}
END_TEST

UNIT_MAIN("places",
	  who_has_said_nothing_makes_room_first_and_never_the_newcomer,
	  silence_is_counted_from_the_last_word, heartbeats_take_turns,
	  who_has_left_may_be_heard_and_leave_again)
