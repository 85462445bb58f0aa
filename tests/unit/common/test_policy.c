#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/policy_row.h"

static struct policy_facts facts;

static const char *const alice = "1 0 g-sales - Alice";
static const char *const bob = "1 0 g-lab r-1 Bob B.";

/* Reads rows in the order of enum policy_row; missing ones are nil. */
static struct policy_verdict decide(enum policy_kind kind,
				    const char *const rows[POLICY_ROWS])
{
	ck_assert_int_eq(policy_read(&facts, rows), 0);
	return policy_decide(&facts, kind);
}

START_TEST(without_any_row_everybody_may_connect)
{
	const char *rows[POLICY_ROWS] = { NULL };

	ck_assert_int_eq(decide(POLICY_REMOTE, rows).reason, POLICY_OK);
}
END_TEST

START_TEST(an_assigned_device_needs_an_account)
{
	const char *rows[POLICY_ROWS] = {
		[POLICY_ROW_DEVICE] = "1 0 u-b -", [POLICY_ROW_OWNER] = bob
	};

	struct policy_verdict v = decide(POLICY_REMOTE, rows);
	ck_assert_int_eq(v.reason, POLICY_SIGN_IN);
	ck_assert(strstr(v.text, "not allowed"));
}
END_TEST

START_TEST(strict_mode_asks_for_an_account_even_for_unassigned_devices)
{
	const char *rows[POLICY_ROWS] = { [POLICY_ROW_SETTINGS] = "1 2 0" };

	ck_assert_int_eq(decide(POLICY_REMOTE, rows).reason, POLICY_SIGN_IN);
}
END_TEST

/* Each row of the table is one way in, or the lack of one. */
static const struct {
	const char *user_guid, *user, *user_group;
	const char *device, *owner, *owner_group, *device_group;
	enum policy_reason want;
} rules[] = {
	/* own device */
	{ "u-a", "1 0 - - A", NULL, "1 0 u-a -", "1 0 - - A", NULL, NULL,
	  POLICY_OK },
	/* same user group */
	{ "u-a", "1 0 g-1 - A", NULL, "1 0 u-b -", "1 0 g-1 - B", NULL, NULL,
	  POLICY_OK },
	/* both without a group is not the same group */
	{ "u-a", "1 0 - - A", NULL, "1 0 u-b -", "1 0 - - B", NULL, NULL,
	  POLICY_NO_RULE },
	/* outgoing rule of the user's group */
	{ "u-a", "1 0 g-1 - A", "1 i o gg-2", "1 0 u-b -", "1 0 g-2 - B", NULL,
	  NULL, POLICY_OK },
	/* incoming rules of the owner's group: by group, by user */
	{ "u-a", "1 0 g-1 - A", NULL, "1 0 u-b -", "1 0 g-2 - B", "1 i gg-1 o",
	  NULL, POLICY_OK },
	{ "u-a", "1 0 g-1 - A", NULL, "1 0 u-b -", "1 0 g-2 - B", "1 i uu-a o",
	  NULL, POLICY_OK },
	{ "u-a", "1 0 g-1 - A", NULL, "1 0 u-b -", "1 0 g-2 - B",
	  "1 i gg-9 uu-9 o gg-1", NULL, POLICY_NO_RULE },
	/* device group: by group, by user, by the user's group's outgoing */
	{ "u-a", "1 0 g-1 - A", NULL, "1 0 - d-1", NULL, NULL, "1 i gg-1 o",
	  POLICY_OK },
	{ "u-a", "1 0 g-1 - A", NULL, "1 0 - d-1", NULL, NULL, "1 i uu-a o",
	  POLICY_OK },
	{ "u-a", "1 0 g-1 - A", "1 i o dd-1", "1 0 - d-1", NULL, NULL, NULL,
	  POLICY_OK },
	{ "u-a", "1 0 g-1 - A", "1 i o gd-1", "1 0 - d-1", NULL, NULL, NULL,
	  POLICY_NO_RULE },
	{ "u-a", "1 0 g-1 - A", NULL, "1 0 - d-1", NULL, NULL, NULL,
	  POLICY_NO_RULE },
};

