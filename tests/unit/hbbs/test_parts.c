/* The small pure parts: codecs, lists, counters, the outbox. */
#include "../unit.h"

#include <errno.h>

#include "common/site/presence.h"
#include "common/site/record.h"
#include "services/hbbs/state/idrule.h"
#include "services/hbbs/state/inflight.h"
#include "services/hbbs/state/ipchange.h"
#include "services/hbbs/state/ipcount.h"
#include "services/hbbs/state/job.h"
#include "services/hbbs/state/locals.h"
#include "services/hbbs/state/nodes.h"
#include "services/hbbs/state/outbox.h"
#include "services/hbbs/state/peer.h"
#include "services/hbbs/state/proven.h"
#include "services/hbbs/state/punchlog.h"
#include "services/hbbs/state/relays.h"

static struct addr at(const char *text)
{
	struct addr a;
	ck_assert_int_eq(addr_parse(text, 0, &a), 0);
	return a;
}

static const struct presence somewhere = {
	.via = VIA_WS, .epoch = 0x01020304, .written_s = 5, .local = 7
};

START_TEST(presence_of_version_1_has_the_28_bytes_of_the_architecture_page)
{
	struct presence p = somewhere, back;
	uint8_t out[PRESENCE_MAX];

	p.addr = at("1.2.3.4:258");
	ck_assert_uint_eq(presence_encode(&p, 1, out), 28);
	ck_assert_str_eq(tohex(out, 28), "010302010403020105000000"
					 "00000000000000000000ffff"
					 "01020304");
	ck_assert_int_eq(presence_decode(out, 28, &back), 0);
	ck_assert(addr_eq(&back.addr, &p.addr));
	ck_assert_uint_eq(back.epoch, p.epoch);
	ck_assert_int_eq(back.via, VIA_WS);
	ck_assert_uint_eq(back.local, 0);

	ck_assert_int_eq(presence_decode(out, 27, &back), -EINVAL);
	out[1] = 4;
	ck_assert_int_eq(presence_decode(out, 28, &back), -EINVAL);
	out[1] = 1;
	out[0] = 2;
	ck_assert_int_eq(presence_decode(out, 28, &back), -EINVAL);
	out[0] = 3;
	ck_assert_int_eq(presence_decode(out, 28, &back), -EINVAL);
}
END_TEST

START_TEST(presence_of_version_2_carries_the_local_address_in_no_more_bytes)
{
	struct presence p = somewhere, back;
	uint8_t out[PRESENCE_MAX];

	p.addr = at("1.2.3.4:258");
	ck_assert_uint_eq(presence_encode(&p, 2, out), 17);
	ck_assert_str_eq(tohex(out, 17), "0203020104030201050000000701020304");
	ck_assert_int_eq(presence_decode(out, 17, &back), 0);
	ck_assert(addr_eq(&back.addr, &p.addr));
	ck_assert_uint_eq(back.local, 7);
	ck_assert_int_eq(presence_decode(out, 16, &back), -EINVAL);

	p.addr = at("[2001:db8::1]:258");
	ck_assert_uint_eq(presence_encode(&p, 2, out), PRESENCE_MAX);
	ck_assert_int_eq(presence_decode(out, PRESENCE_MAX, &back), 0);
	ck_assert(addr_eq(&back.addr, &p.addr));
	ck_assert_uint_eq(back.epoch, p.epoch);
	ck_assert_uint_eq(back.written_s, 5);
	ck_assert_int_eq(presence_decode(out, PRESENCE_MAX - 1, &back),
			 -EINVAL);
}
END_TEST

START_TEST(local_addresses_have_an_index_here_and_a_number_in_the_site)
{
	static struct locals l;
	struct addr a = at("203.0.113.1:21116"), b = at("203.0.113.50");
	struct addr v6 = at("2001:db8::1"), none = { 0 };

	ck_assert_uint_eq(locals_index(&l, &none), 0);
	ck_assert_uint_eq(locals_index(&l, &a), 1);
	ck_assert_uint_eq(locals_index(&l, &v6), 2);
	ck_assert_uint_eq(locals_index(&l, &a), 1);
	ck_assert_uint_eq(locals_at(&l, 1)->port, 0);
	ck_assert(locals_same(&l, 1, &a));
	ck_assert(!locals_same(&l, 1, &b));
	ck_assert(locals_same(&l, 0, &b)); /* unknown: may be any */
	ck_assert(locals_same(&l, 1, &none));

	ck_assert_uint_eq(locals_learn(&l, &b, 4), 0); /* another node's */
	ck_assert_uint_eq(locals_learn(&l, &v6, 9), 2);
	ck_assert_uint_eq(locals_learn(&l, &v6, 9), 0); /* known */
	ck_assert_uint_eq(locals_number(&l, 2), 9);
	ck_assert_uint_eq(locals_number(&l, 1), 0);
	ck_assert(addr_same_ip(locals_of_number(&l, 4), &b));
	locals_clear(&l);
	ck_assert(addr_is_unspecified(locals_of_number(&l, 4)));
}
END_TEST

