/* Devices of the index that are one machine. */
#include "../unit.h"

#include "services/api/index/index_impl.h"
#include "services/api/index/twins.h"

enum { DEVICES = 100 };

static struct index *ix;
static struct grant all = { .scope = SCOPE_GLOBAL, .perms = UINT64_MAX };

static void put(unsigned n, struct index_device d)
{
	char guid[37], id[16];

	snprintf(guid, sizeof(guid), "%08x-0000-4000-8000-000000000000", n);
	snprintf(id, sizeof(id), "%u", n);
	d.guid = guid;
	d.id = id;
	ck_assert_int_eq(index_put(ix, &d), 0);
}

static struct index_query query(void)
{
	return (struct index_query){ .online = -1,
				     .status = -1,
				     .grants = &all,
				     .ngrants = 1,
				     .self = "",
				     .perm = PERM_DEVICE_VIEW,
				     .size = 100 };
}

static void setup(void)
{
	ix = index_new(DEVICES);
	ck_assert_ptr_nonnull(ix);
}

/* The groups of a page: "2: 1 3; 3: 4 5 6", sizes and who is shown. */
static const char *groups(struct index_query q, enum index_twin by,
			  size_t *total)
{
	static char out[4096];
	struct index_twins t;
	size_t len = 0, at = 0;

	*out = 0;
	ck_assert_int_eq(index_twins(ix, &q, by, &t), 0);
	for (size_t i = 0; i < t.n; i++) {
		len += (size_t)snprintf(out + len, sizeof(out) - len,
					"%s%zu:", i ? "; " : "", t.counts[i]);
		for (size_t k = 0; k < t.counts[i] && k < INDEX_TWINS_SHOWN;
		     k++)
			len += (size_t)snprintf(
				out + len, sizeof(out) - len, " %lu",
				strtoul(t.page.rows[at++].guid, NULL, 16));
	}
	ck_assert_uint_eq(at, t.page.n);
	*total = t.page.total;
	index_twins_free(&t);
	return out;
}

START_TEST(devices_of_one_machine_are_a_group_the_last_seen_first)
{
	struct index_query q = query();
	struct index_presence p = { .via = VIA_UDP, .seen_s = 1000 };
	size_t total;

	setup();
	for (unsigned n = 1; n <= 5; n++)
		put(n, (struct index_device){ .machine = n == 4 ? "other"
								: "same" });
	put(6, (struct index_device){ .machine = "other" });
	put(7, (struct index_device){ .machine = "" });
	put(8, (struct index_device){ 0 });
	index_seen(ix, "3", 1, &p);
	ck_assert_str_eq(groups(q, INDEX_TWIN_MACHINE, &total),
			 "4: 3 1 2 5; 2: 4 6");
	ck_assert_uint_eq(total, 2);
	q.size = 1;
	q.start = 1;
	ck_assert_str_eq(groups(q, INDEX_TWIN_MACHINE, &total), "2: 4 6");
	q.start = 2;
	ck_assert_str_eq(groups(q, INDEX_TWIN_MACHINE, &total), "");
	ck_assert_uint_eq(total, 2);
	/* Who may see one of them alone sees no group. */
	q.start = 0;
	q.ngrants = 0;
	ck_assert_str_eq(groups(q, INDEX_TWIN_MACHINE, &total), "");
	q.ngrants = 1;
	put(4, (struct index_device){ .machine = "new" });
	q.size = 9;
	ck_assert_str_eq(groups(q, INDEX_TWIN_MACHINE, &total), "4: 3 1 2 5");
	index_free(ix);
}
END_TEST

START_TEST(devices_of_one_name_user_and_system_are_a_group)
{
	size_t total;

	setup();
	put(1, (struct index_device){
		       .hostname = "Desk", .username = "ann", .os = "linux" });
	put(2, (struct index_device){
		       .hostname = "desk", .username = "ann", .os = "linux" });
	put(3, (struct index_device){ .hostname = "desk",
				      .username = "ann",
				      .os = "windows" });
	put(4, (struct index_device){
		       .hostname = "desk", .username = "bob", .os = "linux" });
	put(5, (struct index_device){ .hostname = "deskann", .os = "linux" });
	put(6, (struct index_device){ .username = "ann", .os = "linux" });
	put(7, (struct index_device){ .username = "ann", .os = "linux" });
	ck_assert_str_eq(groups(query(), INDEX_TWIN_HOST, &total), "2: 1 2");
	index_free(ix);
}
END_TEST

START_TEST(of_a_large_group_so_many_are_shown_and_all_are_counted)
{
	char want[256];
	size_t len, total;

	setup();
	for (unsigned n = 1; n <= INDEX_TWINS_SHOWN + 1; n++)
		put(n, (struct index_device){ .machine = "cloned" });
	len = (size_t)snprintf(want, sizeof(want),
			       "%d:", INDEX_TWINS_SHOWN + 1);
	for (int n = 1; n <= INDEX_TWINS_SHOWN; n++)
		len += (size_t)snprintf(want + len, sizeof(want) - len, " %d",
					n);
	ck_assert_str_eq(groups(query(), INDEX_TWIN_MACHINE, &total), want);
	index_free(ix);
}
END_TEST

UNIT_MAIN("twins", devices_of_one_machine_are_a_group_the_last_seen_first,
	  devices_of_one_name_user_and_system_are_a_group,
	  of_a_large_group_so_many_are_shown_and_all_are_counted)
