/* The scripts by which the services learn of bans and of copies that leave
 * their id, run by a real Redis. */
#include "../unit.h"

#include "common/site/bans.h"
#include "common/site/bans.lua.h"
#include "eval.h"
#include "services/hbbs/store/settings.lua.h"

/* The answer to somebody who knows REV. */
static const char *bans_since(const char *rev)
{
	static char text[512];
	const struct word w[] = { TEXT(rev) };
	struct redis_reply *r = eval(&bans_lua, 0, 1, w);

	snprintf(text, sizeof text, "%s", redis_str(r, NULL));
	redis_reply_free(r);
	return text;
}

START_TEST(bans_are_told_when_they_have_changed_and_not_otherwise)
{
	start();
	ck_assert_str_eq(bans_since(""), "0"); /* nobody was ever banned */
	ck_assert_str_eq(bans_since("0"), "");
	cli("HSET policy:ban 'device 123456789' '1 0'");
	cli("SET policy:ban:rev r1");
	ck_assert_str_eq(bans_since("0"), "r1\ndevice 123456789 0");
	ck_assert_str_eq(bans_since("r1"), "");
	stop();
}
END_TEST

START_TEST(what_is_over_or_of_a_newer_version_is_not_told)
{
	char command[128];
	struct bans bans = { 0 };

	start();
	cli("SET policy:ban:rev r");
	cli("HSET policy:ban 'address 192.0.2.1' '1 1000'");
	cli("HSET policy:ban 'address 192.0.2.2' '2 0'");
	snprintf(command, sizeof command,
		 "HSET policy:ban 'address 192.0.2.0/24' '1 %lld'",
		 (long long)time(NULL) + 3600);
	cli(command);
	const char *answer = bans_since("");
	ck_assert_ptr_nonnull(strstr(answer, "\naddress 192.0.2.0/24 3"));
	ck_assert_ptr_null(strchr(strchr(answer, '\n') + 1, '\n'));
	ck_assert_int_eq(bans_read(&bans, answer, 0), 1);
	ck_assert_uint_eq(bans.nets.n, 1);
	bans_fini(&bans);
	stop();
}
END_TEST

START_TEST(
	copies_that_are_to_leave_come_with_the_settings_till_their_time_is_over)
{
	char command[128], want[64];
	long long end = (long long)time(NULL) + 3600;

	start();
	cli("HSET policy:settings row '1 1 0'");
	cli("HSET policy:leave '123456789 192.0.2.1' '1 1000'");
	cli("HSET policy:leave '123456789 192.0.2.2' '2 99999999999'");
	snprintf(command, sizeof command,
		 "HSET policy:leave '123456789 2001:db8::1' '1 %lld'", end);
	cli(command);
	struct redis_reply *r = eval(&settings_lua, 0, 0, NULL);
	const struct redis_reply *rows = redis_at(r, 2);
	snprintf(want, sizeof want, "123456789 2001:db8::1 %lld 3", end);
	ck_assert_str_eq(redis_str(redis_at(r, 0), NULL), "1 1 0");
	ck_assert_int_eq(redis_kind(redis_at(r, 1)), REDIS_NIL);
	ck_assert_uint_eq(redis_len(rows), 1);
	ck_assert_ptr_eq(strstr(redis_str(redis_at(rows, 0), NULL), want),
			 redis_str(redis_at(rows, 0), NULL));
	redis_reply_free(r);
	stop();
}
END_TEST

UNIT_MAIN(
	"bans_scripts",
	copies_that_are_to_leave_come_with_the_settings_till_their_time_is_over,
	bans_are_told_when_they_have_changed_and_not_otherwise,
	what_is_over_or_of_a_newer_version_is_not_told)
