/* The scripts of the store, run by a real Redis. */
#include "../unit.h"

#include <unistd.h>

#include "common/net/sock.h"
#include "common/site/lease.h"
#include "common/site/lease.lua.h"
#include "common/site/lease_infos.lua.h"
#include "common/site/online.h"
#include "common/site/presence_online.lua.h"
#include "eval.h"
#include "services/hbbs/store/locals.lua.h"
#include "services/hbbs/store/move.lua.h"
#include "services/hbbs/store/seen.lua.h"

static void tell_seen_of(const char *bucket, const char *id, uint32_t own,
			 uint32_t holder, uint16_t port, const char *repeat)
{
	struct presence p = { .via = VIA_UDP, .epoch = holder };
	uint8_t value[PRESENCE_MAX], epoch[4] = { (uint8_t)own };

	p.addr.port = port;
	p.addr.ip[10] = p.addr.ip[11] = 0xff; /* IPv4 */
	size_t len = presence_encode(&p, PRESENCE_NEWEST, value);
	const struct word w[] = { TEXT(bucket),
				  { epoch, 4 },
				  TEXT(id),
				  { value, len },
				  TEXT(repeat) };
	ck_assert_int_eq(number(&seen_lua, 1, 5, w), 1);
}

static void tell_seen(uint32_t own, uint32_t holder, uint16_t port,
		      const char *repeat)
{
	tell_seen_of("seen:1", "a", own, holder, port, repeat);
}

static void write_seen(uint32_t own, uint32_t holder, uint16_t port)
{
	tell_seen(own, holder, port, "0");
}

static struct presence read_seen_of(const char *bucket, const char *id)
{
	struct redis_reply *r = hget(bucket, id);
	struct presence p = { 0 };
	size_t len;
	const char *data = redis_str(r, &len);

	if (data)
		ck_assert_int_eq(
			presence_decode((const uint8_t *)data, len, &p), 0);
	redis_reply_free(r);
	return p;
}

static struct presence read_seen(void)
{
	return read_seen_of("seen:1", "a");
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

static struct redis_reply *call(const struct lease_call *c)
{
	struct word w[LEASE_WORDS];