START_TEST(each_rule_alone_is_enough_and_none_is_not)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		const char *rows[POLICY_ROWS] = {
			[POLICY_ROW_USER_GUID] = rules[i].user_guid,
			[POLICY_ROW_USER] = rules[i].user,
			[POLICY_ROW_USER_GROUP] = rules[i].user_group,
			[POLICY_ROW_DEVICE] = rules[i].device,
			[POLICY_ROW_OWNER] = rules[i].owner,
			[POLICY_ROW_OWNER_GROUP] = rules[i].owner_group,
			[POLICY_ROW_DEVICE_GROUP] = rules[i].device_group,
		};

		ck_assert_msg(decide(POLICY_REMOTE, rows).reason ==
				      rules[i].want,
			      "rule %zu", i);
	}
}
END_TEST

START_TEST(disabled_users_devices_and_owners_block_even_the_owner)
{
	const char *rows[POLICY_ROWS] = {
		[POLICY_ROW_USER_GUID] = "u-a",
		[POLICY_ROW_USER] = "1 1 - - A",
		[POLICY_ROW_DEVICE] = "1 0 u-b -",
		[POLICY_ROW_OWNER] = bob,
		[POLICY_ROW_SETTINGS] = "1 0 0",
	};

	ck_assert_int_eq(decide(0, rows).reason, POLICY_USER_DISABLED);
	rows[POLICY_ROW_OWNER] = "1 1 - - B";
	ck_assert_int_eq(decide(0, rows).reason, POLICY_OWNER_DISABLED);
	rows[POLICY_ROW_DEVICE] = "1 1 u-b -";
	ck_assert_int_eq(decide(0, rows).reason, POLICY_DEVICE_DISABLED);
	rows[POLICY_ROW_DEVICE] = "1 2 - -";
	ck_assert_int_eq(decide(0, rows).reason, POLICY_DEVICE_DISABLED);
}
END_TEST

START_TEST(a_control_role_refuses_the_kinds_it_disables)
{
	uint64_t bits = policy_permission(0, POLICY_P_FILE, POLICY_DISABLE);
	char row[64];

	bits = policy_permission(bits, POLICY_P_TUNNEL, POLICY_ENABLE);
	const char *rows[POLICY_ROWS] = {
		[POLICY_ROW_USER_GUID] = "u-a",
		[POLICY_ROW_USER] = alice,
		[POLICY_ROW_ROLE] = policy_write_role(bits, row, sizeof(row)),
	};

	ck_assert_int_eq(decide(POLICY_FILE, rows).reason, POLICY_ROLE);
	struct policy_verdict v = decide(POLICY_RDP, rows);
	ck_assert_int_eq(v.reason, POLICY_OK);
	ck_assert_uint_eq(v.permissions, bits);
}
END_TEST

/* Alice's guest: her role forbids files and forces sound, the link's forbids
 * the camera and would allow files and terminals. */
