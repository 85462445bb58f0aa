#include "../unit.h"

#include "services/hbbs/state/metrics.h"
#include "world.h"

enum {
	OK = 0,
	MISMATCH = 2,
	FREQUENT = 4,
	BAD_ID = 5,
	SERVER_ERROR = 7,
};

#define HOME      "203.0.113.7:40000"
#define HOME_PORT "203.0.113.7:40001"
#define AWAY      "198.51.100.9:5000"
#define B1        "123456789"

START_TEST(an_unknown_heartbeat_is_asked_for_its_key_and_leaves_no_trace)
{
	struct world *w = world_create();

	ck_assert_int_eq(sync_heartbeat(w, 0, HOME, B1), 1);
	ck_assert_uint_eq(w->nrows, 0);
	ck_assert_uint_eq(w->nodes[0].peers.map.len, 0);
	world_destroy(w);
}
END_TEST

START_TEST(a_registered_peer_is_stored_once_and_its_heartbeats_cost_nothing)
{
	struct world *w = world_create();

	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "uuid-b1", 1), OK);
	ck_assert_uint_eq(world_row(w, B1)->revision, 1);
	unsigned loads = w->loads;
	for (int i = 0; i < 100; i++) {
		world_wait(w, 15000);
		ck_assert_int_eq(sync_heartbeat(w, 0, HOME, B1), 0);
	}
	ck_assert_uint_eq(w->loads, loads);
	ck_assert_uint_eq(world_row(w, B1)->revision, 1);
	world_destroy(w);
}
END_TEST

START_TEST(messages_without_id_machine_or_key_get_no_answer)
{
	struct world *w = world_create();
	Hbb__RegisterPk r = HBB__REGISTER_PK__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[] = B1;
	uint8_t some[32] = { 1 };

	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK;
	m.register_pk = &r;
	r.id = id;
	r.pk.data = some;
	r.pk.len = 32;
	udp_in(w, 0, HOME, &m);
	r.uuid = r.pk;
	r.pk.len = 0;
	udp_in(w, 0, HOME, &m);
	expect_nothing(w);
	ck_assert_int_eq(sync_heartbeat(w, 0, HOME, ""), -1);
	world_destroy(w);
}
END_TEST

START_TEST(ids_are_judged_by_length_and_characters)
{
	struct world *w = world_create();
	static char longest[255];
	memset(longest, 'a', 254);

	ck_assert_int_eq(register_udp(w, 0, HOME, "12345", "u", 1), MISMATCH);
	ck_assert_int_eq(register_udp(w, 0, HOME, "abc\"def", "u", 1), BAD_ID);
	ck_assert_int_eq(register_udp(w, 0, HOME, "abc\ndef", "u", 1), BAD_ID);
	ck_assert_int_eq(register_udp(w, 0, HOME, "a b c d", "u", 1), BAD_ID);
	ck_assert_int_eq(register_udp(w, 0, HOME, longest, "u", 1), BAD_ID);
	ck_assert_uint_eq(w->nrows, 0);
	longest[253] = '\0';
	ck_assert_int_eq(register_udp(w, 0, HOME, longest, "u", 1), OK);
	world_destroy(w);
}
END_TEST

START_TEST(the_table_of_machine_address_and_key_is_the_reference_one)
{
	static const struct {
		const char *from, *uuid;
		uint8_t pk;
		int result;
		bool away; /* the record's address afterwards */
		uint8_t stored_pk;
	} rows[] = {
		{ HOME, "other", 1, MISMATCH, false, 1 },
		{ HOME_PORT, "uuid-b1", 2, OK, false, 2 },
		{ AWAY, "uuid-b1", 1, OK, true, 1 },
		{ AWAY, "uuid-b1", 2, MISMATCH, false, 1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world *w = world_create();
		struct record r;
		uint8_t stored[4 + RECORD_ENCODED_MAX] = { 1 };
		struct addr away = at(AWAY);

		ck_assert_int_eq(register_udp(w, 0, HOME, B1, "uuid-b1", 1),
				 OK);
		ck_assert_int_eq(register_udp(w, 0, rows[i].from, B1,
					      rows[i].uuid, rows[i].pk),
				 rows[i].result);
		struct row *row = world_row(w, B1);
		memcpy(stored + 4, row->record, row->len);
		ck_assert_int_eq(record_decode(stored, 4 + row->len, &r), 0);
		ck_assert_uint_eq(r.pk[0], rows[i].stored_pk);
		ck_assert_int_eq(addr_same_ip(&r.ip, &away), rows[i].away);
		ck_assert(record_uuid_eq(&r, (const uint8_t *)"uuid-b1", 7));
		world_destroy(w);
	}
}
END_TEST

START_TEST(a_new_key_at_a_new_address_passes_if_the_policy_says_so)
{
	struct world *w = world_create();

	w->rules.allow_key_change = true;
	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "uuid-b1", 1), OK);
	ck_assert_int_eq(register_udp(w, 0, AWAY, B1, "uuid-b1", 2), OK);
	world_destroy(w);
}
END_TEST

