#include <errno.h>

#include "common/base/quota.h"
#include "services/hbbr/pairing/match.h"
#include "tests/unit/unit.h"

static struct session *session(const char *uuid)
{
	struct session *s = calloc(1, sizeof(*s));

	snprintf(s->uuid, sizeof(s->uuid), "%s", uuid);
	s->first = s;
	return s;
}

static struct session *park(struct match *m, const char *uuid, uint64_t now)
{
	struct session *s = session(uuid);

	ck_assert_ptr_null(match_find(m, uuid));
	ck_assert_int_eq(match_admit(m, NULL), REASON_NONE);
	ck_assert_int_eq(match_park(m, s, now), 0);
	return s;
}

static void end(struct match *m, struct session *s)
{
	match_end(m, s, 0);
	free(s);
}

START_TEST(the_second_half_finds_the_first_and_a_third_is_refused)
{
	struct match m;

	match_init(&m, 10, 10);
	struct session *s = park(&m, "u1", 0);
	struct session *found = match_find(&m, "u1");
	ck_assert_ptr_eq(found, s);
	ck_assert_int_eq(match_admit(&m, found), REASON_NONE);
	match_pair(&m, s, 5);
	ck_assert_ptr_null(s->first);
	ck_assert_uint_eq(m.nwaiting, 0);
	ck_assert_uint_eq(m.npaired, 1);
	ck_assert_int_eq(match_admit(&m, match_find(&m, "u1")),
			 REASON_UUID_BUSY);
	end(&m, s);
	ck_assert_ptr_null(match_find(&m, "u1"));
	match_fini(&m);
}
END_TEST

static struct addr from(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(text, 0, &a), 0);
	return a;
}

START_TEST(a_device_that_comes_twice_is_known)
{
	struct match m;
	struct addr b = from("198.51.100.2:7"), c = from("198.51.100.3:7");

	match_init(&m, 10, 10);
	struct session *s = park(&m, "u1", 1000);
	s->ends[0] = (struct session_end){ .client = from("192.0.2.1:5"),
					   .controller = true };
	ck_assert(!match_is_duplicate(s, &b, false));
	s->ends[1] = (struct session_end){ .client = from("198.51.100.2:5") };
	ck_assert(!match_is_duplicate(s, &b, false)); /* not there yet */
	s->gate.has_ticket = true;
	match_pair(&m, s, 1000);
	ck_assert(match_is_duplicate(s, &b, false));
	ck_assert(!match_is_duplicate(s, &b, true));
	ck_assert(!match_is_duplicate(s, &c, false));
	/* Under another uuid, for a while. */
	ck_assert(match_came_lately(&m, &b, 1000 + MATCH_LATELY_MS));
	ck_assert(!match_came_lately(&m, &b, 1001 + MATCH_LATELY_MS));
	ck_assert(!match_came_lately(&m, &c, 1000));
	s->gate.has_ticket = false; /* that one was not allowed either */
	ck_assert(!match_came_lately(&m, &b, 1000));
	end(&m, s);
	s = park(&m, "u2", 2000);
	s->ends[0].client = b;
	s->gate.has_ticket = true;
	ck_assert(match_came_lately(&m, &b, 2000));
	end(&m, s);
	match_fini(&m);
}
END_TEST

START_TEST(a_dead_half_frees_its_uuid_at_once)
{
	struct match m;

	match_init(&m, 1, 1);
	end(&m, park(&m, "u1", 0));
	struct session *s = park(&m, "u1", 1); /* parked, not paired */
	ck_assert_int_eq(s->state, S_WAITING);
	end(&m, s);
	match_fini(&m);
}
END_TEST

START_TEST(waiting_ends_after_30_seconds_oldest_first)
{
	struct match m;

	match_init(&m, 10, 10);
	struct session *a = park(&m, "a", 1000);
	struct session *b = park(&m, "b", 2000);
	struct session *c = park(&m, "c", 3000);
	match_pair(&m, c, 3000);
	ck_assert_ptr_null(match_overdue(&m, 30999));
	ck_assert_ptr_eq(match_overdue(&m, 31000), a);
	end(&m, a);
	ck_assert_ptr_null(match_overdue(&m, 31999));
	ck_assert_ptr_eq(match_overdue(&m, 90000), b);
	end(&m, b);
	ck_assert_ptr_null(match_overdue(&m, 900000)); /* pairs do not wait */
	end(&m, c);
	match_fini(&m);
}
END_TEST