START_TEST(a_guest_may_what_his_host_may_less_what_the_link_takes_away)
{
	uint64_t own = policy_permission(0, POLICY_P_FILE, POLICY_DISABLE);
	uint64_t link = policy_permission(0, POLICY_P_FILE, POLICY_ENABLE);
	uint64_t want = policy_permission(0, POLICY_P_FILE, POLICY_DISABLE);
	char host[64], narrow[64];

	own = policy_permission(own, POLICY_P_AUDIO, POLICY_ENABLE);
	link = policy_permission(link, POLICY_P_AUDIO, POLICY_ENABLE);
	want = policy_permission(want, POLICY_P_AUDIO, POLICY_ENABLE);
	own = policy_permission(own, POLICY_P_CAMERA, POLICY_ENABLE);
	link = policy_permission(link, POLICY_P_CAMERA, POLICY_DISABLE);
	want = policy_permission(want, POLICY_P_CAMERA, POLICY_DISABLE);
	own = policy_permission(own, POLICY_P_RESTART, POLICY_ENABLE);
	link = policy_permission(link, POLICY_P_TERMINAL, POLICY_ENABLE);
	const char *rows[POLICY_ROWS] = {
		[POLICY_ROW_USER_GUID] = "u-a",
		[POLICY_ROW_USER] = alice,
		[POLICY_ROW_ROLE] = policy_write_role(own, host, sizeof(host)),
		[POLICY_ROW_GUEST] = "l-1",
		[POLICY_ROW_GUEST_ROLE] =
			policy_write_role(link, narrow, sizeof(narrow)),
	};

	struct policy_verdict v = decide(POLICY_REMOTE, rows);
	ck_assert_int_eq(v.reason, POLICY_OK);
	ck_assert_uint_eq(v.permissions, want);
	ck_assert_str_eq(facts.guest.link, "l-1");
	ck_assert_int_eq(decide(POLICY_CAMERA, rows).reason, POLICY_ROLE);
	ck_assert_int_eq(decide(POLICY_FILE, rows).reason, POLICY_ROLE);
	rows[POLICY_ROW_GUEST_ROLE] = NULL;
	ck_assert_uint_eq(decide(POLICY_CAMERA, rows).permissions, own);
	rows[POLICY_ROW_GUEST_ROLE] = "2 what is this";
	ck_assert_int_lt(policy_read(&facts, rows), 0);
}
END_TEST

START_TEST(a_guest_is_let_in_while_his_host_would_be_and_told_of_his_link)
{
	const char *rows[POLICY_ROWS] = { [POLICY_ROW_USER_GUID] = "u-a",
					  [POLICY_ROW_USER] = alice,
					  [POLICY_ROW_SETTINGS] = "1 2 0",
					  [POLICY_ROW_GUEST] = "l-1" };

	ck_assert_int_eq(decide(POLICY_REMOTE, rows).reason, POLICY_OK);
	rows[POLICY_ROW_DEVICE] = "1 0 u-b -";
	rows[POLICY_ROW_OWNER] = bob;
	struct policy_verdict v = decide(POLICY_REMOTE, rows);
	ck_assert_int_eq(v.reason, POLICY_GUEST);
	ck_assert(strstr(v.text, "guest link") &&
		  strstr(v.text, "not allowed"));
	rows[POLICY_ROW_DEVICE] = NULL;
	rows[POLICY_ROW_USER] = "1 1 - - Alice"; /* disabled */
	ck_assert_int_eq(decide(POLICY_REMOTE, rows).reason, POLICY_GUEST);
	/* Deleted, or the link leads elsewhere: not like who shows nothing. */
	rows[POLICY_ROW_SETTINGS] = "1 0 0";
	rows[POLICY_ROW_USER] = NULL;
	ck_assert_int_eq(decide(POLICY_REMOTE, rows).reason, POLICY_GUEST);
	rows[POLICY_ROW_USER] = alice;
	rows[POLICY_ROW_GUEST] = "-";
	ck_assert_int_eq(decide(POLICY_REMOTE, rows).reason, POLICY_GUEST);
	rows[POLICY_ROW_GUEST] = NULL;
	ck_assert_int_eq(decide(POLICY_REMOTE, rows).reason, POLICY_OK);
}
END_TEST

START_TEST(permission_words_are_those_of_the_protocol)
{
	uint64_t on = 0, off = 0;

	for (unsigned p = 0; p < POLICY_PERMISSIONS; p++) {
		on = policy_permission(on, p, POLICY_ENABLE);
		off = policy_permission(off, p, POLICY_DISABLE);
	}
	ck_assert_uint_eq(on, 0x2aaaaaa);
	ck_assert_uint_eq(off, 0x1555555);
	uint64_t mix = policy_permission(0, POLICY_P_KEYBOARD, POLICY_DISABLE);
	ck_assert_uint_eq(policy_permission(mix, POLICY_P_FILE, POLICY_ENABLE),
			  0x81);
}
END_TEST