START_TEST(a_heartbeat_from_elsewhere_does_not_move_the_peer)
{
	struct world *w = world_create();
	static const char *const elsewhere[] = { HOME_PORT, AWAY };

	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "uuid-b1", 1), OK);
	for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++) {
		struct addr home = at(HOME);
		ck_assert_int_eq(sync_heartbeat(w, 0, elsewhere[i], B1), 1);
		struct peer *p = peer_find(&w->nodes[0].peers, B1, strlen(B1));
		ck_assert(addr_eq(&p->addr, &home));
	}
	/* The proof moves it, and the next heartbeat is fine. */
	ck_assert_int_eq(register_udp(w, 0, AWAY, B1, "uuid-b1", 1), OK);
	ck_assert_int_eq(sync_heartbeat(w, 0, AWAY, B1), 0);
	ck_assert_int_eq(sync_heartbeat(w, 0, HOME, B1), 1);
	world_destroy(w);
}
END_TEST

START_TEST(the_fourth_registration_of_an_id_waits_seven_seconds)
{
	struct world *w = world_create();

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(register_udp(w, 0, HOME, B1, "u", 1), OK);
	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "u", 1), FREQUENT);
	world_wait(w, 6000);
	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "u", 1), FREQUENT);
	world_wait(w, 1000);
	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "u", 1), OK);
	world_destroy(w);
}
END_TEST

START_TEST(the_reference_profile_takes_32_in_a_burst_and_again_after_61_s)
{
	struct world *w = world_create();
	char id[32];

	limits_fini(&w->nodes[0].limits);
	w->rules.limits.reference = true;
	limits_init(&w->nodes[0].limits, &w->rules.limits, w->now);
	for (int i = 0; i < 40; i++) {
		snprintf(id, sizeof id, "burst%d", 100 + i);
		ck_assert_int_eq(register_udp(w, 0, HOME, id, "u", 1),
				 i < 32 ? OK : FREQUENT);
	}
	world_wait(w, 60000);
	ck_assert_int_eq(register_udp(w, 0, HOME, "later1", "u", 1), FREQUENT);
	world_wait(w, 1000);
	ck_assert_int_eq(register_udp(w, 0, HOME, "later1", "u", 1), OK);
	world_destroy(w);
}
END_TEST

START_TEST(known_peers_of_one_office_all_come_back_after_a_restart)
{
	struct world *w = world_create();
	char id[32], from[32];

	for (int i = 0; i < 250; i++) {
		snprintf(id, sizeof id, "office%d", i);
		snprintf(from, sizeof from, "203.0.113.7:%d", 10000 + i);
		ck_assert_int_eq(register_udp(w, 0, from, id, "u", 1), OK);
	}
	/* Node 1 is the restarted one: it knows nobody, Redis does. */
	world_kill(w, 0, 1);
	for (int i = 0; i < 250; i++) {
		snprintf(id, sizeof id, "office%d", i);
		snprintf(from, sizeof from, "203.0.113.7:%d", 20000 + i);
		ck_assert_int_eq(register_udp(w, 1, from, id, "u", 1), OK);
	}
	world_destroy(w);
}
END_TEST

