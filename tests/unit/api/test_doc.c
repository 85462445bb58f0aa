/* Documents in round trips. Redis is pretended: it has none of them. */
#include "../unit.h"

#include "common/redis/redis_resp.h"
#include "services/api/core/doc.h"

enum { CHUNK = 500, TRIPS_MAX = 8 }; /* ARCHITECTURE.md, section 7 */

static unsigned ntrips, wanted[TRIPS_MAX]; /* documents of each round trip */
static unsigned most;                      /* that a reply covers */
static struct redis_reply *replies[TRIPS_MAX];

const struct redis_reply *
__wrap_db_eval_argv(struct db *d, const struct redis_script *script, int nkeys,
		    int argc, const char *const *argv, const size_t *lens);

const struct redis_reply *
__wrap_db_eval_argv(struct db *d, const struct redis_script *script, int nkeys,
		    int argc, const char *const *argv, const size_t *lens)
{
	struct redis_reader reader;
	char head[16];
	(void)d;
	(void)script;
	(void)lens;

	ck_assert_int_eq(nkeys, 1);
	ck_assert_str_eq(argv[1], "8388608"); /* 8 MiB: a document */
	ck_assert_str_eq(argv[2], "1048576"); /* 1 MiB: a round trip */
	ck_assert_uint_lt(ntrips, TRIPS_MAX);
	wanted[ntrips] = (unsigned)argc - 3;
	unsigned n = wanted[ntrips] < most ? wanted[ntrips] : most;
	ck_assert_int_eq(redis_reader_init(&reader, 1 << 20), 0);
	snprintf(head, sizeof head, "*%u\r\n", n);
	ck_assert_int_eq(redis_reader_feed(&reader, head, strlen(head)), 0);
	for (unsigned i = 0; i < n; i++)
		ck_assert_int_eq(redis_reader_feed(&reader, "$0\r\n\r\n", 6),
				 0);
	ck_assert_int_eq(redis_reader_next(&reader, &replies[ntrips]), 1);
	redis_reader_fini(&reader);
	return replies[ntrips++];
}

/* Asks for N documents; the number of round trips. */
static unsigned ask(size_t n)
{
	const char *guids[2 * CHUNK];
	struct pool pool = { 0 };
	struct db d = { .pool = &pool };
	size_t found;

	for (size_t i = 0; i < n; i++)
		guids[i] = "g";
	ntrips = 0;
	(void)doc_many(&d, DOC_USER, guids, n, &found);
	ck_assert_uint_eq(found, 0);
	for (unsigned i = 0; i < ntrips; i++)
		redis_reply_free(replies[i]);
	pool_fini(&pool);
	return ntrips;
}

START_TEST(a_round_trip_has_so_many_documents_and_one_more_takes_another)
{
	most = CHUNK;
	ck_assert_uint_eq(ask(CHUNK), 1);
	ck_assert_uint_eq(wanted[0], CHUNK);
	ck_assert_uint_eq(ask(CHUNK + 1), 2);
	ck_assert_uint_eq(wanted[0], CHUNK);
	ck_assert_uint_eq(wanted[1], 1);
}
END_TEST

START_TEST(what_a_reply_had_no_room_for_is_asked_for_again)
{
	most = 200;
	ck_assert_uint_eq(ask(CHUNK + 1), 3);
	ck_assert_uint_eq(wanted[0], CHUNK);
	ck_assert_uint_eq(wanted[1], CHUNK + 1 - 200);
	ck_assert_uint_eq(wanted[2], CHUNK + 1 - 400);
}
END_TEST

UNIT_MAIN("doc", a_round_trip_has_so_many_documents_and_one_more_takes_another,
	  what_a_reply_had_no_room_for_is_asked_for_again)
