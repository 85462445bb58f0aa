#include "services/api/rules/perm.h"
#include "tests/unit/unit.h"

static uint64_t bit(enum perm p)
{
	return UINT64_C(1) << p;
}

START_TEST(names_and_rights_correspond)
{
	for (enum perm p = PERM_NONE + 1; p < PERM_ADMIN; p++)
		ck_assert_int_eq(perm_parse(perm_name(p)), p);
	ck_assert_int_eq(perm_parse("nonsense"), PERM_COUNT);
	ck_assert_int_eq(perm_parse("admin"), PERM_COUNT);
	ck_assert_int_eq(perm_parse("user"), PERM_COUNT);
}
END_TEST

START_TEST(an_edit_right_implies_its_view_right)
{
	ck_assert_uint_eq(perm_effective(SCOPE_GLOBAL, bit(PERM_USER_EMAIL)),
			  bit(PERM_USER_EMAIL) | bit(PERM_USER_VIEW));
	ck_assert_uint_eq(
		perm_effective(SCOPE_GLOBAL, bit(PERM_DGROUP_STRATEGY)),
		bit(PERM_DGROUP_STRATEGY) | bit(PERM_DGROUP_VIEW));
	ck_assert_uint_eq(
		perm_effective(SCOPE_GLOBAL, bit(PERM_RECORDING_DELETE)),
		bit(PERM_RECORDING_DELETE) | bit(PERM_RECORDING_VIEW));
	ck_assert_uint_eq(perm_effective(SCOPE_GLOBAL, bit(PERM_ROLE_EDIT)),
			  bit(PERM_ROLE_EDIT) | bit(PERM_ROLE_VIEW));
}
END_TEST

START_TEST(a_scope_has_only_the_rights_that_make_sense_in_it)
{
	static const enum perm individual[] = {
		PERM_DEVICE_VIEW, PERM_DEVICE_ENABLE,   PERM_DEVICE_DELETE,
		PERM_DEVICE_INFO, PERM_DEVICE_STRATEGY, PERM_AUDIT_VIEW,
		PERM_AUDIT_EDIT,  PERM_RECORDING_VIEW,  PERM_RECORDING_DELETE
	};
	uint64_t want = 0;

	for (size_t i = 0; i < ARRAY_LEN(individual); i++)
		want |= bit(individual[i]);
	ck_assert_uint_eq(perm_effective(SCOPE_INDIVIDUAL, UINT64_MAX), want);
	uint64_t group = perm_effective(SCOPE_GROUP, UINT64_MAX);
	ck_assert_uint_eq(group & bit(PERM_USER_GROUP), 0);
	ck_assert_uint_eq(group & bit(PERM_DEVICE_ASSIGN), 0);
	ck_assert_uint_eq(group & bit(PERM_STRATEGY_EDIT), 0);
	ck_assert_uint_ne(group & bit(PERM_USER_CREATE), 0);
	ck_assert_uint_ne(group & bit(PERM_RECORDING_VIEW), 0);
}
END_TEST

static const struct target own = { .user = "me", .device = true };
static const struct target other = { .user = "you", .device = true };
static const struct target nobodys = {
	.user = "", .ugroup = "", .dgroup = "", .device = true
};

START_TEST(an_individual_role_reaches_own_devices)
{
	struct grant g = { .scope = SCOPE_INDIVIDUAL,
			   .perms = bit(PERM_DEVICE_ENABLE) };
	struct target self = { .user = "me" };

	ck_assert(perm_may(&g, 1, PERM_DEVICE_ENABLE, "me", &own));
	ck_assert(!perm_may(&g, 1, PERM_DEVICE_ENABLE, "me", &other));
	ck_assert(!perm_may(&g, 1, PERM_DEVICE_ENABLE, "", &nobodys));
	ck_assert(!perm_may(&g, 1, PERM_DEVICE_DELETE, "me", &own));
	ck_assert(!perm_may(&g, 1, PERM_DEVICE_ENABLE, "me", &self));
}
END_TEST

