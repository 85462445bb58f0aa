/* The device index: filters, order, pages, rights. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "services/api/index/index_impl.h"

/* In a test; INDEX_DEVICES of them would take a gigabyte. */
enum { DEVICES = 1000 };

static struct index *ix;
static struct grant all = { .scope = SCOPE_GLOBAL, .perms = UINT64_MAX };

static const char *guid(char out[37], unsigned n)
{
	snprintf(out, 37, "%08x-0000-4000-8000-000000000000", n);
	return out;
}

static void put(unsigned n, struct index_device d)
{
	char g[37], id[16];

	d.guid = guid(g, n);
	snprintf(id, sizeof(id), "%u", n);
	if (!d.id)
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
				     .sort = INDEX_BY_ID,
				     .size = 100 };
}

/* The numbers of the found devices, "3 1 2". */
static const char *found(struct index_query q)
{
	static char out[4096];
	struct index_page p;
	size_t len = 0;

	*out = 0;
	ck_assert_int_eq(index_find(ix, &q, &p), 0);
	for (size_t i = 0; i < p.n; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%lu",
					i ? " " : "",
					strtoul(p.rows[i].guid, NULL, 16));
	index_page_free(&p);
	return out;
}

static void setup(void)
{
	ix = index_new(DEVICES);
	ck_assert_ptr_nonnull(ix);
}

static void teardown(void)
{
	index_free(ix);
}

START_TEST(texts_are_contained_in_any_case_and_a_dash_is_empty)
{
	struct index_query q = query();

	put(1, (struct index_device){ .name = "Front Desk", .note = "Hall" });
	put(2, (struct index_device){ .hostname = "BACK-desk" });
	put(3, (struct index_device){ .name = "x", .hostname = "desk" });
	q.name = "DESK";
	ck_assert_str_eq(found(q), "1 2");
	q.name = NULL;
	q.text = "desk"; /* finds the reported name behind an edited one */
	ck_assert_str_eq(found(q), "1 2 3");
	q.text = NULL;
	q.note = "-";
	ck_assert_str_eq(found(q), "2 3");
}
END_TEST

START_TEST(free_text_searches_id_system_note_and_address)
{
	struct index_query q = query();
	struct index_presence p = { 7,
				    VIA_UDP,
				    1000,
				    { [10] = 0xff,
				      [11] = 0xff,
				      [12] = 10,
				      [13] = 1,
				      [14] = 2,
				      [15] = 3 } };

	put(1, (struct index_device){ .os = "windows / 11" });
	put(2, (struct index_device){ .note = "windows to the yard" });
	put(103, (struct index_device){ .id = "103" });
	index_seen(ix, "103", 3, &p);
	q.text = "Windows";
	ck_assert_str_eq(found(q), "1 2");
	q.text = "03";
	ck_assert_str_eq(found(q), "103");
	q.text = "10.1.";
	ck_assert_str_eq(found(q), "103");
	q.text = NULL;
	q.address = "2.3";
	ck_assert_str_eq(found(q), "103");
	q.address = "-";
	ck_assert_str_eq(found(q), "1 2");
}
END_TEST

START_TEST(every_order_is_total_and_reversible)
{
	static const char *const versions[] = { "1.4.9", "1.4.10", "1.3",
						"1.4.9" };
	char seen[INDEX_COLUMNS][64];
	struct index_query q = query();

	for (unsigned i = 0; i < 4; i++)
		put(i + 1, (struct index_device){
				   .version = versions[i],
				   .name = "a name that is longer than a key",
				   .created_ms = 10 - i });
	q.sort = INDEX_BY_VERSION;
	ck_assert_str_eq(found(q), "3 1 4 2");
	q.sort = INDEX_BY_CREATED;
	ck_assert_str_eq(found(q), "4 3 2 1");
	for (unsigned c = 0; c < INDEX_COLUMNS; c++) {
		q.sort = (enum index_column)c;
		q.descending = false;
		snprintf(seen[c], sizeof(seen[c]), "%s", found(q));
		q.descending = true;
		const char *back = found(q);
		for (size_t i = 0, n = strlen(back); i < n; i++)
			ck_assert_int_eq(back[i], seen[c][n - 1 - i]);
	}
}
END_TEST

START_TEST(long_names_that_begin_alike_are_in_order)
{
	struct index_query q = query();

	put(1, (struct index_device){ .name = "workstation-0000000002" });
	put(2, (struct index_device){ .name = "workstation-0000000010" });
	put(3, (struct index_device){ .name = "Workstation-0000000001" });
	q.sort = INDEX_BY_NAME;
	ck_assert_str_eq(found(q), "3 1 2");
}
END_TEST