START_TEST(both_tables_have_their_caps)
{
	struct match m;

	match_init(&m, 2, 1);
	struct session *a = park(&m, "a", 0);
	struct session *b = park(&m, "b", 0);
	ck_assert_int_eq(match_admit(&m, NULL), REASON_CAP_WAITING);
	ck_assert_int_eq(match_admit(&m, a), REASON_NONE);
	match_pair(&m, a, 0);
	ck_assert_int_eq(match_admit(&m, b), REASON_CAP_SESSIONS);
	ck_assert_int_eq(match_admit(&m, NULL), REASON_NONE);
	end(&m, a);
	ck_assert_int_eq(match_admit(&m, b), REASON_NONE);
	end(&m, b);
	match_fini(&m);
}
END_TEST

START_TEST(ten_thousand_uuids_pair_in_any_order)
{
	enum { N = 10000 };
	static struct session *s[N];
	struct match m;
	char uuid[32];

	match_init(&m, N, N);
	for (int i = 0; i < N; i++) {
		snprintf(uuid, sizeof(uuid), "uuid-%d", i);
		s[i] = park(&m, uuid, 0);
	}
	for (int i = 0; i < N; i++) {
		int k = (int)((unsigned)i * 7919u % N);
		snprintf(uuid, sizeof(uuid), "uuid-%d", k);
		ck_assert_ptr_eq(match_find(&m, uuid), s[k]);
		match_pair(&m, s[k], 1);
	}
	ck_assert_uint_eq(m.npaired, N);
	for (int i = 0; i < N; i++)
		end(&m, s[i]);
	match_fini(&m);
}
END_TEST

static struct addr ip(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(text, 1000, &a), 0);
	return a;
}

START_TEST(an_address_holds_no_more_than_its_quota)
{
	struct addr a = ip("192.0.2.1"), mapped = ip("[::ffff:192.0.2.1]:7");
	struct addr other = ip("192.0.2.2");
	struct quota q;

	quota_init(&q, 2, 10);
	ck_assert_int_eq(quota_take(&q, &a), 0);
	ck_assert_int_eq(quota_take(&q, &mapped), 0);
	ck_assert_int_eq(quota_take(&q, &a), -EDQUOT);
	ck_assert_int_eq(quota_take(&q, &other), 0);
	quota_give(&q, &mapped);
	ck_assert_int_eq(quota_take(&q, &a), 0);
	quota_give(&q, &a);
	quota_give(&q, &a);
	quota_give(&q, &other);
	ck_assert_uint_eq(q.entries.len, 0);
	quota_fini(&q);
}
END_TEST

START_TEST(an_ipv6_network_counts_as_one_address)
{
	struct addr a = ip("2001:db8::1"), b = ip("2001:db8::ffff:2");
	struct addr c = ip("2001:db8:0:1::1");
	struct quota q;

	quota_init(&q, 1, 2);
	ck_assert_int_eq(quota_take(&q, &a), 0);
	ck_assert_int_eq(quota_take(&q, &b), -EDQUOT);
	ck_assert_int_eq(quota_take(&q, &c), 0);
	struct addr d = ip("192.0.2.9");
	ck_assert_int_eq(quota_take(&q, &d), -ENOBUFS); /* table cap */
	quota_fini(&q);
}
END_TEST

UNIT_MAIN("match", the_second_half_finds_the_first_and_a_third_is_refused,
	  a_device_that_comes_twice_is_known,
	  a_dead_half_frees_its_uuid_at_once,
	  waiting_ends_after_30_seconds_oldest_first,
	  both_tables_have_their_caps, ten_thousand_uuids_pair_in_any_order,
	  an_address_holds_no_more_than_its_quota,
	  an_ipv6_network_counts_as_one_address)