START_TEST(a_group_role_reaches_its_groups)
{
	struct grant g = { .scope = SCOPE_GROUP,
			   .perms = bit(PERM_DEVICE_ENABLE) |
				    bit(PERM_USER_NOTE),
			   .nug = 1,
			   .ug = { "ug" },
			   .ndg = 1,
			   .dg = { "dg" } };
	struct target member = { .user = "x", .ugroup = "ug" };
	struct target outsider = { .user = "x", .ugroup = "" };
	struct target grouped = {
		.user = "", .ugroup = "", .dgroup = "dg", .device = true
	};

	ck_assert(perm_may(&g, 1, PERM_USER_NOTE, "me", &member));
	ck_assert(!perm_may(&g, 1, PERM_USER_NOTE, "me", &outsider));
	ck_assert(perm_may(&g, 1, PERM_DEVICE_ENABLE, "me", &grouped));
	ck_assert(!perm_may(&g, 1, PERM_DEVICE_ENABLE, "me", &nobodys));
	g.unassigned = true;
	ck_assert(perm_may(&g, 1, PERM_DEVICE_ENABLE, "me", &nobodys));
	ck_assert(!perm_global(&g, 1, PERM_USER_NOTE));
}
END_TEST

START_TEST(several_roles_add_up)
{
	struct grant g[2] = {
		{ .scope = SCOPE_INDIVIDUAL, .perms = bit(PERM_DEVICE_VIEW) },
		{ .scope = SCOPE_GLOBAL, .perms = bit(PERM_USER_VIEW) }
	};

	ck_assert(perm_may(g, 2, PERM_DEVICE_VIEW, "me", &own));
	ck_assert(perm_global(g, 2, PERM_USER_VIEW));
	ck_assert(!perm_any(g, 2, PERM_USER_NOTE));
	ck_assert(!perm_any(g, 0, PERM_USER_VIEW));
}
END_TEST

START_TEST(nobody_covers_whoever_has_a_right_that_he_lacks)
{
	struct grant all = { .scope = SCOPE_GLOBAL,
			     .perms = bit(PERM_USER_VIEW) |
				      bit(PERM_DEVICE_VIEW) };
	struct grant in_g = { .scope = SCOPE_GROUP,
			      .perms = bit(PERM_USER_VIEW) |
				       bit(PERM_DEVICE_VIEW),
			      .nug = 1,
			      .ug = { "g" } };
	struct grant in_g_and_free = in_g, in_h = in_g;
	struct grant own_devices = { .scope = SCOPE_INDIVIDUAL,
				     .perms = bit(PERM_DEVICE_VIEW) };
	struct grant more = { .scope = SCOPE_INDIVIDUAL,
			      .perms = bit(PERM_DEVICE_DELETE) };

	in_g_and_free.unassigned = true;
	in_h.ug[0] = "h";
#define COVERS(mine, his, group)                                               \
	perm_covers(&(mine), 1, "me", &(his), 1, "you", group)
	ck_assert(COVERS(all, all, "g"));
	ck_assert(COVERS(all, in_g_and_free, "g"));
	ck_assert(COVERS(in_g, in_g, "g"));
	ck_assert(COVERS(in_g, own_devices, "g"));
	ck_assert(COVERS(in_g_and_free, in_g, "g"));
	ck_assert(!COVERS(in_g, all, "g"));
	ck_assert(!COVERS(in_g, in_h, "g"));
	ck_assert(!COVERS(in_g, in_g_and_free, "g"));
	ck_assert(!COVERS(in_g, own_devices, "h"));
	ck_assert(!COVERS(own_devices, own_devices, "g"));
	ck_assert(!COVERS(all, more, "g"));
	/* His second role counts as much as his first. */
	struct grant both[] = { in_g, in_h };
	ck_assert(!perm_covers(&in_g, 1, "me", both, 2, "you", "g"));
	ck_assert(perm_covers(both, 2, "me", both, 2, "you", "g"));
	/* Whoever has no right may be covered by anybody. */
	ck_assert(perm_covers(NULL, 0, "me", NULL, 0, "you", "g"));
	ck_assert(!perm_covers(NULL, 0, "me", &in_g, 1, "you", "g"));
}
END_TEST

UNIT_MAIN("perm", nobody_covers_whoever_has_a_right_that_he_lacks,
	  names_and_rights_correspond, an_edit_right_implies_its_view_right,
	  a_scope_has_only_the_rights_that_make_sense_in_it,
	  an_individual_role_reaches_own_devices,
	  a_group_role_reaches_its_groups, several_roles_add_up)