START_TEST(pages_of_any_size_make_the_whole_list)
{
	char whole[8192], parts[8192];
	struct index_query q = query();

	for (unsigned i = 1; i <= 500; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%u", i * 7919 % 13);
		put(i, (struct index_device){ .name = name });
	}
	for (size_t size = 1; size < 520; size += 37) {
		size_t len = 0;

		q.sort = INDEX_BY_NAME;
		q.start = 0;
		q.size = 1000;
		snprintf(whole, sizeof(whole), "%s", found(q));
		*parts = 0;
		for (q.start = 0, q.size = size; q.start < 500; q.start += size)
			len += (size_t)snprintf(parts + len,
						sizeof(parts) - len, "%s%s",
						len ? " " : "", found(q));
		ck_assert_str_eq(parts, whole);
		ck_assert_str_eq(found(q), "");
	}
}
END_TEST

/* The same rule as hbbs has, common/site/online.h, second by second. */
START_TEST(who_is_held_by_a_dead_node_is_online_as_long_as_anybody_may_push)
{
	static const enum transport ways[] = { VIA_UDP, VIA_TCP, VIA_WS };
	struct index_query q = query();

	for (int i = 0; i < 3; i++) {
		struct index_presence p = { .epoch = 7,
					    .via = ways[i],
					    .seen_s = 1000 };
		char id[] = { (char)('1' + i), 0 };
		put(i + 1, (struct index_device){ 0 });
		index_seen(ix, id, 1, &p);
	}
	put(4, (struct index_device){ 0 });
	q.online = 1;
	ck_assert_str_eq(found(q), "");
	for (uint32_t age = 0; age < 40; age++) {
		for (int listens = 0; listens < 2; listens++) {
			struct node_sight nodes[] = { { 8, 0, true },
						      { 7, age, listens } };
			bool alive = age < 6 && listens;
			index_nodes(ix, nodes, 2);
			ck_assert_str_eq(found(q), alive      ? "1 2 3"
						   : age < 36 ? "1"
							      : "");
			ck_assert_uint_eq(index_sums(ix).online,
					  alive ? 3 : age < 36);
		}
	}
	index_nodes(ix, &(struct node_sight){ 7, 0, true }, 1);
	q.online = 0;
	ck_assert_str_eq(found(q), "4");
	q.online = -1;
	q.seen_before_s = 2000; /* who is online is seen now */
	ck_assert_str_eq(found(q), "4");
	index_nodes(ix, NULL, 0);
	ck_assert_str_eq(found(q), "1 2 3 4");
}
END_TEST

START_TEST(a_changed_id_loses_the_presence_of_the_old_one)
{
	struct index_presence p = { .epoch = 7,
				    .via = VIA_TCP,
				    .seen_s = 1000 };

	index_nodes(ix, &(struct node_sight){ 7, 0, true }, 1);
	put(1, (struct index_device){ .id = "old" });
	index_seen(ix, "OLD", 3, &p);
	ck_assert_uint_eq(index_sums(ix).online, 1);
	put(1, (struct index_device){ .id = "new" });
	ck_assert_uint_eq(index_sums(ix).online, 0);
	index_seen(ix, "old", 3, &p);
	ck_assert_uint_eq(index_sums(ix).online, 0);
	put(2, (struct index_device){ .id = "new" }); /* two claim one id */
	char g[37];
	index_drop(ix, guid(g, 1));
	index_seen(ix, "new", 3, &p);
	ck_assert_uint_eq(index_sums(ix).online, 1);
	index_drop(ix, guid(g, 2));
	ck_assert_uint_eq(index_count(ix), 0);
}
END_TEST

START_TEST(rights_of_groups_owners_and_the_unassigned_are_kept)
{
	char u[37], ug[37], dg[37];
	struct grant g = { .scope = SCOPE_GROUP,
			   .perms = UINT64_C(1) << PERM_DEVICE_VIEW };
	struct index_query q = query();

	q.grants = &g;
	ck_assert_int_eq(index_put_name(ix, INDEX_USER, guid(u, 100), "ann",
					guid(ug, 200)),
			 0);
	put(1, (struct index_device){ .owner = u });
	put(2, (struct index_device){ .group = guid(dg, 300) });
	put(3, (struct index_device){ 0 });
	ck_assert_str_eq(found(q), "");
	g.ug[g.nug++] = ug;
	ck_assert_str_eq(found(q), "1");
	g.dg[g.ndg++] = dg;
	ck_assert_str_eq(found(q), "1 2");
	g.unassigned = true;
	ck_assert_str_eq(found(q), "1 2 3");
	g = (struct grant){ .scope = SCOPE_INDIVIDUAL, .perms = g.perms };
	q.self = u;
	ck_assert_str_eq(found(q), "1");
}
END_TEST