START_TEST(new_ids_are_limited_by_address_and_in_all)
{
	struct world *w = world_create();
	char id[32], from[32];
	int accepted = 0;

	for (int i = 0; i < 400; i++) {
		snprintf(id, sizeof id, "flood%d", 1000 + i);
		accepted += register_udp(w, 0, HOME, id, "u", 1) == OK;
	}
	ck_assert_int_eq(accepted, 300);

	limits_fini(&w->nodes[1].limits);
	w->rules.limits.new_rate = 5;
	limits_init(&w->nodes[1].limits, &w->rules.limits, w->now);
	accepted = 0;
	for (int i = 0; i < 100; i++) {
		snprintf(id, sizeof id, "spoof%d", 1000 + i);
		snprintf(from, sizeof from, "198.51.100.%d:7", 1 + i);
		accepted += register_udp(w, 1, from, id, "u", 1) == OK;
	}
	ck_assert_int_eq(accepted, 50);
	world_destroy(w);
}
END_TEST

START_TEST(look_ups_of_unknown_ids_are_bounded_per_address)
{
	struct world *w = world_create();
	char id[32];

	limits_fini(&w->nodes[0].limits);
	w->rules.limits.lookup_rate = 5;
	limits_init(&w->nodes[0].limits, &w->rules.limits, w->now);
	for (int i = 0; i < 500; i++) {
		snprintf(id, sizeof id, "ghost%d", i);
		ck_assert_int_eq(sync_heartbeat(w, 0, HOME, id), 1);
	}
	ck_assert_uint_eq(w->loads, 50);
	world_destroy(w);
}
END_TEST

START_TEST(a_failed_write_is_a_server_error_and_the_known_are_served)
{
	struct world *w = world_create();

	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "u", 1), OK);
	w->read_only = true;
	ck_assert_int_eq(register_udp(w, 0, HOME, "newcomer", "u", 1),
			 SERVER_ERROR);
	ck_assert_int_eq(register_udp(w, 0, AWAY, B1, "u", 1), SERVER_ERROR);
	w->redis_away = true;
	ck_assert_int_eq(register_udp(w, 0, HOME, "newcomer", "u", 1),
			 SERVER_ERROR);
	ck_assert_int_eq(sync_heartbeat(w, 0, HOME, B1), 0);
	/* It was silent for long and Redis is still away: memory will do. */
	world_wait(w, 60000);
	ck_assert_int_eq(sync_heartbeat(w, 0, HOME, B1), 0);
	world_wait(w, 60000);
	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "u", 1), OK);
	/* Nobody knows this one: silence, it tries again by itself. */
	ck_assert_int_eq(sync_heartbeat(w, 0, AWAY, "stranger"), -1);
	world_destroy(w);
}
END_TEST

START_TEST(presence_changes_survive_an_outage_of_redis)
{
	struct world *w = world_create();

	w->redis_away = false;
	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "u", 1), OK);
	w->redis_away = true;
	ck_assert_int_eq(register_udp(w, 0, HOME_PORT, B1, "u", 1), OK);
	ck_assert_uint_eq(w->nodes[0].peers.ndirty, 1);
	w->redis_away = false;
	world_wait(w, 100);
	struct presence p;
	struct addr moved = at(HOME_PORT);
	ck_assert_int_eq(presence_decode(world_row(w, B1)->presence,
					 world_row(w, B1)->presence_len, &p),
			 0);
	ck_assert(addr_eq(&p.addr, &moved));
	world_destroy(w);
}
END_TEST

START_TEST(two_that_claim_one_new_id_at_once_get_it_once)
{
	struct world *w = world_create();
	uint8_t pk[32] = { 7 };
	Hbb__RegisterPk r = HBB__REGISTER_PK__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[] = B1, one[] = "one", two[] = "two";

	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK;
	m.register_pk = &r;
	r.id = id;
	r.pk.data = pk;
	r.pk.len = 32;
	r.uuid.len = 3;
	w->slow = true;
	r.uuid.data = (uint8_t *)one;
	udp_in(w, 0, HOME, &m);
	r.uuid.data = (uint8_t *)two;
	udp_in(w, 1, AWAY, &m);
	world_answer(w);

	int results[2];
	for (int i = 0; i < 2; i++) {
		struct sent *s = next_sent(w);
		struct wire_arena arena;
		ck_assert_ptr_nonnull(s);
		Hbb__RendezvousMessage *a =
			wire_unpack(&arena, s->data, s->len);
		results[s->node] = (int)a->register_pk_response->result;
		wire_release(&arena);
	}
	ck_assert_int_eq(results[0], OK);
	ck_assert_int_eq(results[1], MISMATCH);
	world_destroy(w);
}
END_TEST