	ck_assert_int_eq(c->n, LEASE_WORDS);
	for (int i = 0; i < c->n; i++)
		w[i] = (struct word){ c->argv[i], c->len[i] };
	return eval(&lease_lua, LEASE_KEYS, c->n, w);
}

static long long lease(uint32_t epoch, bool goodbye, size_t *nodes)
{
	struct lease l = { "hbbs", epoch, 2 };
	struct node_info info = { .epoch = epoch };
	struct lease_call c;
	char own[16];

	if (goodbye)
		lease_goodbye(&c, &l);
	else
		lease_refresh(&c, &l, &info);
	snprintf(own, sizeof own, "%08x", epoch);
	struct redis_reply *r = call(&c);
	long long known = redis_int(redis_at(r, 0));
	*nodes = (redis_len(r) - LEASE_HEAD) / LEASE_EACH;
	for (size_t i = LEASE_HEAD; i < redis_len(r); i += LEASE_EACH) {
		if (strcmp(redis_str(redis_at(r, i), NULL), own) != 0)
			continue;
		ck_assert_int_eq(redis_int(redis_at(r, i + 1)),
				 goodbye ? 6 : 0);
		ck_assert_int_eq(redis_int(redis_at(r, i + 3)), 2);
	}
	redis_reply_free(r);
	return known;
}

START_TEST(leases_list_the_nodes_and_notice_a_loss_of_memory)
{
	size_t n;

	start();
	ck_assert_int_eq(lease(0xa, false, &n), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(lease(0xb, false, &n), 0);
	ck_assert_int_eq(lease(0xa, false, &n), 1);
	ck_assert_uint_eq(n, 2);
	ck_assert(server_shows(&server, "TTL node:hbbs:0000000a", "^[1-6]$"));
	ck_assert_int_eq(lease(0xb, true, &n), 1);
	ck_assert_uint_eq(n, 2);
	ck_assert(server_shows(&server, "EXISTS node:hbbs:0000000b", "0"));
	server_cli(&server, "FLUSHALL");
	ck_assert_int_eq(lease(0xa, false, &n), 0);
	ck_assert_uint_eq(n, 1);
	/* What a node reads is forgotten with the node. */
	server_cli(&server, "ZREM nodes:hbbs 0000000a");
	ck_assert_int_eq(lease(0xb, false, &n), 0);
	ck_assert(server_shows(&server, "HLEN reads:hbbs", "1"));
	stop();
}
END_TEST

/* Moves the presence of "a", which was as HOLDER and PORT say, to "b". */
static long long move_seen(uint32_t holder, uint16_t port)
{
	struct presence p = { .via = VIA_UDP, .epoch = holder };
	uint8_t way[PRESENCE_WAY];

	p.addr.port = port;
	p.addr.ip[10] = p.addr.ip[11] = 0xff; /* IPv4 */
	presence_way(&p, way);
	const struct word w[] = { TEXT("seen:1"),     TEXT("seen:2"),
				  TEXT("a"),          TEXT("b"),
				  TEXT("one"),        TEXT("two"),
				  { way, sizeof way } };
	return number(&move_lua, 2, 7, w);
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

START_TEST(who_looks_at_the_leases_changes_nothing)
{
	struct lease_call c;
	size_t n;

	start();
	lease(0xa, false, &n);
	lease(0xb, true, &n);
	server_cli(&server, "PERSIST node:hbbs:0000000a");
	server_cli(&server, "ZADD nodes:hbbs 1 0000000c");
	int bus = listen_on("bus:hbbs:0000000a");
	lease_look(&c, "hbbs");
	struct redis_reply *r = call(&c);
	ck_assert_uint_eq(redis_len(r), LEASE_HEAD + 3 * LEASE_EACH);
	for (size_t i = LEASE_HEAD; i < redis_len(r); i += LEASE_EACH) {
		bool a = strcmp(redis_str(redis_at(r, i), NULL), "0000000a") ==
			 0;
		ck_assert_int_eq(redis_int(redis_at(r, i + 2)), a);
	}
	redis_reply_free(r);
	ck_assert(server_shows(&server, "ZCARD nodes:hbbs", "3"));
	ck_assert(server_shows(&server, "TTL node:hbbs:0000000a", "^-1$"));
	close(bus);
	stop();
}
END_TEST

START_TEST(the_infos_of_all_who_have_a_lease_come_in_order)
{
	static const uint32_t epochs[] = { 0x30, 0x10, 0x20 };
	const struct word w[] = { TEXT("nodes:hbbr"), TEXT("node:hbbr:"),
				  TEXT(LEASE_INFOS_MAX) };
	struct node_info info = { .node_id = "relay", .version = "1" };
	struct lease_call c;
	size_t len;

	start();
	for (size_t i = 0; i < ARRAY_LEN(epochs); i++) {
		info.epoch = epochs[i];
		lease_refresh(&c, &(struct lease){ "hbbr", epochs[i], 0 },
			      &info);
		redis_reply_free(call(&c));
	}
	lease_goodbye(&c, &(struct lease){ "hbbr", 0x20, 0 });
	redis_reply_free(call(&c));
	ck_assert(server_shows(&server, "EXISTS reads:hbbr", "0"));
	struct redis_reply *r = eval(&lease_infos_lua, 1, 3, w);
	ck_assert_uint_eq(redis_len(r), 2);
	for (size_t i = 0; i < 2; i++) {
		const char *raw = redis_str(redis_at(r, i), &len);
		ck_assert_int_eq(node_info_unpack(raw, len, &info), 0);
		ck_assert_uint_eq(info.epoch, i == 0 ? 0x10 : 0x30);
		ck_assert_str_eq(info.node_id, "relay");
	}
	redis_reply_free(r);
	stop();
}
END_TEST

START_TEST(the_presence_of_a_renamed_peer_goes_along)
{
	start();
	write_seen(1, 1, 10);
	/* Of whoever has the old id by now it does not. */
	ck_assert_int_eq(move_seen(1, 11), 0);
	ck_assert_int_eq(move_seen(2, 10), 0);
	ck_assert_int_eq(move_seen(1, 10), 1);
	ck_assert_uint_eq(read_seen().via, 0);
	ck_assert(server_shows(&server, "HEXISTS seen:2 b", "1"));
	ck_assert_int_eq(move_seen(1, 10), 0);
	/* One that is offline is so under the new id too. */
	server_cli(&server, "FLUSHALL");
	write_seen(1, 1, 10);
	write_seen(1, 0, 10);
	ck_assert_int_eq(move_seen(0, 10), 1);
	ck_assert(server_shows(&server, "EXISTS seen:1 seen:2", "0"));
	stop();
}
END_TEST

START_TEST(who_registered_under_the_new_id_meanwhile_stays)
{
	start();
	write_seen(1, 1, 10);
	tell_seen_of("seen:2", "b", 2, 2, 20, "0");
	ck_assert_int_eq(move_seen(1, 10), 1);
	ck_assert_uint_eq(read_seen().via, 0);
	ck_assert_uint_eq(read_seen_of("seen:2", "b").epoch, 2);
	/* Who has left does not. */
	write_seen(1, 1, 10);
	tell_seen_of("seen:2", "b", 2, 0, 20, "0");
	ck_assert_int_eq(move_seen(1, 10), 1);
	ck_assert_uint_eq(read_seen_of("seen:2", "b").epoch, 1);
	stop();
}
END_TEST

/* Whether the holder 0000000a makes its peer "a" at VIA online for NOT_BY. */
static bool online(enum transport via, uint32_t not_by)
{
	struct presence p = { .via = via, .epoch = 10 };
	uint8_t value[PRESENCE_MAX];
	struct word seen[] = { TEXT("seen:1"),
			       { "x", 1 },
			       TEXT("a"),
			       { value, presence_encode(&p, 2, value) },
			       TEXT("0") };
	const struct word w[] = { TEXT("seen:2"), TEXT("seen:1"), TEXT("b"),
				  TEXT("a"), TEXT(NODE_GONE_S) };
	size_t len;

	ck_assert_int_eq(number(&seen_lua, 1, 5, seen), 1);
	struct redis_reply *r = eval(&presence_online_lua, 2, 5, w);
	ck_assert_uint_eq(redis_len(r), 2 * PRESENCE_ANSWERS);
	redis_str(redis_at(r, 0), &len);
	ck_assert_uint_eq(len, 0); /* nobody knows b */
	const char *raw = redis_str(redis_at(r, 3), &len);
	struct node_sight holder = { 10, (uint32_t)redis_int(redis_at(r, 4)),
				     redis_int(redis_at(r, 5)) > 0 };
	struct online o = online_read(raw, len, &holder, not_by);
	ck_assert_uint_gt(o.written_s, 100000000);
	redis_reply_free(r);
	return o.online;
}

static void age_lease(int seconds)
{
	char text[96];

	snprintf(text, sizeof text, "ZADD nodes:hbbs %lld 0000000a",
		 (long long)time(NULL) - seconds);
	cli(text);
}

START_TEST(online_is_who_can_be_reached)
{
	start();
	ck_assert(!online(VIA_UDP, 0)); /* no such node */
	age_lease(0);
	/* Its lease is fresh, but nobody listens: it has just been killed. */
	ck_assert(!online(VIA_TCP, 0));
	ck_assert(!online(VIA_WS, 0));
	ck_assert(online(VIA_UDP, 0)); /* any node may push */
	int bus = listen_on("bus:hbbs:0000000a");
	ck_assert(online(VIA_TCP, 0));
	ck_assert(!online(VIA_TCP, 10)); /* the asker's own */
	age_lease(20);                   /* it is frozen */
	ck_assert(!online(VIA_TCP, 0));
	ck_assert(online(VIA_UDP, 0));
	age_lease(40);
	ck_assert(!online(VIA_UDP, 0));
	close(bus);
	stop();
}
END_TEST

/* The number of the address whose bytes are all N; 0: none. */
static long number_of(const struct redis_reply *r, char n)
{
	size_t len; /* an address is bytes, no text */

	for (size_t i = 0; i + 1 < redis_len(r); i += 2)
		if (redis_str(redis_at(r, i), &len)[0] == n)
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
	struct redis_reply *r = eval(&locals_lua, 2, 5, w);
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
	  only_the_holder_can_say_offline_and_redis_keeps_the_time,
	  leases_list_the_nodes_and_notice_a_loss_of_memory,
	  who_looks_at_the_leases_changes_nothing,
	  the_infos_of_all_who_have_a_lease_come_in_order,
	  the_presence_of_a_renamed_peer_goes_along,
	  who_registered_under_the_new_id_meanwhile_stays,
	  online_is_who_can_be_reached)
