/* The scripts that keep peer records, run by a real Redis. */
#include "../unit.h"

#include "common/site/policy.h"
#include "common/site/policy_lookup.lua.h"
#include "common/site/record_rename.lua.h"
#include "common/site/record_save.lua.h"
#include "eval.h"

static long long save(const char *id, const char *revision, const char *value,
		      const char *max)
{
	const struct word w[] = {
		TEXT("peer:1"), TEXT("peers:count"), TEXT(id),
		TEXT(revision), TEXT(value),         TEXT(max)
	};
	return number(&record_save_lua, 2, 6, w);
}

static void check_record(const char *key, const char *id, const char *hex)
{
	struct redis_reply *r = hget(key, id);
	size_t len;
	const char *data = redis_str(r, &len);

	ck_assert_ptr_nonnull(data);
	ck_assert_str_eq(tohex(data, len), hex);
	redis_reply_free(r);
}

START_TEST(a_record_is_saved_over_the_revision_that_was_read_only)
{
	start();
	ck_assert_int_eq(save("a", "0", "one", "10"), 1);
	check_record("peer:1", "a", "010000006f6e65");
	ck_assert_int_eq(save("a", "0", "two", "10"), 0);
	ck_assert_int_eq(save("a", "2", "two", "10"), 0);
	ck_assert_int_eq(save("a", "1", "two", "10"), 1);
	check_record("peer:1", "a", "0200000074776f");
	stop();
}
END_TEST

START_TEST(no_more_peers_are_stored_than_allowed)
{
	start();
	ck_assert_int_eq(save("a", "0", "x", "2"), 1);
	ck_assert_int_eq(save("b", "0", "x", "2"), 1);
	ck_assert_int_eq(save("c", "0", "x", "2"), -1);
	ck_assert_int_eq(save("a", "1", "y", "2"), 1);
	ck_assert_int_eq(save("c", "0", "x", "3"), 1);
	stop();
}
END_TEST

static long long move(const char *old, const char *new, const char *rev_old,
		      const char *rev_new)
{
	const struct word w[] = {
		TEXT("peer:1"), TEXT("peer:2"), TEXT("peers:count"),
		TEXT(old),      TEXT(new),      TEXT(rev_old),
		TEXT(rev_new),  TEXT("v"),      TEXT("G")
	};
	return number(&record_rename_lua, 3, 9, w);
}

START_TEST(a_rename_happens_once_or_not_at_all)
{
	start();
	ck_assert_int_eq(save("a", "0", "x", "9"), 1);
	ck_assert_int_eq(move("a", "b", "2", "0"), 0);
	ck_assert_int_eq(move("a", "b", "1", "1"), 0);
	ck_assert_int_eq(move("a", "b", "1", "0"), 1);
	check_record("peer:2", "b", "0100000076");
	struct redis_reply *r = hget("peer:1", "a");
	ck_assert_int_eq(redis_kind(r), REDIS_NIL);
	redis_reply_free(r);
	/* Onto an id that was there: one less in all. */
	ck_assert_int_eq(save("c", "0", "x", "9"), 1);
	ck_assert_int_eq(move("c", "b", "1", "1"), 1);
	check_record("peer:2", "b", "0200000076");
	ck_assert(server_shows(&server, "GET peers:count", "1"));
	stop();
}
END_TEST

/* The field of a hash is this text; NULL: there is none. */
static void check(const char *key, const char *field, const char *want)
{
	struct redis_reply *r = hget(key, field);
	const char *have = redis_str(r, NULL);

	if (!want)
		ck_assert_ptr_null(have);
	else
		ck_assert_pstr_eq(have, want);
	redis_reply_free(r);
}

START_TEST(what_hangs_on_an_id_goes_along_in_the_same_step)
{
	start();
	ck_assert_int_eq(save("A1", "0", "x", "9"), 1);
	cli("HSET policy:device A1 '1 1 owner -'");
	cli("HSET policy:deployed A1 'uuid pk'");
	cli("HSET api:device:deleted G A1");
	cli("HSET api:device G '{\"id\":\"A1\",\"note\":\"\\\"id\\\":A1\"}'");
	cli("HSET api:device:name a1 G");
	cli("ZADD api:book:order 1 B1 2 B2");
	cli("HSET api:book:peers:B2 A1 '{\"alias\":\"n\",\"id\":\"A1\"}' C "
	    "'{\"id\":\"C\"}'");
	cli("HSET api:book:bin:B1 A1 '{\"id\":\"A1\"}'");
	ck_assert_int_eq(move("A1", "New", "1", "0"), 1);
	check("policy:device", "New", "1 1 owner -");
	check("policy:device", "A1", NULL);
	check("policy:deployed", "New", "uuid pk");
	check("policy:deployed", "A1", NULL);
	check("api:device:deleted", "G", "New");
	check("api:device", "G", "{\"id\":\"New\",\"note\":\"\\\"id\\\":A1\"}");
	check("api:device:name", "new", "G");
	check("api:device:name", "a1", NULL);
	check("api:book:peers:B2", "New", "{\"alias\":\"n\",\"id\":\"New\"}");
	check("api:book:peers:B2", "A1", NULL);
	check("api:book:peers:B2", "C", "{\"id\":\"C\"}");
	check("api:book:bin:B1", "New", "{\"id\":\"New\"}");
	ck_assert(server_shows(&server, "GET policy:rev", "1"));
	stop();
}
END_TEST

START_TEST(an_id_that_policy_knows_is_nobody_elses)
{
	start();
	ck_assert_int_eq(save("a", "0", "x", "9"), 1);
	cli("HSET policy:device gone '1 2 - -'");
	ck_assert_int_eq(move("a", "gone", "1", "0"), -2);
	check_record("peer:1", "a", "0100000078");
	stop();
}
END_TEST

/* The device row that policy_lookup.lua answers for ID, whose bucket is peer:1.
 */
static bool judged_deleted(const char *id)
{
	const struct word w[] = { TEXT(""), TEXT(id), TEXT("peer:1") };
	struct redis_reply *r = eval(&policy_lookup_lua, 0, 3, w);
	const char *row = redis_str(redis_at(r, POLICY_ROW_DEVICE), NULL);
	bool deleted = row && strcmp(row, "1 2 - -") == 0;
	redis_reply_free(r);
	return deleted;
}

START_TEST(a_given_up_id_is_no_stranger_until_somebody_has_it)
{
	start();
	ck_assert_int_eq(save("a", "0", "x", "9"), 1);
	ck_assert(!judged_deleted("a"));
	ck_assert_int_eq(move("a", "b", "1", "0"), 1);
	ck_assert(judged_deleted("a"));
	ck_assert(!judged_deleted("b"));
	ck_assert_int_eq(save("a", "0", "x", "9"), 1);
	ck_assert(!judged_deleted("a"));
	stop();
}
END_TEST

UNIT_MAIN("record_scripts",
	  a_record_is_saved_over_the_revision_that_was_read_only,
	  no_more_peers_are_stored_than_allowed,
	  a_rename_happens_once_or_not_at_all,
	  what_hangs_on_an_id_goes_along_in_the_same_step,
	  an_id_that_policy_knows_is_nobody_elses,
	  a_given_up_id_is_no_stranger_until_somebody_has_it)