START_TEST(a_peer_is_online_for_thirty_seconds_after_its_last_heartbeat)
{
	struct world *w = world_create();

	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "u", 1), OK);
	struct peer *p = peer_find(&w->nodes[0].peers, B1, strlen(B1));
	world_wait(w, 29999);
	ck_assert(peer_online(p, w->now));
	world_wait(w, 1);
	ck_assert(!peer_online(p, w->now));
	/* The clock hand comes by and says so in Redis. */
	for (int i = 0; i < 100; i++)
		world_wait(w, 100);
	struct presence pr;
	ck_assert_int_eq(presence_decode(world_row(w, B1)->presence,
					 world_row(w, B1)->presence_len, &pr),
			 0);
	ck_assert_uint_eq(pr.epoch, 0);
	/* And in the end the memory is given back. */
	for (int i = 0; i < 100; i++)
		world_wait(w, PEER_FORGET_MS / 50);
	ck_assert_uint_eq(w->nodes[0].peers.map.len, 0);
	world_destroy(w);
}
END_TEST

START_TEST(the_legacy_server_list_goes_to_clients_with_an_older_serial)
{
	struct world *w = world_create();
	char server[] = "198.51.100.1";

	w->rules.serial = 10;
	w->rules.servers[0] = server;
	w->rules.nservers = 1;
	/* W22: not to whoever asks; the address may be somebody else's. */
	ck_assert_int_eq(sync_heartbeat(w, 0, HOME, B1), 1);
	expect_nothing(w);
	ck_assert_int_eq(register_udp(w, 0, HOME, B1, "uuid-b1", 1), 0);
	ck_assert_int_eq(sync_heartbeat(w, 0, HOME, B1), 0);
	Hbb__RendezvousMessage *m = expect_udp(w, HOME);
	ck_assert_int_eq(m->union_case,
			 HBB__RENDEZVOUS_MESSAGE__UNION_CONFIGURE_UPDATE);
	ck_assert_int_eq(m->configure_update->serial, 10);
	ck_assert_str_eq(m->configure_update->rendezvous_servers[0], server);
	world_destroy(w);
}
END_TEST

START_TEST(a_nearly_full_redis_takes_no_new_ids_and_serves_the_known)
{
	for (size_t which = 0; which < 2; which++) {
		struct world *w = world_create();
		bool *nearly = &w->nodes[0].nearly_full[which];

		ck_assert_int_eq(register_udp(w, 0, HOME, B1, "uuid-b1", 1),
				 OK);
		*nearly = true;
		ck_assert_int_eq(
			register_udp(w, 0, AWAY, "987654321", "uuid-b2", 2),
			SERVER_ERROR);
		ck_assert_uint_eq(w->nrows, 1);
		ck_assert_int_eq(sync_heartbeat(w, 0, HOME, B1), 0);
		ck_assert_int_eq(register_udp(w, 0, AWAY, B1, "uuid-b1", 1),
				 OK);
		*nearly = false;
		ck_assert_int_eq(
			register_udp(w, 0, AWAY, "987654321", "uuid-b2", 2),
			OK);
		world_destroy(w);
	}
}
END_TEST

UNIT_MAIN("register",
	  an_unknown_heartbeat_is_asked_for_its_key_and_leaves_no_trace,
	  a_registered_peer_is_stored_once_and_its_heartbeats_cost_nothing,
	  messages_without_id_machine_or_key_get_no_answer,
	  ids_are_judged_by_length_and_characters,
	  the_table_of_machine_address_and_key_is_the_reference_one,
	  a_new_key_at_a_new_address_passes_if_the_policy_says_so,
	  a_heartbeat_from_elsewhere_does_not_move_the_peer,
	  the_fourth_registration_of_an_id_waits_seven_seconds,
	  the_reference_profile_takes_32_in_a_burst_and_again_after_61_s,
	  known_peers_of_one_office_all_come_back_after_a_restart,
	  new_ids_are_limited_by_address_and_in_all,
	  look_ups_of_unknown_ids_are_bounded_per_address,
	  a_failed_write_is_a_server_error_and_the_known_are_served,
	  presence_changes_survive_an_outage_of_redis,
	  two_that_claim_one_new_id_at_once_get_it_once,
	  a_nearly_full_redis_takes_no_new_ids_and_serves_the_known,
	  a_peer_is_online_for_thirty_seconds_after_its_last_heartbeat,
	  the_legacy_server_list_goes_to_clients_with_an_older_serial)