START_TEST(the_256th_local_address_has_no_index)
{
	static struct locals l;
	struct addr a = at("203.0.113.0");

	for (unsigned i = 1; i <= LOCALS_MAX; i++) {
		a.ip[15] = (uint8_t)i;
		ck_assert_uint_eq(locals_index(&l, &a), i);
	}
	a.ip[14]++;
	ck_assert_uint_eq(locals_index(&l, &a), 0);
	ck_assert_uint_eq(locals_index(&l, &l.own[LOCALS_MAX]), LOCALS_MAX);
}
END_TEST

START_TEST(records_survive_a_round_trip)
{
	struct record r = { .uuid = "machine",
			    .uuid_len = 7,
			    .has_pk = true,
			    .has_ip = true,
			    .created_s = 1700000000,
			    .no_register_device = true,
			    .disabled = true };
	uint8_t stored[4 + RECORD_ENCODED_MAX] = { 0x04, 0x03, 0x02, 0x01 };
	struct record back;
	static const char *const ips[] = { "1.2.3.4", "2001:db8::1" };

	for (size_t i = 0; i < ARRAY_LEN(ips); i++) {
		r.ip = at(ips[i]);
		memset(r.pk, 9, sizeof r.pk);
		size_t len = record_encode(&r, stored + 4);
		ck_assert_int_eq(record_decode(stored, 4 + len, &back), 0);
		ck_assert_uint_eq(back.revision, 0x01020304);
		ck_assert(addr_same_ip(&back.ip, &r.ip));
		ck_assert_mem_eq(back.pk, r.pk, sizeof r.pk);
		ck_assert(record_uuid_eq(&back, (const uint8_t *)"machine", 7));
		ck_assert(back.disabled && back.no_register_device);
		ck_assert_int_eq(back.created_s, r.created_s);
	}
	ck_assert_int_eq(record_decode(stored, 3, &back), -EINVAL);
	ck_assert_int_eq(
		record_decode((const uint8_t *)"\1\0\0\0\xff", 5, &back),
		-EINVAL);
}
END_TEST

START_TEST(the_largest_record_fits)
{
	struct record r = { .has_pk = true, .has_ip = true };
	uint8_t out[RECORD_ENCODED_MAX];

	r.uuid_len = sizeof r.uuid;
	r.ip = at("2001:db8::1");
	r.created_s = INT64_MAX;
	r.disabled = r.no_register_device = true;
	ck_assert_uint_le(record_encode(&r, out), sizeof out);
}
END_TEST

