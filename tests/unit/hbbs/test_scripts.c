/* The scripts of the store, run by a real Redis. */
#include "../common/redis_server.h"
#include "../unit.h"

#include <unistd.h>

#include "common/net/sock.h"
#include "common/redis/redis_sync.h"
#include "common/site/policy.h"
#include "common/site/presence.h"
#include "common/site/presence_script.h"
#include "common/site/record_script.h"
#include "services/hbbs/store/scripts.h"

static struct server server;
static struct redis_sync *redis;

static void start(void)
{
	char url[128];

	server_start(&server, "");
	snprintf(url, sizeof url, "unix://%s", server.socket);
	ck_assert_int_eq(redis_sync_open(url, "test", 3000, &redis), 0);
}

static void stop(void)
{
	redis_sync_close(redis);
	server_stop(&server);
}

static void cli(const char *command)
{
	server_cli(&server, command);
}

struct word {
	const void *data;
	size_t len;
};

#define TEXT(s)                                                                \
	{                                                                      \
		s, strlen(s)                                                   \
	}

static struct redis_reply *eval(const char *source, int nkeys, int n,
				const struct word *words)
{
	struct redis_script script;
	const char *argv[16];
	size_t lens[16];

	redis_script_init(&script, source);
	for (int i = 0; i < n; i++) {
		argv[i] = words[i].data;
		lens[i] = words[i].len;
	}
	struct redis_reply *r =
		redis_sync_eval(redis, &script, nkeys, n, argv, lens);
	ck_assert_ptr_nonnull(r);
	ck_assert_msg(redis_kind(r) != REDIS_ERROR, "%s", redis_str(r, NULL));
	return r;
}

static long long number(const char *source, int nkeys, int n,
			const struct word *words)
{
	struct redis_reply *r = eval(source, nkeys, n, words);
	long long value = redis_int(r);
	redis_reply_free(r);
	return value;
}

static struct redis_reply *hget(const char *key, const char *id)
{
	struct redis_reply *r = redis_sync_format(redis, "HGET %s %s", key, id);
	ck_assert_ptr_nonnull(r);
	return r;
}

static long long save(const char *id, const char *revision, const char *value,
		      const char *max)
{
	const struct word w[] = {
		TEXT("peer:1"), TEXT("peers:count"), TEXT(id),
		TEXT(revision), TEXT(value),         TEXT(max)
	};
	return number(record_script_save, 2, 6, w);
}

static void check_record(const char *key, const char *id, const char *hex)
{
	struct redis_reply *r = hget(key, id);
	size_t len;
	const char *data = redis_str(r, &len);

	ck_assert_ptr_nonnull(data);
	ck_assert_str_eq(tohex(data, len), hex);
	redis_reply_free(r);
}

START_TEST(a_record_is_saved_over_the_revision_that_was_read_only)
{
	start();
	ck_assert_int_eq(save("a", "0", "one", "10"), 1);
	check_record("peer:1", "a", "010000006f6e65");
	ck_assert_int_eq(save("a", "0", "two", "10"), 0);
	ck_assert_int_eq(save("a", "2", "two", "10"), 0);
	ck_assert_int_eq(save("a", "1", "two", "10"), 1);
	check_record("peer:1", "a", "0200000074776f");
	stop();
}
END_TEST

START_TEST(no_more_peers_are_stored_than_allowed)
{
	start();
	ck_assert_int_eq(save("a", "0", "x", "2"), 1);
	ck_assert_int_eq(save("b", "0", "x", "2"), 1);
	ck_assert_int_eq(save("c", "0", "x", "2"), -1);
	ck_assert_int_eq(save("a", "1", "y", "2"), 1);
	ck_assert_int_eq(save("c", "0", "x", "3"), 1);
	stop();
}
END_TEST

