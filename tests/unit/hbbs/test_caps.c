/* Tables of the core, filled to their caps and one step beyond. */
#include "../unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "services/hbbs/state/ask.h"
#include "services/hbbs/state/grants.h"
#include "services/hbbs/state/ipchange.h"
#include "services/hbbs/state/ipcount.h"
#include "services/hbbs/state/job.h"
#include "services/hbbs/state/proven.h"
#include "services/hbbs/state/relays.h"

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
		first = first != NULL ? first : j;
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
	ck_assert_ptr_nonnull(ask_find(&c, "100001", 6, false, 20));
	while ((old = TAILQ_FIRST(&c.asks)) != NULL) {
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

UNIT_MAIN("caps", parked_messages_are_capped_by_number,
	  the_oldest_grant_gives_way_to_one_too_many,
	  a_list_of_relays_beyond_its_cap_is_refused,
	  a_connection_has_so_many_open_requests_and_the_oldest_gives_way,
	  the_tables_of_the_console_have_their_caps,
	  addresses_that_showed_a_token_have_a_cap)