START_TEST(ids_follow_the_rule_of_the_client)
{
	static const struct {
		const char *id;
		bool valid, choosable;
	} rows[] = {
		{ "123456789", true, false },
		{ "abcdef", true, true },
		{ "a-b_c9", true, true },
		{ "1abcdef", true, false },
		{ "abcde", true, false },
		{ "a b c d e", false, false },
		{ "abc\"def", false, false },
		{ "abc\x7f"
		  "def",
		  false, false },
		{ "abcdefghijklmnop", true, true },
		{ "abcdefghijklmnopq", true, false },
		{ "host.example", true, false },
		{ "", false, false },
		{ "a|bcdef", false, false },
		{ "a?bcdef", false, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = strlen(rows[i].id);
		ck_assert_msg(idrule_valid(rows[i].id, len) == rows[i].valid,
			      "valid: %s", rows[i].id);
		ck_assert_msg(idrule_choosable(rows[i].id, len) ==
				      rows[i].choosable,
			      "choosable: %s", rows[i].id);
	}
}
END_TEST

START_TEST(relays_take_turns_among_the_living)
{
	struct relay_list l = { 0 };

	ck_assert_str_eq(relays_next(&l), "");
	ck_assert_int_eq(relays_parse(&l, " a, b:1 ,c"), 0);
	ck_assert_str_eq(relays_next(&l), "a");
	ck_assert_str_eq(relays_next(&l), "b:1");
	ck_assert_str_eq(relays_next(&l), "c");
	ck_assert_str_eq(relays_next(&l), "a");
	l.list[1].up = false;
	relays_apply(&l);
	for (int i = 0; i < 6; i++)
		ck_assert_str_ne(relays_next(&l), "b:1");
	/* None answers: the last working set stays. */
	l.list[0].up = l.list[2].up = false;
	relays_apply(&l);
	ck_assert_str_ne(relays_next(&l), "");
	ck_assert(relays_has(&l, "B:1") && !relays_has(&l, "d"));
	/* A bad list changes nothing. */
	ck_assert_int_eq(relays_parse(&l, "x,,y"), -EINVAL);
	ck_assert_int_eq(relays_parse(&l, "x y"), -EINVAL);
	ck_assert_uint_eq(l.n, 3);
	ck_assert_int_eq(relays_parse(&l, ""), 0);
	ck_assert_uint_eq(l.n, 0);
}
END_TEST

START_TEST(nodes_live_six_seconds_and_their_peers_thirty_more)
{
	static struct node_table t;

	ck_assert_uint_eq(nodes_presence(&t), PRESENCE_OLDEST);
	nodes_add(&t, 1, 0, 2);
	nodes_add(&t, 2, 5, 2);
	nodes_add(&t, 3, 6, 1);
	nodes_add(&t, 4, 35, 1);
	nodes_add(&t, 5, 36, 1);
	ck_assert_int_eq(nodes_state(&t, 1), NODE_ALIVE);
	ck_assert_int_eq(nodes_state(&t, 2), NODE_ALIVE);
	ck_assert_int_eq(nodes_state(&t, 3), NODE_GRACE);
	ck_assert_int_eq(nodes_state(&t, 4), NODE_GRACE);
	ck_assert_int_eq(nodes_state(&t, 5), NODE_UNKNOWN);
	ck_assert_int_eq(nodes_state(&t, 6), NODE_UNKNOWN);
	/* Those that are gone read nothing; one old node alive is enough. */
	ck_assert_uint_eq(nodes_presence(&t), 2);
	nodes_add(&t, 6, 0, 1);
	ck_assert_uint_eq(nodes_presence(&t), 1);
	for (uint32_t i = 0; i < 2 * NODES_MAX; i++)
		nodes_add(&t, 100 + i, 0, 2);
	ck_assert_uint_eq(t.n, NODES_MAX);
}
END_TEST

START_TEST(the_302nd_id_of_an_address_is_the_last_one)
{
	struct map t;
	struct addr from = at("203.0.113.7");
	char id[16];
	uint64_t now = 1000;
	int accepted = 0;

	ipcount_init(&t);
	for (int i = 0; i < 400; i++) {
		snprintf(id, sizeof id, "id%d", i);
		accepted += ipcount_allow(&t, &from, id, strlen(id), true, now);
		now += 61000;
	}
	ck_assert_int_eq(accepted, 302);
	/* Known ones still pass, new ones a day later. */
	ck_assert(ipcount_allow(&t, &from, "id7", 3, true, now));
	ck_assert(!ipcount_allow(&t, &from, "new", 3, true, now));
	ck_assert(
		ipcount_allow(&t, &from, "new", 3, true, now + IPCOUNT_DAY_MS));
	ck_assert(ipcount_allow(&t, &from, "more", 4, false, now));
	ipcount_sweep(&t, now + 3 * (uint64_t)IPCOUNT_DAY_MS);
	ck_assert_uint_eq(t.len, 0);
	ipcount_fini(&t);
}
END_TEST

START_TEST(the_punch_log_keeps_the_last_thousand_and_no_repeats)
{
	struct punch_log l = { 0 };
	struct addr a = at("198.51.100.1:5"), b = at("203.0.113.7:6");
	struct buf out;
	char id[16];

	punchlog_add(&l, &a, "123456789", &b, 1700000000);
	punchlog_add(&l, &a, "123456789", &b, 1700000059);
	punchlog_add(&l, &a, "123456789", &b, 1700000060);
	ck_assert_uint_eq(l.n, 2);
	buf_init(&out, 65536);
	ck_assert_int_eq(punchlog_print(&l, 1, 10, &out), 0);
	static const char line[] = "2023-11-14T22:13:20Z 198.51.100.1 -> "
				   "123456789@203.0.113.7\n";
	ck_assert_uint_eq(buf_len(&out), sizeof line - 1);
	ck_assert_mem_eq(buf_head(&out), line, sizeof line - 1);
	buf_fini(&out);
	for (int i = 0; i < 3 * PUNCHLOG_MAX; i++) {
		snprintf(id, sizeof id, "%d", 100000000 + i);
		punchlog_add(&l, &a, id, &b, 1700000100);
	}
	ck_assert_uint_eq(l.n, PUNCHLOG_MAX);
	punchlog_clear(&l);
	ck_assert_uint_eq(l.n, 0);
	punchlog_fini(&l);
}
END_TEST

START_TEST(address_changes_are_counted_within_a_window)
{
	struct map t;
	struct addr one = at("198.51.100.1"), two = at("198.51.100.2");
	struct buf out;

	ipchange_init(&t);
	ipchange_note(&t, "123456789", &one, 1000);
	ck_assert_uint_eq(ipchange_count(&t), 0);
	ipchange_note(&t, "123456789", &two, 2000);
	ipchange_note(&t, "123456789", &one, 3000);
	ck_assert_uint_eq(ipchange_count(&t), 1);
	buf_init(&out, 4096);
	ck_assert_int_eq(ipchange_print(&t, NULL, 0, 11000, &out), 0);
	static const char line[] =
		"123456789: 10s {198.51.100.1: 2, 198.51.100.2: 1}\n";
	ck_assert_mem_eq(buf_head(&out), line, sizeof line - 1);
	buf_fini(&out);
	/* A new window starts over. */
	ipchange_note(&t, "123456789", &one, 2000 + IPCHANGE_WINDOW_MS);
	ck_assert_uint_eq(ipchange_count(&t), 0);
	ipchange_prune(&t, 2000 + IPCHANGE_WINDOW_MS + IPCHANGE_KEEP_MS);
	ck_assert_uint_eq(t.len, 0);
	ipchange_fini(&t);
}
END_TEST

START_TEST(the_outbox_keeps_bytes_in_order_and_has_an_end)
{
	struct outbox o;
	uint8_t *body;

	outbox_init(&o);
	for (unsigned i = 0; i < 1000; i++) {
		struct action *a = outbox_add(&o, ACT_SEND, sizeof i, &body);
		memcpy(body, &i, sizeof i);
		a->ticket = i;
		ck_assert(outbox_set_id(&o, 1, "abc", 3));
	}
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert_mem_eq(outbox_at(&o, o.acts[i].body), &i, sizeof i);
		ck_assert_str_eq((const char *)outbox_at(&o, o.acts[i].id[1]),
				 "abc");
	}
	outbox_reset(&o);
	ck_assert_ptr_null(
		outbox_add(&o, ACT_SEND, OUTBOX_BYTES_MAX + 1, &body));
	ck_assert_uint_eq(o.dropped, 1);
	for (unsigned i = 0; i < OUTBOX_ACTIONS_MAX; i++)
		ck_assert_ptr_nonnull(outbox_add(&o, ACT_CLOSE, 0, NULL));
	ck_assert_ptr_null(outbox_add(&o, ACT_CLOSE, 0, NULL));
	ck_assert_uint_eq(o.dropped, 2);
	outbox_fini(&o);
}
END_TEST