static long long move(const char *old, const char *new, const char *rev_old,
		      const char *rev_new)
{
	const struct word w[] = {
		TEXT("peer:1"), TEXT("peer:2"), TEXT("peers:count"),
		TEXT(old),      TEXT(new),      TEXT(rev_old),
		TEXT(rev_new),  TEXT("v"),      TEXT("G")
	};
	return number(record_script_rename, 3, 9, w);
}

START_TEST(a_rename_happens_once_or_not_at_all)
{
	start();
	ck_assert_int_eq(save("a", "0", "x", "9"), 1);
	ck_assert_int_eq(move("a", "b", "2", "0"), 0);
	ck_assert_int_eq(move("a", "b", "1", "1"), 0);
	ck_assert_int_eq(move("a", "b", "1", "0"), 1);
	check_record("peer:2", "b", "0100000076");
	struct redis_reply *r = hget("peer:1", "a");
	ck_assert_int_eq(redis_kind(r), REDIS_NIL);
	redis_reply_free(r);
	/* Onto an id that was there: one less in all. */
	ck_assert_int_eq(save("c", "0", "x", "9"), 1);
	ck_assert_int_eq(move("c", "b", "1", "1"), 1);
	check_record("peer:2", "b", "0200000076");
	ck_assert(server_shows(&server, "GET peers:count", "1"));
	stop();
}
END_TEST

/* The field of a hash is this text; NULL: there is none. */
static void check(const char *key, const char *field, const char *want)
{
	struct redis_reply *r = hget(key, field);
	const char *have = redis_str(r, NULL);

	if (want == NULL)
		ck_assert_ptr_null(have);
	else
		ck_assert_pstr_eq(have, want);
	redis_reply_free(r);
}

START_TEST(what_hangs_on_an_id_goes_along_in_the_same_step)
{
	start();
	ck_assert_int_eq(save("A1", "0", "x", "9"), 1);
	cli("HSET policy:device A1 '1 1 owner -'");
	cli("HSET policy:deployed A1 'uuid pk'");
	cli("HSET api:device:deleted G A1");
	cli("HSET api:device G '{\"id\":\"A1\",\"note\":\"\\\"id\\\":A1\"}'");
	cli("HSET api:device:name a1 G");
	cli("ZADD api:book:order 1 B1 2 B2");
	cli("HSET api:book:peers:B2 A1 '{\"alias\":\"n\",\"id\":\"A1\"}' C "
	    "'{\"id\":\"C\"}'");
	cli("HSET api:book:bin:B1 A1 '{\"id\":\"A1\"}'");
	ck_assert_int_eq(move("A1", "New", "1", "0"), 1);
	check("policy:device", "New", "1 1 owner -");
	check("policy:device", "A1", NULL);
	check("policy:deployed", "New", "uuid pk");
	check("policy:deployed", "A1", NULL);
	check("api:device:deleted", "G", "New");
	check("api:device", "G", "{\"id\":\"New\",\"note\":\"\\\"id\\\":A1\"}");
	check("api:device:name", "new", "G");
	check("api:device:name", "a1", NULL);
	check("api:book:peers:B2", "New", "{\"alias\":\"n\",\"id\":\"New\"}");
	check("api:book:peers:B2", "A1", NULL);
	check("api:book:peers:B2", "C", "{\"id\":\"C\"}");
	check("api:book:bin:B1", "New", "{\"id\":\"New\"}");
	ck_assert(server_shows(&server, "GET policy:rev", "1"));
	stop();
}
END_TEST

START_TEST(an_id_that_policy_knows_is_nobody_elses)
{
	start();
	ck_assert_int_eq(save("a", "0", "x", "9"), 1);
	cli("HSET policy:device gone '1 2 - -'");
	ck_assert_int_eq(move("a", "gone", "1", "0"), -2);
	check_record("peer:1", "a", "0100000078");
	stop();
}
END_TEST

