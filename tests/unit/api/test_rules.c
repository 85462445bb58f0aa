#include "services/api/rules/booklevel.h"
#include "services/api/rules/strategy.h"
#include "tests/unit/unit.h"

START_TEST(a_rule_for_the_user_beats_the_group_and_everyone)
{
	struct book_rule rules[] = { { BOOK_EVERYONE, "", BOOK_FULL },
				     { BOOK_USER, "u", BOOK_READ },
				     { BOOK_GROUP, "g", BOOK_WRITE } };

	ck_assert_int_eq(book_level_of(rules, 3, "u", "g"), BOOK_READ);
	ck_assert_int_eq(book_level_of(rules, 3, "v", "g"), BOOK_WRITE);
	ck_assert_int_eq(book_level_of(rules, 3, "v", "h"), BOOK_FULL);
	ck_assert_int_eq(book_level_of(rules + 1, 2, "v", "h"), BOOK_NONE);
	ck_assert_int_eq(book_level_of(NULL, 0, "u", "g"), BOOK_NONE);
}
END_TEST

START_TEST(users_without_a_group_match_no_group_rule)
{
	struct book_rule rule = { BOOK_GROUP, "", BOOK_FULL };

	ck_assert_int_eq(book_level_of(&rule, 1, "u", ""), BOOK_NONE);
}
END_TEST

START_TEST(the_first_named_strategy_decides_even_when_disabled)
{
	struct strategy_ref l[3] = { { "", true, 0 },
				     { "user", true, 5 },
				     { "group", true, 6 } };

	ck_assert_int_eq(strategy_pick(l), 1);
	l[0] = (struct strategy_ref){ "device", true, 7 };
	ck_assert_int_eq(strategy_pick(l), 0);
	l[0].enabled = false;
	ck_assert_int_eq(strategy_pick(l), -1);
	l[0].guid = NULL;
	l[1].guid = NULL;
	ck_assert_int_eq(strategy_pick(l), 2);
	l[2].guid = "";
	ck_assert_int_eq(strategy_pick(l), -1);
}
END_TEST

START_TEST(a_strategy_is_sent_only_when_its_time_stamp_differs)
{
	struct strategy_ref s = { "x", true, 42 };

	ck_assert_int_eq(strategy_answer(&s, 42), STRATEGY_SILENT);
	ck_assert_int_eq(strategy_answer(&s, 0), STRATEGY_PUSH);
	ck_assert_int_eq(strategy_answer(&s, 43), STRATEGY_PUSH);
	ck_assert_int_eq(strategy_answer(NULL, 42), STRATEGY_FORGET);
	ck_assert_int_eq(strategy_answer(NULL, 0), STRATEGY_SILENT);
}
END_TEST

START_TEST(secrets_of_strategies_are_known_by_name_and_switches_are_none)
{
	ck_assert(strategy_secret("bot", "12:key"));
	ck_assert(strategy_secret("2fa", "x"));
	ck_assert(strategy_secret("proxy-password", "x"));
	ck_assert(strategy_secret("preset-address-book-password", "x"));
	ck_assert(strategy_secret("unlock-pin", "1234"));
	ck_assert(!strategy_secret("proxy-password", ""));
	ck_assert(!strategy_secret("allow-numeric-one-time-password", "Y"));
	ck_assert(!strategy_secret("allow-numeric-one-time-password", "N"));
	ck_assert(!strategy_secret("temporary-password-length", "10"));
	ck_assert(!strategy_secret("approve-mode", "password"));
	ck_assert(!strategy_secret("bottom", "x"));
}
END_TEST

UNIT_MAIN("rules",
	  secrets_of_strategies_are_known_by_name_and_switches_are_none,
	  a_rule_for_the_user_beats_the_group_and_everyone,
	  users_without_a_group_match_no_group_rule,
	  the_first_named_strategy_decides_even_when_disabled,
	  a_strategy_is_sent_only_when_its_time_stamp_differs)