/* As many peers as make the table grow while the round is under way. */
START_TEST(a_round_that_tells_redis_again_misses_nobody_while_the_table_grows)
{
	enum { FEW = 10, MANY = 400 };
	static struct peer_table t;
	struct record r = { .has_pk = true, .uuid_len = 1, .uuid = "u" };
	struct addr home = { .port = 5000 };
	struct peer_way way = { .via = VIA_UDP, .addr = &home };
	struct peer_presence seen;
	unsigned told = 0;
	char id[16];

	peer_table_init(&t, 1000);
	for (int i = 0; i < MANY; i++) {
		if (i == FEW) {
			peer_sweep(&t, PEER_SWEEP_MS);
			while (peer_next_dirty(&t, 1, &seen))
				ck_assert(!seen.unsaved);
			peer_resync(&t, PEER_RESYNC_RECORD, 0);
			peer_sweep(&t, PEER_SWEEP_MS * 3 / 2);
		}
		int len = snprintf(id, sizeof id, "1000%d", i);
		struct peer *p = peer_put(&t, id, (size_t)len, &r);
		peer_hold(&t, p, &way, PEER_SWEEP_MS);
	}
	for (unsigned n = 4; n < 9; n++)
		peer_sweep(&t, (uint64_t)PEER_SWEEP_MS * n / 2);
	while (peer_next_dirty(&t, 1, &seen)) {
		struct peer *p = peer_find(&t, seen.id, seen.id_len);
		struct record back;
		peer_record(p, &back);
		ck_assert(record_uuid_eq(&back, r.uuid, r.uuid_len));
		told += seen.unsaved;
	}
	ck_assert_uint_eq(told, MANY);
	peer_table_fini(&t);
}
END_TEST

