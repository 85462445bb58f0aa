#include <errno.h>

#include "common/base/ipset.h"
#include "tests/unit/unit.h"

static bool has(const struct ipset *s, const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(text, 0, &a), 0);
	return ipset_has(s, &a);
}

START_TEST(an_address_and_its_mapped_form_are_one)
{
	struct ipset s = { 0 };

	ck_assert_int_eq(ipset_add(&s, "198.51.100.7"), 0);
	ck_assert(has(&s, "198.51.100.7"));
	ck_assert(has(&s, "::ffff:198.51.100.7"));
	ck_assert(!has(&s, "198.51.100.8"));
	ck_assert_int_eq(ipset_add(&s, "::ffff:198.51.100.7"), 0);
	ck_assert_uint_eq(s.n, 1);
	ck_assert_int_eq(ipset_remove(&s, "198.51.100.7"), 0);
	ck_assert(!has(&s, "198.51.100.7"));
	ck_assert_int_eq(ipset_remove(&s, "198.51.100.7"), -ENOENT);
	ipset_fini(&s);
}
END_TEST

START_TEST(networks_match_all_they_contain)
{
	struct ipset s = { 0 };

	ck_assert_int_eq(ipset_add(&s, "10.1.2.3/8"), 0);
	ck_assert_int_eq(ipset_add(&s, "2001:db8:1::/48"), 0);
	ck_assert_int_eq(ipset_add(&s, "192.0.2.1"), 0);
	ck_assert(has(&s, "10.255.0.1"));
	ck_assert(!has(&s, "11.0.0.1"));
	ck_assert(has(&s, "2001:db8:1:ffff::1"));
	ck_assert(!has(&s, "2001:db8:2::1"));
	ck_assert(has(&s, "192.0.2.1"));
	ck_assert_int_eq(ipset_remove(&s, "10.0.0.0/8"), 0);
	ck_assert(!has(&s, "10.255.0.1"));
	ck_assert(has(&s, "192.0.2.1"));
	ipset_fini(&s);
}
END_TEST

START_TEST(nonsense_is_refused)
{
	struct ipset s = { 0 };

	ck_assert_int_eq(ipset_add(&s, "all"), -EINVAL);
	ck_assert_int_eq(ipset_add(&s, ""), -EINVAL);
	ck_assert_int_eq(ipset_add(&s, "1.2.3.4/33"), -EINVAL);
	ck_assert_int_eq(ipset_remove(&s, "x"), -EINVAL);
	ck_assert_uint_eq(s.n, 0);
	ipset_fini(&s);
}
END_TEST

START_TEST(a_list_file_may_have_remarks)
{
	struct ipset s = { 0 };
	struct ipset_bad bad = { 0 };

	ck_assert_int_eq(ipset_parse(&s,
				     "1.2.3.4 the neighbour\r\n\n# remark\n"
				     "nonsense\n2001:db8::5\t#\n10.0.0.0/8",
				     &bad),
			 0);
	ck_assert_uint_eq(bad.n, 1);
	ck_assert_str_eq(bad.first[0], "4: nonsense");
	ck_assert_uint_eq(s.n, 3);
	ck_assert(has(&s, "1.2.3.4"));
	ck_assert(has(&s, "2001:db8::5"));
	ck_assert(has(&s, "10.9.9.9"));
	ipset_fini(&s);
}
END_TEST

START_TEST(the_first_bad_lines_are_kept_and_can_be_shown)
{
	struct ipset s = { 0 };
	struct ipset_bad bad = { 0 };
	char text[1024] = "1.2.3.4.5 six\x1b[2J\r\n";
	char *at = text + strlen(text);

	memset(at, 'x', 200);
	strcpy(at + 200, "\n");
	for (size_t i = 0; i < 20; i++)
		strcat(text, "no\n");
	ck_assert_int_eq(ipset_parse(&s, text, &bad), 0);
	ck_assert_uint_eq(bad.n, 22);
	ck_assert_str_eq(bad.first[0], "1: 1.2.3.4.5 six?[2J");
	ck_assert_uint_eq(strlen(bad.first[1]), IPSET_BAD_MAX - 1);
	ck_assert_str_eq(bad.first[IPSET_BAD_SHOWN - 1], "8: no");
	ipset_fini(&s);
}
END_TEST

START_TEST(a_long_list_stays_searchable_and_is_capped)
{
	struct ipset s = { 0 };
	char text[32];

	for (unsigned i = 0; i < IPSET_MAX; i++) {
		unsigned v = i * 7919 % IPSET_MAX; /* 7919 is prime */
		snprintf(text, sizeof(text), "10.%u.%u.%u", v >> 16,
			 v >> 8 & 255, v & 255);
		ck_assert_int_eq(ipset_add(&s, text), 0);
		if (i >= 2000 && i < IPSET_MAX - 2000)
			i += 1999; /* keeps the quadratic insert short */
	}
	struct cidr *full = s.nets;
	ck_assert_ptr_nonnull(full);
	size_t n = s.n;
	s.n = IPSET_MAX; /* as if every slot were taken */
	s.size = IPSET_MAX;
	s.nets = calloc(IPSET_MAX, sizeof(*s.nets));
	ck_assert_int_eq(ipset_add(&s, "10.255.255.255"), -ENOBUFS);
	free(s.nets);
	s.nets = full;
	s.n = n;
	s.size = n;
	for (size_t i = 1; i < s.n; i++)
		ck_assert_int_lt(memcmp(s.nets[i - 1].ip, s.nets[i].ip, 16), 0);
	ck_assert(has(&s, "10.0.0.0"));
	ipset_fini(&s);
}
END_TEST

START_TEST(a_copy_is_independent)
{
	struct ipset s = { 0 }, copy;

	ck_assert_int_eq(ipset_copy(&s, &copy), 0);
	ck_assert_uint_eq(copy.n, 0);
	ck_assert_int_eq(ipset_add(&s, "1.2.3.4"), 0);
	ck_assert_int_eq(ipset_copy(&s, &copy), 0);
	ipset_clear(&s);
	ck_assert(!has(&s, "1.2.3.4"));
	ck_assert(has(&copy, "1.2.3.4"));
	ipset_fini(&copy);
	ipset_fini(&s);
}
END_TEST

START_TEST(the_listing_reads_as_it_was_written)
{
	struct ipset s = { 0 };
	struct ipset_bad bad = { 0 };
	struct buf out;

	buf_init(&out, 4096);
	ck_assert_int_eq(
		ipset_parse(&s, "10.0.0.0/8\n1.2.3.4\n2001:db8::/32", &bad), 0);
	ck_assert_int_eq(ipset_list(&s, &out), 0);
	ck_assert_int_eq(buf_append(&out, "", 1), 0);
	ck_assert_str_eq((const char *)buf_head(&out),
			 "2001:db8::/32\n10.0.0.0/8\n1.2.3.4\n");
	buf_fini(&out);
	ipset_fini(&s);
}
END_TEST

UNIT_MAIN("ipset", an_address_and_its_mapped_form_are_one,
	  networks_match_all_they_contain, nonsense_is_refused,
	  a_list_file_may_have_remarks,
	  the_first_bad_lines_are_kept_and_can_be_shown,
	  a_long_list_stays_searchable_and_is_capped, a_copy_is_independent,
	  the_listing_reads_as_it_was_written)
