/* Presence on its way to Redis: so much of it is under way at a time. Redis is
 * pretended: what is asked of it is kept. */
#include "world.h"

#include "../unit.h"

#include "common/redis/redis_resp.h"
#include "services/hbbs/store/store_impl.h"

/* As ARCHITECTURE.md has them, section 8. */
enum { BATCH = 128, SCRIPTS = 2, RESTORES = 512, CALLS = 4 * RESTORES };

/* What was asked and is not answered: presence, and records. */
struct asked {
	redis_fn fn;
	void *ctx;
	int keys;
};
static struct asked presence[CALLS], records[CALLS];
static size_t npresence, nrecords;
static size_t told; /* presences in all */

int __wrap_redis_eval(struct redis *r, const struct redis_script *script,
		      redis_fn fn, void *ctx, int nkeys, int argc,
		      const char *const *argv, const size_t *lens);
bool __wrap_redis_connected(const struct redis *r);

int __wrap_redis_eval(struct redis *r, const struct redis_script *script,
		      redis_fn fn, void *ctx, int nkeys, int argc,
		      const char *const *argv, const size_t *lens)
{
	/* A record has two keys and six words, presence three a peer. */
	bool record = nkeys == 2 && argc == 6;
	size_t *n = record ? &nrecords : &npresence;
	(void)r;
	(void)script;
	(void)argv;
	(void)lens;

	ck_assert_uint_lt(*n, CALLS);
	(record ? records : presence)[(*n)++] =
		(struct asked){ .fn = fn, .ctx = ctx, .keys = nkeys };
	told += record ? 0 : (size_t)nkeys;
	return 0;
}

bool __wrap_redis_connected(const struct redis *r)
{
	(void)r;
	return true;
}

static struct core core;
static struct settings settings;
static struct store s;

/* A node that holds N peers whose presence is to be written. */
static void hold(unsigned n, enum peer_resync what)
{
	struct record r = { .has_pk = true, .uuid_len = 1, .uuid = "u" };
	struct addr home = at("192.0.2.1:5000");
	struct peer_way way = { .via = VIA_UDP, .addr = &home };
	char id[16];

	core = (struct core){ .epoch = 7 };
	peer_table_init(&core.peers, 2 * CALLS);
	s = (struct store){ .in.core = &core, .set = &settings, .presence = 1 };
	for (unsigned i = 0; i < n; i++) {
		int len = snprintf(id, sizeof id, "%u", 100000000 + i);
		struct peer *p = peer_put(&core.peers, id, (size_t)len, &r);
		peer_hold(&core.peers, p, &way, 1);
		if (what == PEER_RESYNC_RECORD)
			p->flags |= PEER_UNSAVED;
	}
	ck_assert_uint_eq(core.peers.ndirty, n);
}

/* Redis answers the first one. */
static void answer(struct asked *list, size_t *n)
{
	struct asked first = list[0];
	struct redis_reader reader;
	struct redis_reply *reply;

	ck_assert_int_eq(redis_reader_init(&reader, 64), 0);
	ck_assert_int_eq(redis_reader_feed(&reader, ":1\r\n", 4), 0);
	ck_assert_int_eq(redis_reader_next(&reader, &reply), 1);
	ck_assert_uint_gt(*n, 0);
	memmove(list, list + 1, --*n * sizeof *list);
	first.fn(reply, first.ctx);
	redis_reply_free(reply);
	redis_reader_fini(&reader);
}

START_TEST(presence_leaves_by_so_many_in_so_many_scripts_and_the_rest_waits)
{
	hold(SCRIPTS * BATCH + 1, PEER_RESYNC_PRESENCE);
	store_presence(&s);
	ck_assert_uint_eq(npresence, SCRIPTS);
	ck_assert_int_eq(presence[0].keys, BATCH);
	ck_assert_int_eq(presence[1].keys, BATCH);
	ck_assert_uint_eq(core.peers.ndirty, 1);
	store_presence(&s); /* whoever else asks */
	ck_assert_uint_eq(npresence, SCRIPTS);
	answer(presence, &npresence);
	ck_assert_uint_eq(npresence, SCRIPTS);
	ck_assert_int_eq(presence[1].keys, 1);
	while (npresence > 0)
		answer(presence, &npresence);
	ck_assert_uint_eq(told, SCRIPTS * BATCH + 1);
	ck_assert_uint_eq(s.seen_in_flight, 0);
	peer_table_fini(&core.peers);
}
END_TEST

START_TEST(the_queue_holds_a_peer_once)
{
	hold(1, PEER_RESYNC_PRESENCE);
	struct peer *p = peer_find(&core.peers, "100000000", 9);
	for (int i = 0; i < 3; i++)
		peer_mark_dirty(&core.peers, p, false);
	ck_assert_uint_eq(core.peers.ndirty, 1);
	store_presence(&s);
	ck_assert_uint_eq(told, 1);
	answer(presence, &npresence);
	peer_table_fini(&core.peers);
}
END_TEST

START_TEST(a_renamed_peer_is_written_over_nobody)
{
	static struct peer_table t;
	struct record r = { 0 };
	struct peer_presence seen;
	struct addr a = { .port = 7 };
	struct peer_way way = { .via = VIA_UDP, .addr = &a };

	peer_table_init(&t, 10);
	peer_carry(&t, peer_put(&t, "a", 1, &r), &way, 1);
	ck_assert(peer_next_dirty(&t, 1, &seen) && seen.repeat);
	peer_hold(&t, peer_put(&t, "b", 1, &r), &way, 1);
	ck_assert(peer_next_dirty(&t, 1, &seen) && !seen.repeat);
	peer_table_fini(&t);
}
END_TEST

START_TEST(so_many_records_are_written_again_at_a_time_and_the_rest_waits)
{
	hold(RESTORES + BATCH, PEER_RESYNC_RECORD);
	store_presence(&s);
	while (npresence > 0)
		answer(presence, &npresence);
	ck_assert_uint_eq(nrecords, RESTORES);
	ck_assert_uint_eq(core.peers.ndirty, BATCH);
	/* A script's worth of them has to be free: never more than that. */
	for (unsigned i = 1; i < BATCH; i++)
		answer(records, &nrecords);
	ck_assert_uint_eq(nrecords + BATCH - 1, RESTORES);
	answer(records, &nrecords);
	ck_assert_uint_eq(nrecords, RESTORES);
	while (npresence + nrecords > 0)
		answer(npresence > 0 ? presence : records,
		       npresence > 0 ? &npresence : &nrecords);
	ck_assert_uint_eq(s.restores, 0);
	ck_assert_uint_eq(told, RESTORES + BATCH);
	peer_table_fini(&core.peers);
}
END_TEST

UNIT_MAIN("seen",
	  presence_leaves_by_so_many_in_so_many_scripts_and_the_rest_waits,
	  the_queue_holds_a_peer_once, a_renamed_peer_is_written_over_nobody,
	  so_many_records_are_written_again_at_a_time_and_the_rest_waits)