START_TEST(unfinished_messages_are_capped_by_address_and_in_all)
{
	static struct inflight f;
	struct addr a = at("203.0.113.0");
	enum { EACH = INFLIGHT_PER_IP + INFLIGHT_FREE };

	inflight_init(&f);
	/* To the cap of an address, and one step beyond. */
	ck_assert(inflight_change(&f, &a, 0, INFLIGHT_FREE));
	ck_assert_uint_eq(f.by_ip.len, 0);
	ck_assert(inflight_change(&f, &a, INFLIGHT_FREE, EACH));
	ck_assert(!inflight_change(&f, &a, EACH, EACH + 1));
	ck_assert(!inflight_change(&f, &a, 0, INFLIGHT_FREE + 1));
	ck_assert(inflight_change(&f, &a, 0, INFLIGHT_FREE));
	/* To the cap in all. */
	for (unsigned i = 1; i < INFLIGHT_MAX / INFLIGHT_PER_IP; i++) {
		a.ip[15] = (uint8_t)i;
		ck_assert(inflight_change(&f, &a, 0, EACH));
	}
	ck_assert_uint_eq(f.bytes, INFLIGHT_MAX);
	a.ip[15] = 200;
	ck_assert(!inflight_change(&f, &a, 0, INFLIGHT_FREE + 1));
	ck_assert(inflight_change(&f, &a, 0, INFLIGHT_FREE));
	/* What is given back can be had again. */
	a.ip[15] = 1;
	ck_assert(inflight_change(&f, &a, EACH, 0));
	a.ip[15] = 200;
	ck_assert(inflight_change(&f, &a, 0, EACH));
	ck_assert_uint_eq(f.by_ip.len, INFLIGHT_MAX / INFLIGHT_PER_IP);
	inflight_fini(&f);
}
END_TEST

START_TEST(parked_messages_are_capped_by_bytes)
{
	enum { LEN = 1 << 20 };
	static struct job_table t;
	static uint8_t data[LEN];
	struct origin from = { .via = VIA_UDP };
	struct job *first = NULL;

	job_table_init(&t);
	for (unsigned i = 0; i < JOBS_BYTES_MAX / LEN; i++) {
		struct job *j = job_create(&t, &from, data, LEN);
		ck_assert_ptr_nonnull(j);
		first = first ? first : j;
	}
	ck_assert_ptr_null(job_create(&t, &from, data, 1));
	job_destroy(&t, first);
	ck_assert_ptr_nonnull(job_create(&t, &from, data, LEN));
	job_table_fini(&t);
}
END_TEST

START_TEST(an_address_is_proven_for_an_hour)
{
	static struct proven p;
	struct addr a = at("203.0.113.1:5"), b = at("203.0.113.2");

	ck_assert(!proven_has(&p, &a, 1));
	proven_note(&p, &a, 1);
	a.port = 6;
	ck_assert(proven_has(&p, &a, PROVEN_MS));
	ck_assert(!proven_has(&p, &a, PROVEN_MS + 1));
	ck_assert(!proven_has(&p, &b, 1));
}
END_TEST

UNIT_MAIN("parts", unfinished_messages_are_capped_by_address_and_in_all,
	  parked_messages_are_capped_by_bytes, an_address_is_proven_for_an_hour,

	  a_round_that_tells_redis_again_misses_nobody_while_the_table_grows,
	  presence_of_version_1_has_the_28_bytes_of_the_architecture_page,
	  presence_of_version_2_carries_the_local_address_in_no_more_bytes,
	  local_addresses_have_an_index_here_and_a_number_in_the_site,
	  the_256th_local_address_has_no_index, records_survive_a_round_trip,
	  the_largest_record_fits, ids_follow_the_rule_of_the_client,
	  relays_take_turns_among_the_living,
	  nodes_live_six_seconds_and_their_peers_thirty_more,
	  the_302nd_id_of_an_address_is_the_last_one,
	  the_punch_log_keeps_the_last_thousand_and_no_repeats,
	  address_changes_are_counted_within_a_window,
	  the_outbox_keeps_bytes_in_order_and_has_an_end)
