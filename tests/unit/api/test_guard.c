#include "services/api/account/guard.h"
#include "tests/unit/unit.h"

START_TEST(who_failed_here_lately_is_a_guesser_unless_the_pair_is_known)
{
	static const struct {
		struct guard_seen seen;
		enum guard who;
	} rows[] = {
		{ { 0, 0, 0, false }, GUARD_STRANGER },
		{ { 0, 0, 0, true }, GUARD_KNOWN },
		{ { 1, 1, 1, false }, GUARD_GUESSER },
		{ { 0, 1, 0, false }, GUARD_GUESSER }, /* another account */
		/* Others' guesses at his account make nobody a guesser. */
		{ { 0, 0, GUARD_HOUR - 1, false }, GUARD_STRANGER },
		{ { 1, 1, 1, true }, GUARD_KNOWN },
		{ { GUARD_MINUTE - 1, GUARD_ADDRESS - 1, GUARD_HOUR, true },
		  GUARD_KNOWN },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_int_eq(guard_of(&rows[i].seen), rows[i].who);
}
END_TEST

START_TEST(the_door_shuts_at_each_limit_and_not_before)
{
	static const struct guard_seen last = { GUARD_MINUTE - 1,
						GUARD_ADDRESS - 1,
						GUARD_HOUR - 1, false };
	struct guard_seen s = last;

	ck_assert_int_eq(guard_of(&s), GUARD_GUESSER);
	s.pair++;
	ck_assert_int_eq(guard_of(&s), GUARD_SHUT);
	s = last;
	s.address++;
	ck_assert_int_eq(guard_of(&s), GUARD_SHUT);
	s = last;
	s.hour++;
	ck_assert_int_eq(guard_of(&s), GUARD_SHUT);
	/* Nobody is locked out of his own office. */
	s.known = true;
	ck_assert_int_eq(guard_of(&s), GUARD_KNOWN);
	s.pair++;
	ck_assert_int_eq(guard_of(&s), GUARD_SHUT);
}
END_TEST

UNIT_MAIN("guard", who_failed_here_lately_is_a_guesser_unless_the_pair_is_known,
	  the_door_shuts_at_each_limit_and_not_before)