/* The device row that policy_lookup answers for ID, whose bucket is peer:1. */
static bool judged_deleted(const char *id)
{
	const struct word w[] = { TEXT(""), TEXT(id), TEXT("peer:1") };
	struct redis_reply *r = eval(policy_lookup, 0, 3, w);
	const char *row = redis_str(redis_at(r, POLICY_ROW_DEVICE), NULL);
	bool deleted = row != NULL && strcmp(row, "1 2 - -") == 0;
	redis_reply_free(r);
	return deleted;
}

START_TEST(a_given_up_id_is_no_stranger_until_somebody_has_it)
{
	start();
	ck_assert_int_eq(save("a", "0", "x", "9"), 1);
	ck_assert(!judged_deleted("a"));
	ck_assert_int_eq(move("a", "b", "1", "0"), 1);
	ck_assert(judged_deleted("a"));
	ck_assert(!judged_deleted("b"));
	ck_assert_int_eq(save("a", "0", "x", "9"), 1);
	ck_assert(!judged_deleted("a"));
	stop();
}
END_TEST

static void tell_seen(uint32_t own, uint32_t holder, uint16_t port,
		      const char *repeat)
{
	struct presence p = { .via = VIA_UDP, .epoch = holder };
	uint8_t value[PRESENCE_MAX], epoch[4] = { (uint8_t)own };

	p.addr.port = port;
	size_t len = presence_encode(&p, PRESENCE_NEWEST, value);
	const struct word w[] = { TEXT("seen:1"),
				  { epoch, 4 },
				  TEXT("a"),
				  { value, len },
				  TEXT(repeat) };
	ck_assert_int_eq(number(script_seen, 1, 5, w), 1);
}

static void write_seen(uint32_t own, uint32_t holder, uint16_t port)
{
	tell_seen(own, holder, port, "0");
}

static struct presence read_seen(void)
{
	struct redis_reply *r = hget("seen:1", "a");
	struct presence p = { 0 };
	size_t len;
	const char *data = redis_str(r, &len);

	if (data != NULL)
		ck_assert_int_eq(
			presence_decode((const uint8_t *)data, len, &p), 0);
	redis_reply_free(r);
	return p;
}

START_TEST(only_the_holder_can_say_offline_and_redis_keeps_the_time)
{
	start();
	write_seen(1, 0, 5); /* nobody holds it: nothing to say */
	ck_assert_uint_eq(read_seen().via, 0);
	write_seen(1, 1, 10);
	struct presence p = read_seen();
	ck_assert_uint_eq(p.epoch, 1);
	ck_assert_uint_eq(p.addr.port, 10);
	uint32_t now = (uint32_t)(time(NULL) - 1577836800);
	ck_assert_uint_le(now - 5, p.written_s);
	ck_assert_uint_ge(now + 5, p.written_s);
	write_seen(2, 2, 20); /* another node takes over */
	write_seen(1, 0, 10); /* the first notices its silence too late */
	ck_assert_uint_eq(read_seen().epoch, 2);
	ck_assert_uint_eq(read_seen().addr.port, 20);
	/* One that wakes up and repeats what it knew is too late as well. */
	tell_seen(1, 1, 10, "1");
	ck_assert_uint_eq(read_seen().epoch, 2);
	tell_seen(2, 2, 21, "1");
	ck_assert_uint_eq(read_seen().addr.port, 21);
	write_seen(2, 0, 20);
	ck_assert_uint_eq(read_seen().epoch, 0);
	cli("DEL seen:1"); /* Redis has lost its memory */
	tell_seen(1, 1, 10, "1");
	ck_assert_uint_eq(read_seen().epoch, 1);
	stop();
}
END_TEST

