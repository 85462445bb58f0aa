#include "services/hbbr/edge/command.h"
#include "services/hbbr/state/usage.h"
#include "tests/unit/unit.h"

static struct limits limits;
static struct shared_limit total;
static uint64_t total_bps;
static struct ipset slow, blocked;
static char answer[8192];

static void reset(void)
{
	limits = (struct limits){
		.single_bps = 128ull * LIMITS_MBIT,
		.slow_bps = 32ull * LIMITS_MBIT,
		.downgrade_threshold = 0.66,
		.downgrade_start_ms = 1800000,
	};
	total_bps = 1024ull * LIMITS_MBIT;
	shared_limit_init(&total, total_bps);
	ipset_fini(&slow);
	ipset_fini(&blocked);
}

static enum command_result run(const char *text)
{
	struct controls c = { &limits, &total, &total_bps, &slow, &blocked };
	struct buf out;

	buf_init(&out, sizeof(answer) - 1);
	enum command_result r = command_run(text, &c, &out);
	if (buf_len(&out) > 0)
		memcpy(answer, buf_head(&out), buf_len(&out));
	answer[buf_len(&out)] = '\0';
	buf_fini(&out);
	return r;
}

START_TEST(limits_are_shown_as_the_reference_does)
{
	static const char *const rows[][2] = {
		{ "ls", "32Mb/s\n" },
		{ "limit-speed", "32Mb/s\n" },
		{ "sb", "128Mb/s\n" },
		{ "tb", "1024Mb/s\n" },
		{ "dt", "0.66\n" },
		{ "t", "1800s\n" },
		{ "b 1.2.3.4", "false\n" },
		{ "B 1.2.3.4\n", "false\n" },
		{ "b", "" },
	};
	reset();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_int_eq(run(rows[i][0]), COMMAND_DONE);
		ck_assert_str_eq(answer, rows[i][1]);
	}
}
END_TEST

START_TEST(limits_are_changed_in_silence)
{
	reset();
	run("sb 4");
	run("ls 0.5");
	run("dt 0.1");
	run("t 5");
	ck_assert_str_eq(answer, "");
	ck_assert_uint_eq(limits.single_bps, 4ull * LIMITS_MBIT);
	ck_assert_uint_eq(limits.slow_bps, LIMITS_MBIT / 2);
	ck_assert_double_eq(limits.downgrade_threshold, 0.1);
	ck_assert_uint_eq(limits.downgrade_start_ms, 5000);
	run("tb 8");
	ck_assert_uint_lt(shared_limit_available(&total, 1000),
			  8ull * LIMITS_MBIT);
	run("sb");
	ck_assert_str_eq(answer, "4Mb/s\n");
}
END_TEST

START_TEST(bad_numbers_change_nothing)
{
	static const char *const bad[] = { "sb x", "sb -1", "sb 1x", "sb nan",
					   "sb 1e300" };
	reset();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		run(bad[i]);
		ck_assert_str_eq(answer, "not a number\n");
	}
	ck_assert_uint_eq(limits.single_bps, 128ull * LIMITS_MBIT);
}
END_TEST

START_TEST(lists_are_edited_by_several_addresses_at_once)
{
	reset();
	ck_assert_int_eq(run("ba 1.2.3.4|5.6.7.8"), COMMAND_LISTS);
	ck_assert_str_eq(answer, "");
	run("b 5.6.7.8");
	ck_assert_str_eq(answer, "true\n");
	run("B 5.6.7.8");
	ck_assert_str_eq(answer, "false\n");
	run("b");
	ck_assert_str_eq(answer, "1.2.3.4\n5.6.7.8\n");
	run("br 1.2.3.4");
	run("b");
	ck_assert_str_eq(answer, "5.6.7.8\n");
	ck_assert_int_eq(run("br all"), COMMAND_LISTS);
	ck_assert_uint_eq(slow.n, 0);
	ck_assert_int_eq(run("Ba nonsense|9.9.9.9"), COMMAND_LISTS);
	ck_assert_str_eq(answer, "nonsense: not changed\n");
	run("blocklist 9.9.9.9");
	ck_assert_str_eq(answer, "true\n");
	reset();
}
END_TEST

START_TEST(help_lists_every_command_and_others_are_named_unknown)
{
	reset();
	ck_assert_int_eq(run("h"), COMMAND_DONE);
	ck_assert_ptr_nonnull(strstr(answer, "limit-speed(ls)"));
	ck_assert_ptr_nonnull(strstr(answer, "usage(u)"));
	ck_assert_int_eq(run("u"), COMMAND_USAGE);
	run("zz");
	ck_assert_str_eq(answer, "unknown command, h for help\n");
	run("   ");
	ck_assert_str_eq(answer, "unknown command, h for help\n");
}
END_TEST

START_TEST(usage_is_sorted_by_total_and_leaves_out_the_young)
{
	struct usage_row rows[3] = {
		{ .seconds = 10,
		  .bytes = 1048576,
		  .highest_bps = 2048,
		  .current_bps = 1024 },
		{ .seconds = 0, .bytes = 999999999 },
		{ .seconds = 4,
		  .bytes = 3 * 1048576,
		  .highest_bps = 8192,
		  .current_bps = 0 },
	};
	struct buf out;

	ck_assert_int_eq(addr_parse("1.2.3.4:5", 0, &rows[0].client), 0);
	ck_assert_int_eq(addr_parse("[2001:db8::1]:6", 0, &rows[2].client), 0);
	buf_init(&out, 4096);
	ck_assert_int_eq(usage_format(rows, 3, &out), 0);
	ck_assert_int_eq(buf_append(&out, "", 1), 0);
	ck_assert_str_eq((const char *)buf_head(&out),
			 "[2001:db8::1]:6: 4s 3.00MB 8kb/s 6144kb/s 0kb/s\n"
			 "1.2.3.4:5: 10s 1.00MB 2kb/s 819kb/s 1kb/s\n");
	buf_fini(&out);
}
END_TEST

UNIT_MAIN("command", limits_are_shown_as_the_reference_does,
	  limits_are_changed_in_silence, bad_numbers_change_nothing,
	  lists_are_edited_by_several_addresses_at_once,
	  help_lists_every_command_and_others_are_named_unknown,
	  usage_is_sorted_by_total_and_leaves_out_the_young)
