#include "common/site/lease.h"
#include "common/site/online.h"
#include "tests/unit/unit.h"

START_TEST(a_node_is_alive_six_seconds_and_its_udp_peers_thirty_more)
{
	for (uint32_t age = 0; age < 40; age++) {
		enum node_state heard = node_state(age, true);
		enum node_state unheard = node_state(age, false);

		ck_assert_int_eq(heard, age < 6    ? NODE_ALIVE
					: age < 36 ? NODE_GRACE
						   : NODE_UNKNOWN);
		ck_assert_int_eq(unheard, age < 36 ? NODE_GRACE : NODE_UNKNOWN);
		ck_assert(online_by(heard, VIA_UDP) == (age < 36));
		ck_assert(online_by(heard, VIA_TCP) == (age < 6));
		ck_assert(online_by(heard, VIA_WS) == (age < 6));
		ck_assert(online_by(unheard, VIA_UDP) == (age < 36));
		ck_assert(!online_by(unheard, VIA_TCP));
	}
	ck_assert_int_eq(node_state(UINT32_MAX, true), NODE_UNKNOWN);
}
END_TEST

START_TEST(what_redis_says_of_an_id_is_judged)
{
	struct presence p = { .via = VIA_TCP, .epoch = 7, .written_s = 1000 };
	struct node_sight alive = { 7, 0, true };
	uint8_t raw[PRESENCE_MAX];
	size_t len = presence_encode(&p, PRESENCE_NEWEST, raw);

	struct online o = online_read(raw, len, &alive, 0);
	ck_assert(o.online);
	ck_assert_uint_eq(o.written_s, 1000);
	ck_assert(!online_read(raw, len, &alive, 7).online); /* one's own */
	ck_assert(online_read(raw, len, &alive, 8).online);
	o = online_read(raw, 0, &alive, 0); /* there is none */
	ck_assert(!o.online && o.written_s == 0);
	o = online_read(raw, len - 1, &alive, 0); /* not one of ours */
	ck_assert(!o.online && o.written_s == 0);
	p.epoch = 0;
	len = presence_encode(&p, PRESENCE_NEWEST, raw);
	o = online_read(raw, len, &alive, 0);
	ck_assert(!o.online);
	ck_assert_uint_eq(o.written_s, 1000);
}
END_TEST

static struct node_info whole(void)
{
	struct node_info i = {
		.node_id = "relay-1",
		.version = "0.2.0",
		.epoch = 0xabcd,
		.started_s = 1700000000,
		.sessions = 7,
		.bits_per_s = UINT64_C(1) << 40,
		.draining = true,
		.has_key_hash = true,
		.key_hash = { 1, 2, 3 },
		.has_key = true,
		.key = { 4, 5, 6 },
		.address = "relay.example:21117",
		.lan_address = "192.168.1.7",
		.mesh_address = "10.0.0.7:21122",
		.nrefusals = 2,
		.refusals = { { "no_ticket", 3 }, { "cap_ip", 1 } },
	};
	return i;
}

START_TEST(what_a_node_tells_of_itself_is_read_back)
{
	struct node_info i = whole(), back;
	uint8_t raw[NODE_INFO_MAX];
	size_t len = node_info_pack(&i, raw);

	ck_assert_int_eq(node_info_unpack(raw, len, &back), 0);
	ck_assert_mem_eq(&back, &i, sizeof i);
	i = (struct node_info){ .epoch = 1 };
	len = node_info_pack(&i, raw);
	ck_assert_int_eq(node_info_unpack(raw, len, &back), 0);
	ck_assert_mem_eq(&back, &i, sizeof i);
}
END_TEST

START_TEST(the_longest_info_fits_and_a_longer_one_is_not_ours)
{
	struct node_info i = whole(), back;
	uint8_t raw[NODE_INFO_MAX + 8];

	memset(i.node_id, 'n', sizeof i.node_id - 1);
	memset(i.version, 'v', sizeof i.version - 1);
	memset(i.address, 'a', sizeof i.address - 1);
	memset(i.lan_address, 'l', sizeof i.lan_address - 1);
	memset(i.mesh_address, 'm', sizeof i.mesh_address - 1);
	i.started_s = -1;
	i.sessions = UINT32_MAX;
	i.bits_per_s = UINT64_MAX;
	for (size_t k = 0; k <= NODE_REFUSALS_MAX; k++) {
		char reason[NODE_REASON_MAX];

		snprintf(reason, sizeof reason, "a_reason_of_23_bytes_%02zu",
			 k);
		node_info_refused(&i, reason, UINT64_MAX / 2);
	}
	ck_assert_uint_eq(i.nrefusals, NODE_REFUSALS_MAX);
	size_t len = node_info_pack(&i, raw);
	ck_assert_uint_le(len, NODE_INFO_MAX);
	ck_assert_int_eq(node_info_unpack(raw, len, &back), 0);
	ck_assert_mem_eq(&back, &i, sizeof i);

	static const char *const bad[] = {
		"6203010203", /* a key of three bytes */
		"5a03010203", /* a hash of three bytes */
		"0aff",       /* it ends too early */
	};
	for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
		len = unhex(bad[k], raw, sizeof raw);
		ck_assert_int_lt(node_info_unpack(raw, len, &back), 0);
	}
	raw[0] = 0x22; /* version, a byte too long */
	raw[1] = NODE_VERSION_MAX;
	memset(raw + 2, 'v', NODE_VERSION_MAX);
	ck_assert_int_lt(node_info_unpack(raw, 2 + NODE_VERSION_MAX, &back), 0);
	raw[1]--;
	ck_assert_int_eq(node_info_unpack(raw, 1 + NODE_VERSION_MAX, &back), 0);
}
END_TEST

START_TEST(a_node_tells_how_often_it_refused_for_which_reason)
{
	static const struct metric_def defs[] = {
		{ "refused_total", "reason=\"cap_ip\"", METRIC_COUNTER, "" },
		{ "refused_total", "reason=\"never\"", METRIC_COUNTER, "" },
		{ "refused_total", "transport=\"tcp\"", METRIC_COUNTER, "" },
		{ "others_total", "reason=\"other\"", METRIC_COUNTER, "" },
	};
	static _Atomic uint64_t values[] = { 4, 0, 7, 9 };
	struct metric_set m = { defs, values, ARRAY_LEN(defs) };
	struct node_info i = { .epoch = 1 };

	node_info_count(&i, &m, "refused_total");
	node_info_refused(&i, "cap_ip", 2);
	node_info_refused(&i, "a_reason_of_more_than_23_bytes", 2);
	ck_assert_uint_eq(i.nrefusals, 1);
	ck_assert_str_eq(i.refusals[0].reason, "cap_ip");
	ck_assert_uint_eq(i.refusals[0].count, 6);
}
END_TEST

START_TEST(a_node_has_the_name_it_was_given_or_the_hosts)
{
	struct node_info i = { .epoch = 1 };

	node_info_name(&i, "here", "hbbs");
	ck_assert_str_eq(i.node_id, "here");
	node_info_name(&i, "", "hbbs");
	ck_assert_uint_gt(strlen(i.node_id), 0);
	ck_assert_str_ne(i.node_id, "here");
}
END_TEST

UNIT_MAIN("online", a_node_is_alive_six_seconds_and_its_udp_peers_thirty_more,
	  what_redis_says_of_an_id_is_judged,
	  what_a_node_tells_of_itself_is_read_back,
	  the_longest_info_fits_and_a_longer_one_is_not_ours,
	  a_node_tells_how_often_it_refused_for_which_reason,
	  a_node_has_the_name_it_was_given_or_the_hosts)