static long long lease(const char *epoch, const char *goodbye, size_t *nodes)
{
	char key[64];
	snprintf(key, sizeof key, "node:hbbs:%s", epoch);
	const struct word w[] = { TEXT(key),          TEXT("nodes:hbbs"),
				  TEXT("reads:hbbs"), TEXT(epoch),
				  TEXT("info"),       TEXT("6"),
				  TEXT("30"),         TEXT(goodbye),
				  TEXT("2") };
	struct redis_reply *r = eval(script_lease, 3, 9, w);
	long long known = redis_int(redis_at(r, 0));
	*nodes = (redis_len(r) - 1) / 3;
	for (size_t i = 1; i + 2 < redis_len(r); i += 3) {
		if (strcmp(redis_str(redis_at(r, i), NULL), epoch) != 0)
			continue;
		ck_assert_int_eq(redis_int(redis_at(r, i + 1)),
				 goodbye[0] == '1' ? 6 : 0);
		ck_assert_int_eq(redis_int(redis_at(r, i + 2)), 2);
	}
	redis_reply_free(r);
	return known;
}

START_TEST(leases_list_the_nodes_and_notice_a_loss_of_memory)
{
	size_t n;

	start();
	ck_assert_int_eq(lease("0000000a", "0", &n), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(lease("0000000b", "0", &n), 0);
	ck_assert_int_eq(lease("0000000a", "0", &n), 1);
	ck_assert_uint_eq(n, 2);
	ck_assert(server_shows(&server, "TTL node:hbbs:0000000a", "6"));
	ck_assert_int_eq(lease("0000000b", "1", &n), 1);
	ck_assert_uint_eq(n, 2);
	ck_assert(server_shows(&server, "EXISTS node:hbbs:0000000b", "0"));
	server_cli(&server, "FLUSHALL");
	ck_assert_int_eq(lease("0000000a", "0", &n), 0);
	ck_assert_uint_eq(n, 1);
	/* What a node reads is forgotten with the node. */
	server_cli(&server, "ZREM nodes:hbbs 0000000a");
	ck_assert_int_eq(lease("0000000b", "0", &n), 0);
	ck_assert(server_shows(&server, "HLEN reads:hbbs", "1"));
	stop();
}
END_TEST

START_TEST(the_presence_of_a_renamed_peer_goes_along)
{
	start();
	write_seen(1, 1, 10);
	const struct word w[] = { TEXT("seen:1"), TEXT("seen:2"), TEXT("a"),
				  TEXT("b"),      TEXT("one"),    TEXT("two") };
	ck_assert_int_eq(number(script_move, 2, 6, w), 1);
	ck_assert_uint_eq(read_seen().via, 0);
	ck_assert(server_shows(&server, "HEXISTS seen:2 b", "1"));
	ck_assert_int_eq(number(script_move, 2, 6, w), 0);
	/* One that is offline is so under the new id too. */
	server_cli(&server, "FLUSHALL");
	write_seen(1, 1, 10);
	write_seen(1, 0, 10);
	ck_assert_int_eq(number(script_move, 2, 6, w), 1);
	ck_assert(server_shows(&server, "EXISTS seen:1 seen:2", "0"));
	stop();
}
END_TEST

/* Whether the holder 0000000a makes its peer "a" at VIA online. */
static bool online(enum transport via, bool own)
{
	struct presence p = { .via = via, .epoch = 10 };
	uint8_t value[PRESENCE_MAX];
	struct word seen[] = { TEXT("seen:1"),
			       { "x", 1 },
			       TEXT("a"),
			       { value, presence_encode(&p, 2, value) },
			       TEXT("0") };
	const struct word w[] = { TEXT("seen:2"),
				  TEXT("seen:1"),
				  { "\x0a\0\0", own ? 4 : 0 },
				  TEXT("b"),
				  TEXT("a") };

	ck_assert_int_eq(number(script_seen, 1, 5, seen), 1);
	struct redis_reply *r = eval(presence_script_online, 2, 5, w);
	ck_assert_uint_eq(redis_len(r), 4);
	ck_assert_int_eq(redis_int(redis_at(r, 0)), 0);
	ck_assert_int_eq(redis_int(redis_at(r, 1)), 0);
	ck_assert_int_gt(redis_int(redis_at(r, 3)), 100000000);
	bool is = redis_int(redis_at(r, 2)) == 1;
	redis_reply_free(r);
	return is;
}

static void age_lease(int seconds)
{
	char text[96];

	snprintf(text, sizeof text, "ZADD nodes:hbbs %lld 0000000a",
		 (long long)time(NULL) - seconds);
	cli(text);
}

static int listen_on(const char *channel)
{
	char text[96];
	int fd = sock_connect_unix(server.socket);
	int n = snprintf(text, sizeof text, "SUBSCRIBE %s\r\n", channel);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, (size_t)n), n);
	snprintf(text, sizeof text, "PUBSUB NUMSUB %s", channel);
	server_wait(&server, text, "^1");
	return fd;
}