START_TEST(what_the_writer_writes_the_reader_reads)
{
	static struct policy_group g;
	static char row[POLICY_ROW_MAX];
	struct policy_user u = { .disabled = true, .name = "Zoë von A" };
	struct policy_device d = { .deleted = true };
	const char *rows[POLICY_ROWS] = { NULL };
	char user[POLICY_NAME_MAX + 128], device[POLICY_NAME_MAX + 128];

	for (size_t i = 0; i < POLICY_RULES_MAX; i++) {
		struct policy_ref *r = &g.in[g.nin++];

		r->kind = POLICY_USER;
		snprintf(r->guid, sizeof(r->guid),
			 "00000000-0000-7000-8000-%012zu", i);
		g.out[g.nout++] =
			(struct policy_ref){ .kind = 'd', .guid = "x" };
	}
	strcpy(u.group, "g-1");
	strcpy(d.owner, "u-1");
	rows[POLICY_ROW_USER] = policy_write_user(&u, user, sizeof(user));
	rows[POLICY_ROW_DEVICE] =
		policy_write_device(&d, device, sizeof(device));
	rows[POLICY_ROW_DEVICE_GROUP] =
		policy_write_group(&g, row, sizeof(row));
	ck_assert_int_eq(policy_read(&facts, rows), 0);
	ck_assert_uint_eq(facts.device_group.nin, POLICY_RULES_MAX);
	ck_assert_uint_eq(facts.device_group.nout, POLICY_RULES_MAX);
	ck_assert_str_eq(facts.device_group.in[255].guid, g.in[255].guid);
	ck_assert_str_eq(facts.user.name, "Zoë von A");
	ck_assert_str_eq(facts.user.group, "g-1");
	ck_assert_str_eq(facts.user.role, "");
	ck_assert(facts.user.disabled && facts.device.deleted);
	ck_assert_str_eq(facts.device.owner, "u-1");
}
END_TEST

START_TEST(a_row_of_another_version_or_shape_is_refused)
{
	static const char *const bad[] = { "", "2 0 - - x", "1", "1 zz - -",
					   "1 0 a" };
	struct policy_settings s;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *rows[POLICY_ROWS] = { [POLICY_ROW_USER] = bad[i] };

		ck_assert_msg(policy_read(&facts, rows) < 0, "%s", bad[i]);
	}
	ck_assert_int_lt(policy_read_settings("1 7 0", &s), 0);
	const char *rows[POLICY_ROWS] = { [POLICY_ROW_USER_GROUP] = "1 i x1" };
	ck_assert_int_lt(policy_read(&facts, rows), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policy");
	TCase *tc = tcase_create("policy");

	tcase_add_test(tc, without_any_row_everybody_may_connect);
	tcase_add_test(tc, an_assigned_device_needs_an_account);
	tcase_add_test(
		tc,
		strict_mode_asks_for_an_account_even_for_unassigned_devices);
	tcase_add_test(tc, each_rule_alone_is_enough_and_none_is_not);
	tcase_add_test(tc,
		       disabled_users_devices_and_owners_block_even_the_owner);
	tcase_add_test(tc, a_control_role_refuses_the_kinds_it_disables);
	tcase_add_test(
		tc,
		a_guest_may_what_his_host_may_less_what_the_link_takes_away);
	tcase_add_test(
		tc,
		a_guest_is_let_in_while_his_host_would_be_and_told_of_his_link);
	tcase_add_test(tc, permission_words_are_those_of_the_protocol);
	tcase_add_test(tc, what_the_writer_writes_the_reader_reads);
	tcase_add_test(tc, a_row_of_another_version_or_shape_is_refused);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
