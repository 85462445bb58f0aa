/* Tables of the core, filled to their caps and one step beyond. */
#include "../unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "services/hbbs/state/ask.h"
#include "services/hbbs/state/grants.h"
#include "services/hbbs/state/ipchange.h"
#include "services/hbbs/state/ipcount.h"
#include "services/hbbs/state/job.h"
#include "services/hbbs/state/peer.h"
#include "services/hbbs/state/proven.h"
#include "services/hbbs/state/relays.h"
#include "services/hbbs/state/verdicts.h"

#define B1 "123456789"

/* The Nth of many addresses. */
static struct addr nth(unsigned n)
{
	char text[32];
	struct addr a;

	snprintf(text, sizeof text, "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255,
		 n & 255);
	ck_assert_int_eq(addr_parse(text, 0, &a), 0);
	return a;
}

START_TEST(parked_messages_are_capped_by_number)
{
	static struct job_table t;
	struct origin from = { .via = VIA_UDP };
	struct job *first = NULL;

	job_table_init(&t);
	for (unsigned i = 0; i < JOBS_MAX; i++) {
		struct job *j = job_create(&t, &from, (const uint8_t *)"x", 1);
		ck_assert_ptr_nonnull(j);
		first = first ? first : j;
	}
	ck_assert_ptr_null(job_create(&t, &from, (const uint8_t *)"x", 1));
	job_destroy(&t, first);
	ck_assert_ptr_nonnull(job_create(&t, &from, (const uint8_t *)"x", 1));
	job_table_fini(&t);
}
END_TEST

START_TEST(the_oldest_grant_gives_way_to_one_too_many)
{
	static struct grants g;
	struct addr from = nth(1);
	char verifier[16];

	grants_add(&g, "first", "pk", &from, 0);
	for (unsigned i = 1; i < GRANTS_MAX; i++) {
		snprintf(verifier, sizeof verifier, "v%u", i);
		grants_add(&g, verifier, "pk", &from, 0);
	}
	ck_assert(grants_has(&g, "first", "pk", &from, GRANT_MS - 1));
	ck_assert(!grants_has(&g, "first", "pk", &from, GRANT_MS));
	grants_add(&g, "last", "pk", &from, 0);
	ck_assert(!grants_has(&g, "first", "pk", &from, 0));
	ck_assert(grants_has(&g, "v1", "pk", &from, 0));
	ck_assert(grants_has(&g, "last", "pk", &from, 0));
}
END_TEST

START_TEST(a_list_of_relays_beyond_its_cap_is_refused)
{
	static struct relay_list l;
	char text[RELAYS_MAX * 8 + 16];
	size_t len = 0;

	for (unsigned i = 0; i < RELAYS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%sr%u",
					i > 0 ? "," : "", i);
	ck_assert_int_eq(relays_parse(&l, text), 0);
	ck_assert_uint_eq(l.n, RELAYS_MAX);
	snprintf(text + len, sizeof text - len, ",more");
	ck_assert_int_lt(relays_parse(&l, text), 0);
}
END_TEST

START_TEST(a_connection_has_so_many_open_requests_and_the_oldest_gives_way)
{
	struct client c = { 0 };
	struct ask *old = NULL;
	char id[16];

	TAILQ_INIT(&c.asks);
	for (unsigned i = 0; i <= ASKS_PER_CLIENT; i++) {
		snprintf(id, sizeof id, "%u", 100000 + i);
		ck_assert_ptr_null(old);
		ck_assert_ptr_nonnull(
			ask_open(&c, id, strlen(id), false, i, &old));
	}
	ck_assert_ptr_nonnull(old);
	ck_assert_str_eq(old->id, "100000");
	ask_free(old);
	ck_assert_uint_eq(c.nasks, ASKS_PER_CLIENT);
	ck_assert_ptr_null(ask_find(&c, "100000", 6, false, 20));
	/* Pushed at 1, and in time for so long. */
	ck_assert_ptr_nonnull(
		ask_find(&c, "100001", 6, false, 1 + ASK_LIFE_MS));
	ck_assert_ptr_null(ask_find(&c, "100001", 6, false, 2 + ASK_LIFE_MS));
	while ((old = TAILQ_FIRST(&c.asks))) {
		TAILQ_REMOVE(&c.asks, old, next);
		ask_free(old);
	}
}
END_TEST

START_TEST(the_tables_of_the_console_have_their_caps)
{
	struct map changes, counts;
	char id[16];

	ipchange_init(&changes);
	for (unsigned i = 0; i <= IPCHANGE_MAX; i++) {
		struct addr a = nth(i), b = nth(i + 1);
		snprintf(id, sizeof id, "%u", 100000000 + i);
		ipchange_note(&changes, id, &a, 1);
		ipchange_note(&changes, id, &b, 2);
	}
	ck_assert_uint_eq(changes.len, IPCHANGE_MAX);
	ipchange_fini(&changes);

	ipcount_init(&counts);
	for (unsigned i = 0; i <= IPCOUNT_MAX; i++) {
		struct addr a = nth(i);
		(void)!ipcount_allow(&counts, &a, "123456789", 9, false, 1);
	}
	ck_assert_uint_eq(counts.len, IPCOUNT_MAX);
	ipcount_fini(&counts);
}
END_TEST