START_TEST(references_are_filtered_and_sorted_by_their_names)
{
	char a[37], b[37], g[37];
	struct index_query q = query();

	put(1, (struct index_device){ .owner = guid(a, 100) });
	put(2, (struct index_device){ .owner = guid(b, 101) });
	put(3, (struct index_device){ .owner = "not a guid" });
	/* The name may come after the device, and change. */
	ck_assert_int_eq(index_put_name(ix, INDEX_USER, a, "Zoe", ""), 0);
	ck_assert_int_eq(index_put_name(ix, INDEX_USER, b, "ann", guid(g, 200)),
			 0);
	ck_assert_int_eq(index_put_name(ix, INDEX_USER_GROUP, g, "Sales", NULL),
			 0);
	q.sort = INDEX_BY_USER;
	ck_assert_str_eq(found(q), "3 2 1");
	q.names[INDEX_USER] = "ZO";
	ck_assert_str_eq(found(q), "1");
	q.names[INDEX_USER] = "-";
	ck_assert_str_eq(found(q), "3");
	q.names[INDEX_USER] = NULL;
	q.names[INDEX_USER_GROUP] = "sales";
	ck_assert_str_eq(found(q), "2");
	ck_assert_int_eq(index_put_name(ix, INDEX_USER, "junk", "x", NULL),
			 -22);
}
END_TEST

START_TEST(a_device_too_many_is_not_listed_and_the_others_go_on)
{
	struct index_device more = { .id = "more" };
	struct index_query q = query();
	char g[37];

	for (unsigned i = 1; i <= DEVICES; i++)
		put(i, (struct index_device){ .name = "before" });
	ck_assert_uint_eq(index_count(ix), DEVICES);
	more.guid = guid(g, DEVICES + 1);
	ck_assert_int_eq(index_put(ix, &more), -ENOSPC);
	ck_assert_uint_eq(index_count(ix), DEVICES);
	put(7, (struct index_device){ .name = "changed" });
	q.name = "changed";
	ck_assert_str_eq(found(q), "7");
	index_drop(ix, guid(g, 7));
	more.guid = guid(g, DEVICES + 1);
	ck_assert_int_eq(index_put(ix, &more), 0);
	ck_assert_uint_eq(index_count(ix), DEVICES);
}
END_TEST

START_TEST(so_many_nodes_hold_peers_and_those_of_one_more_are_offline)
{
	static struct node_sight nodes[INDEX_NODES_MAX + 1];
	struct index_presence p = { .via = VIA_TCP, .seen_s = 1000 };
	struct index_query q = query();

	for (uint32_t i = 0; i <= INDEX_NODES_MAX; i++)
		nodes[i] = (struct node_sight){ i + 1, 0, true };
	for (uint32_t i = INDEX_NODES_MAX - 1; i <= INDEX_NODES_MAX; i++) {
		char id[16];

		snprintf(id, sizeof(id), "%u", i);
		put(i, (struct index_device){ 0 });
		p.epoch = nodes[i].epoch;
		index_seen(ix, id, strlen(id), &p);
	}
	index_nodes(ix, nodes, INDEX_NODES_MAX + 1);
	q.online = 1;
	ck_assert_str_eq(found(q), "1023");
}
END_TEST

static _Atomic pid_t asker;
static _Atomic bool answered;

static void *ask(void *arg)
{
	struct index_query q = query();
	struct index_page p;

	asker = (pid_t)syscall(SYS_gettid);
	ck_assert_int_eq(index_find(arg, &q, &p), 0);
	index_page_free(&p);
	answered = true;
	return NULL;
}

/* Does the thread TID of this process wait for another one? */
static bool sleeps(pid_t tid)
{
	char path[64], state = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	FILE *f = tid ? fopen(path, "re") : NULL;
	if (!f)
		return false;
	if (fscanf(f, "%*d %*[^)]) %c", &state) != 1)
		state = 0;
	fclose(f);
	return state == 'S';
}

START_TEST(two_queries_run_at_a_time_and_the_third_waits)
{
	pthread_t thread;

	put(1, (struct index_device){ 0 });
	for (int i = 0; i < INDEX_QUERIES; i++)
		ck_assert_int_eq(sem_trywait(&ix->queries), 0);
	ck_assert_int_eq(sem_trywait(&ix->queries), -1);
	ck_assert_int_eq(pthread_create(&thread, NULL, ask, ix), 0);
	while (!answered && !sleeps(asker))
		sched_yield();
	ck_assert(!answered);
	sem_post(&ix->queries);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert(answered);
	/* And its place is given back. */
	ck_assert_int_eq(sem_trywait(&ix->queries), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("index");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 240); /* beside sanitizers */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, texts_are_contained_in_any_case_and_a_dash_is_empty);
	tcase_add_test(t, free_text_searches_id_system_note_and_address);
	tcase_add_test(t, every_order_is_total_and_reversible);
	tcase_add_test(t, long_names_that_begin_alike_are_in_order);
	tcase_add_test(t, pages_of_any_size_make_the_whole_list);
	tcase_add_test(
		t,
		who_is_held_by_a_dead_node_is_online_as_long_as_anybody_may_push);
	tcase_add_test(t, a_changed_id_loses_the_presence_of_the_old_one);
	tcase_add_test(t, rights_of_groups_owners_and_the_unassigned_are_kept);
	tcase_add_test(t, references_are_filtered_and_sorted_by_their_names);
	tcase_add_test(t, a_device_too_many_is_not_listed_and_the_others_go_on);
	tcase_add_test(
		t, so_many_nodes_hold_peers_and_those_of_one_more_are_offline);
	tcase_add_test(t, two_queries_run_at_a_time_and_the_third_waits);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
