/* What the api is told of a relay's lists: a look, not a copy. */
#include "../unit.h"

#include "services/hbbr/edge/report.h"
#include "state.pb-c.h"

static uint8_t told[REPORT_MAX];
static size_t len;

void __wrap_registry_tell_lists(struct registry *r, const uint8_t *lists,
				size_t n);

void __wrap_registry_tell_lists(struct registry *r, const uint8_t *lists,
				size_t n)
{
	(void)r;
	ck_assert_uint_le(n, sizeof told);
	memcpy(told, lists, n);
	len = n;
}

/* Tells of N entries and as many bad lines, all as long as they can be. */
static State__RelayLists *tell(unsigned n)
{
	static struct list_file file;
	static struct ipset_bad bad;
	struct ipset set = { 0 };
	char text[IPSET_TEXT_MAX], *lines = calloc(n + 1, 128);

	memset(file.path, 'p', sizeof file.path - 1);
	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof text,
			 "2001:db8:1111:2222:3333:4444:5555:%04x", i + 0x1000);
		ck_assert_int_eq(ipset_add(&set, text), 0);
		memset(lines + strlen(lines), 'x', 120);
		strcat(lines, "\n");
	}
	bad = (struct ipset_bad){ 0 };
	ck_assert_int_eq(ipset_parse(&set, lines, &bad), 0);
	file.bad = bad;
	const struct report_list lists[2] = { { "BLACKLIST", &file, &set },
					      { "BLOCKLIST", &file, &set } };
	report_lists((struct registry *)1, lists);
	ipset_fini(&set);
	free(lines);
	State__RelayLists *all = state__relay_lists__unpack(NULL, len, told);
	ck_assert_ptr_nonnull(all);
	ck_assert_uint_eq(all->n_lists, 2);
	return all;
}

START_TEST(of_a_list_so_many_entries_and_bad_lines_are_told_and_no_more)
{
	for (unsigned n = REPORT_SHOWN - 1; n <= REPORT_SHOWN + 1; n++) {
		State__RelayLists *all = tell(n);

		for (size_t i = 0; i < 2; i++) {
			const State__RelayList *l = all->lists[i];
			ck_assert_uint_eq(l->entries, n);
			ck_assert_uint_eq(l->n_first,
					  n < REPORT_SHOWN ? n : REPORT_SHOWN);
			ck_assert_uint_eq(l->bad, n);
			ck_assert_uint_eq(l->n_bad_first, IPSET_BAD_SHOWN);
			ck_assert_uint_eq(strlen(l->path), REPORT_PATH);
		}
		state__relay_lists__free_unpacked(all, NULL);
	}
}
END_TEST

UNIT_MAIN("report",
	  of_a_list_so_many_entries_and_bad_lines_are_told_and_no_more)