START_TEST(addresses_that_showed_a_token_have_a_cap)
{
	static struct proven p;
	unsigned known = 0;

	for (unsigned i = 0; i <= 2 * PROVEN_MAX; i++) {
		struct addr a = nth(i);
		proven_note(&p, &a, 1);
		ck_assert(proven_has(&p, &a, PROVEN_MS));
		ck_assert(!proven_has(&p, &a, PROVEN_MS + 1));
	}
	for (unsigned i = 0; i <= 2 * PROVEN_MAX; i++) {
		struct addr a = nth(i);
		known += proven_has(&p, &a, 2);
	}
	ck_assert_uint_le(known, PROVEN_MAX);
	ck_assert_uint_gt(known, PROVEN_MAX / 2);
}
END_TEST

/* So many more than there are places that each place has been taken. */
enum { MANY = 12 };

static struct verdict_question question(unsigned n)
{
	static char token[16];

	snprintf(token, sizeof token, "%u", n);
	return (struct verdict_question){ .token = token,
					  .target = B1,
					  .pk = "" };
}

START_TEST(verdicts_for_outages_are_so_many_and_last_an_hour)
{
	const struct verdict yes = { .allowed = true };
	const struct verdict_question last = question(MANY * ACCESS_CACHE);
	struct verdict got;
	struct verdicts v;
	unsigned known = 0;

	verdicts_init(&v);
	for (unsigned i = 1; i <= MANY * ACCESS_CACHE; i++) {
		struct verdict_question q = question(i);
		verdicts_keep(&v, &q, &yes, 1);
	}
	ck_assert(verdicts_recall(&v, &last, ACCESS_CACHE_MS, &got));
	ck_assert(!verdicts_recall(&v, &last, ACCESS_CACHE_MS + 1, &got));
	for (unsigned i = 1; i <= MANY * ACCESS_CACHE; i++) {
		struct verdict_question q = question(i);
		known += verdicts_recall(&v, &q, 2, &got);
	}
	ck_assert_uint_eq(known, ACCESS_CACHE);
	verdicts_fini(&v);
}
END_TEST

START_TEST(of_so_many_pairs_it_is_known_what_they_were_told)
{
	static struct relay_list l;
	unsigned first = 0, other = 0;

	ck_assert_int_eq(relays_parse(&l, "a,b"), 0);
	for (unsigned i = 1; i <= RELAYS_AVOID + 1; i++) {
		struct relay_wish w = { .pair = i, .now_ms = 1 };
		l.next = 0; /* whoever is not avoided is the first */
		first += strcmp(relays_choose(&l, &w), "a") == 0;
	}
	ck_assert_uint_eq(first, RELAYS_AVOID + 1);
	/* The first one has given way to the last one. */
	for (unsigned i = RELAYS_AVOID + 1; i > 0; i--) {
		struct relay_wish w = { .pair = i, .now_ms = RELAYS_AVOID_MS };
		l.next = 0;
		other += strcmp(relays_choose(&l, &w), "b") == 0;
	}
	ck_assert_uint_eq(other, RELAYS_AVOID);
}
END_TEST

/* As many as there are places, here a few: all of them would take a gigabyte
 * and a half. */
START_TEST(a_peer_too_many_is_not_held_and_the_others_go_on)
{
	enum { PLACES = 100 };
	static struct peer_table t;
	struct record r = { .has_pk = true, .uuid_len = 1, .uuid = "u" };
	char id[16];

	peer_table_init(&t, PLACES);
	for (unsigned i = 0; i < PLACES; i++) {
		int len = snprintf(id, sizeof id, "%u", 100000000 + i);
		ck_assert_ptr_nonnull(peer_put(&t, id, (size_t)len, &r));
	}
	ck_assert_ptr_null(peer_put(&t, "one more", 8, &r));
	ck_assert_ptr_nonnull(peer_put(&t, id, strlen(id), &r));
	ck_assert_uint_eq(t.map.len, PLACES);
	peer_table_fini(&t);
}
END_TEST

UNIT_MAIN("caps", parked_messages_are_capped_by_number,
	  the_oldest_grant_gives_way_to_one_too_many,
	  a_list_of_relays_beyond_its_cap_is_refused,
	  a_connection_has_so_many_open_requests_and_the_oldest_gives_way,
	  the_tables_of_the_console_have_their_caps,
	  addresses_that_showed_a_token_have_a_cap,
	  verdicts_for_outages_are_so_many_and_last_an_hour,
	  of_so_many_pairs_it_is_known_what_they_were_told,
	  a_peer_too_many_is_not_held_and_the_others_go_on)