START_TEST(online_is_who_can_be_reached)
{
	start();
	ck_assert(!online(VIA_UDP, false)); /* no such node */
	age_lease(0);
	/* Its lease is fresh, but nobody listens: it has just been killed. */
	ck_assert(!online(VIA_TCP, false));
	ck_assert(!online(VIA_WS, false));
	ck_assert(online(VIA_UDP, false)); /* any node may push */
	int bus = listen_on("bus:hbbs:0000000a");
	ck_assert(online(VIA_TCP, false));
	ck_assert(!online(VIA_TCP, true)); /* the asker's own */
	age_lease(20);                     /* it is frozen */
	ck_assert(!online(VIA_TCP, false));
	ck_assert(online(VIA_UDP, false));
	age_lease(40);
	ck_assert(!online(VIA_UDP, false));
	close(bus);
	stop();
}
END_TEST

/* The number of the address whose bytes are all N; 0: none. */
static long number_of(const struct redis_reply *r, char n)
{
	for (size_t i = 0; i + 1 < redis_len(r); i += 2)
		if (redis_str(redis_at(r, i), NULL)[0] == n)
			return strtol(redis_str(redis_at(r, i + 1), NULL), NULL,
				      10);
	return 0;
}

static long local(char n, const char *max, const char *keep)
{
	const char ip[16] = { n, n, n, n };
	const struct word w[] = {
		TEXT("table"), TEXT("used"), TEXT(max), TEXT(keep), { ip, 16 }
	};
	struct redis_reply *r = eval(script_locals, 2, 5, w);
	long found = number_of(r, n);
	redis_reply_free(r);
	return found;
}

START_TEST(addresses_share_numbers_and_one_that_is_not_used_gives_way)
{
	start();
	ck_assert_int_eq(local('a', "2", "3600"), 1);
	ck_assert_int_eq(local('b', "2", "3600"), 2);
	ck_assert_int_eq(local('a', "2", "3600"), 1);
	ck_assert_int_eq(local('c', "2", "3600"), 0); /* both are in use */
	ck_assert_int_eq(local('c', "3", "3600"), 3);
	/* Unused for at least 0 s: the oldest, by its bytes the first. */
	ck_assert_int_eq(local('d', "3", "0"), 1);
	ck_assert_int_eq(local('b', "3", "3600"), 2);
	stop();
}
END_TEST

UNIT_MAIN("scripts", addresses_share_numbers_and_one_that_is_not_used_gives_way,
	  a_record_is_saved_over_the_revision_that_was_read_only,
	  no_more_peers_are_stored_than_allowed,
	  a_rename_happens_once_or_not_at_all,
	  only_the_holder_can_say_offline_and_redis_keeps_the_time,
	  leases_list_the_nodes_and_notice_a_loss_of_memory,
	  the_presence_of_a_renamed_peer_goes_along,
	  what_hangs_on_an_id_goes_along_in_the_same_step,
	  an_id_that_policy_knows_is_nobody_elses,
	  a_given_up_id_is_no_stranger_until_somebody_has_it,
	  online_is_who_can_be_reached)
