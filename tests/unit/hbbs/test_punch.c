#include "../unit.h"

#include "asking.h"
#include "services/hbbs/state/ask.h"
#include "services/hbbs/state/metrics.h"

START_TEST(a_wrong_key_an_unknown_id_and_an_absent_peer_are_refused)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;
	char wrong[] = "wrong";

	r.licence_key = wrong;
	ask(w, a, &r);
	ck_assert_int_eq(expect_send(w, a)->punch_hole_response->failure, 3);
	punch(w, 0, a, B1);
	struct sent *s = next_sent(w);
	ck_assert_str_eq(tohex(s->data, s->len), "5a00");
	ck_assert_int_eq(register_udp(w, 0, B_ADDR, B1, "u", 1), 0);
	world_wait(w, 31000);
	punch(w, 0, a, B1);
	s = next_sent(w);
	ck_assert_str_eq(tohex(s->data, s->len), "5a021802");
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(without_a_required_key_any_key_passes)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;
	char wrong[] = "anything";

	w->rules.required_key[0] = '\0';
	r.licence_key = wrong;
	ask(w, a, &r);
	ck_assert_int_eq(expect_send(w, a)->punch_hole_response->failure, 0);
	world_destroy(w);
}
END_TEST

START_TEST(a_punch_goes_to_b_twice_and_its_answer_to_a)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	struct addr a_addr = at(A_ADDR), b_tcp = at(B_TCP);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	punch(w, 0, a, B1);
	ck_assert_uint_ne(w->out[w->first].copy, 0);
	Hbb__RendezvousMessage *m = expect_udp(w, B_ADDR);
	ck_assert_int_eq(m->union_case, MSG(PUNCH_HOLE));
	ck_assert(addr_eq(decode(m->punch_hole->socket_addr), &a_addr));
	ck_assert_int_eq(m->punch_hole->nat_type, HBB__NAT_TYPE__ASYMMETRIC);
	ck_assert_str_eq(m->punch_hole->relay_server, "relay.example.net");
	expect_nothing(w);

	answer_sent(w, 0, B_TCP, B1, "1.4.9", false);
	m = expect_send(w, a);
	ck_assert_int_eq(m->union_case, MSG(PUNCH_HOLE_RESPONSE));
	const Hbb__PunchHoleResponse *r = m->punch_hole_response;
	ck_assert(addr_eq(decode(r->socket_addr), &b_tcp));
	ck_assert_int_eq(r->union_case,
			 HBB__PUNCH_HOLE_RESPONSE__UNION_NAT_TYPE);
	ck_assert_str_eq(r->relay_server, "b.relay");
	ck_assert(keys_verify(w->rules.keys.pk, r->pk.data,
			      r->pk.data + KEYS_SIG, r->pk.len - KEYS_SIG));
	Hbb__IdPk *inner = hbb__id_pk__unpack(NULL, r->pk.len - KEYS_SIG,
					      r->pk.data + KEYS_SIG);
	ck_assert_str_eq(inner->id, B1);
	ck_assert_uint_eq(inner->pk.len, 32);
	ck_assert_uint_eq(inner->pk.data[31], 1);
	hbb__id_pk__free_unpacked(inner, NULL);
	world_destroy(w);
}
END_TEST

START_TEST(nothing_is_signed_for_a_peer_without_version)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	answer_sent(w, 0, B_TCP, B1, "", false);
	ck_assert_uint_eq(expect_send(w, a)->punch_hole_response->pk.len, 0);
	world_destroy(w);
}
END_TEST

START_TEST(peers_of_one_address_exchange_local_addresses)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	Hbb__LocalAddr l = HBB__LOCAL_ADDR__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	uint8_t space[18], local[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct addr key = at(A_ADDR);
	char id[] = B1;

	register_udp(w, 0, "198.51.100.20:9", B1, "u", 1);
	punch(w, 0, a, B1);
	Hbb__RendezvousMessage *push = expect_udp(w, "198.51.100.20:9");
	ck_assert_int_eq(push->union_case, MSG(FETCH_LOCAL_ADDR));

	l.socket_addr.data = space;
	l.socket_addr.len = addr_mangle(&key, 999, space);
	l.local_addr.data = local;
	l.local_addr.len = sizeof local;
	l.id = id;
	m.union_case = MSG(LOCAL_ADDR);
	m.local_addr = &l;
	struct client *b = client_in(w, 0, VIA_TCP, "198.51.100.20:10");
	say(w, 0, b, &m);
	expect_nothing(w);
	world_wait(w, LISTENING_MAX_MS);
	const Hbb__PunchHoleResponse *r =
		expect_send(w, a)->punch_hole_response;
	ck_assert_uint_eq(r->socket_addr.len, sizeof local);
	ck_assert_mem_eq(r->socket_addr.data, local, sizeof local);
	ck_assert(r->is_local);
	expect_close(w, b);
	world_destroy(w);
}
END_TEST

START_TEST(local_addresses_stay_private_when_relayed_or_on_websocket)
{
	enum { A_WS, B_WS, FORCED, ALWAYS, ROWS };

	for (int row = 0; row < ROWS; row++) {
		struct world *w = world_create();
		Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;
		struct client *a =
			client_in(w, 0, row == A_WS ? VIA_WS : VIA_TCP, A_ADDR);
		struct client *b = NULL;

		if (row == B_WS) {
			b = client_in(w, 0, VIA_WS, "198.51.100.20:9");
			register_on(w, 0, b, B1, "u", 1);
		} else {
			register_udp(w, 0, "198.51.100.20:9", B1, "u", 1);
		}
		r.force_relay = row == FORCED;
		r.udp_port = 40000;
		w->rules.always_relay = row == ALWAYS;
		ask(w, a, &r);
		Hbb__RendezvousMessage *m =
			b ? expect_send(w, b)
			  : expect_udp(w, "198.51.100.20:9");
		ck_assert_int_eq(m->union_case, MSG(PUNCH_HOLE));
		bool relayed = row == FORCED || row == ALWAYS;
		ck_assert_int_eq(m->punch_hole->force_relay, relayed);
		ck_assert_int_eq(m->punch_hole->nat_type,
				 relayed ? HBB__NAT_TYPE__SYMMETRIC : 0);
		ck_assert_int_eq(m->punch_hole->udp_port, relayed ? 0 : 40000);
		world_destroy(w);
	}
}
END_TEST

START_TEST(a_datagram_answers_once_and_only_a_request_with_a_udp_port)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;
	struct addr b_udp = at("203.0.113.7:50000");

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	answer_sent(w, 0, "203.0.113.7:50000", B1, "1.4.9", true);
	expect_nothing(w);

	world_wait(w, CONNECT_AGAIN_MS);
	r.udp_port = 40000;
	ask(w, a, &r);
	ck_assert_int_eq(expect_udp(w, B_ADDR)->punch_hole->udp_port, 40000);
	for (int i = 0; i < 3; i++)
		answer_sent(w, 0, "203.0.113.7:50000", B1, "1.4.9", true);
	const Hbb__PunchHoleResponse *p =
		expect_send(w, a)->punch_hole_response;
	ck_assert(p->is_udp);
	ck_assert(addr_eq(decode(p->socket_addr), &b_udp));
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(answers_that_nobody_asked_for_reach_nobody)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	Hbb__PunchHoleSent s = HBB__PUNCH_HOLE_SENT__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[] = B1;
	uint8_t junk[19] = { 0 };

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	answer_sent(w, 0, B_ADDR, B1, "1", true);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	answer_sent(w, 0, B_ADDR, "987654321", "1", true);
	answer_sent(w, 0, B_ADDR, "", "1", true);

	m.union_case = MSG(PUNCH_HOLE_SENT);
	m.punch_hole_sent = &s;
	s.id = id;
	s.socket_addr.data = junk;
	for (size_t len = 17; len <= 19; len++) {
		s.socket_addr.len = len;
		udp_in(w, 0, B_ADDR, &m);
	}
	/* The request is open for a minute, not for ever. */
	world_wait(w, ASK_LIFE_MS + 1);
	struct client *b = client_in(w, 0, VIA_TCP, B_TCP);
	uint8_t space[18];
	struct addr key = at(A_ADDR);
	s.socket_addr.len = addr_mangle(&key, 5, space);
	s.socket_addr.data = space;
	say(w, 0, b, &m);
	expect_close(w, b);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(an_answer_from_a_foreign_address_is_dropped_only_when_strict)
{
	for (int strict = 0; strict < 2; strict++) {
		struct world *w = world_create();
		struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

		w->rules.strict_answers = strict;
		register_udp(w, 0, B_ADDR, B1, "u", 1);
		punch(w, 0, a, B1);
		expect_udp(w, B_ADDR);
		answer_sent(w, 0, "192.0.2.66:1", B1, "1", false);
		struct sent *s = next_sent(w);
		ck_assert(strict ? !s : s->kind == ACT_SEND);
		world_destroy(w);
	}
}
END_TEST

START_TEST(the_mask_tells_the_inside_the_local_relay)
{
	struct world *w = world_create();
	struct client *in = client_in(w, 0, VIA_TCP, "10.0.0.5:1");
	struct client *out = client_in(w, 0, VIA_TCP, A_ADDR);

	w->rules.has_mask = true;
	ck_assert_int_eq(cidr_parse("10.0.0.0/8", &w->rules.mask), 0);
	strcpy(w->rules.local_ip, "10.0.0.1");
	register_udp(w, 0, B_ADDR, "outside1", "u", 1);
	register_udp(w, 0, "10.0.0.9:5", "inside1", "u", 1);

	punch(w, 0, in, "outside1");
	Hbb__PunchHole *h = expect_udp(w, B_ADDR)->punch_hole;
	ck_assert_int_eq(h->nat_type, HBB__NAT_TYPE__SYMMETRIC);
	ck_assert_str_eq(h->relay_server, "relay.example.net");
	punch(w, 0, out, "inside1");
	h = expect_udp(w, "10.0.0.9:5")->punch_hole;
	ck_assert_int_eq(h->nat_type, HBB__NAT_TYPE__SYMMETRIC);
	ck_assert_str_eq(h->relay_server, "10.0.0.1");
	punch(w, 0, in, "inside1");
	ck_assert_int_eq(expect_udp(w, "10.0.0.9:5")->union_case,
			 MSG(FETCH_LOCAL_ADDR));
	world_destroy(w);
}
END_TEST

START_TEST(an_asker_that_left_takes_its_requests_along)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	uint64_t silent = metric_get(&hbbs_metrics, M_TRY_SILENT);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	hang_up(w, 0, a);
	ck_assert_uint_eq(metric_get(&hbbs_metrics, M_TRY_SILENT), silent + 1);
	answer_sent(w, 0, B_TCP, B1, "1", false);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(proxied_askers_of_one_address_get_keys_of_their_own)
{
	struct world *w = world_create();
	struct client *a[2];
	struct addr keys[2];

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	for (int i = 0; i < 2; i++) {
		struct client_info info = { .source = at("198.51.100.20:77"),
					    .via = VIA_WS,
					    .proxied = true };
		a[i] = rendezvous_open(&w->nodes[0], &info, w->now);
		punch(w, 0, a[i], B1);
		keys[i] =
			*decode(expect_udp(w, B_ADDR)->punch_hole->socket_addr);
		ck_assert(addr_same_ip(&keys[i], &info.source));
	}
	ck_assert(!addr_eq(&keys[0], &keys[1]));
	world_destroy(w);
}
END_TEST

START_TEST(asking_for_absent_ids_is_limited)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	char id[32];
	int answered = 0;

	for (int i = 0; i < 150; i++) {
		snprintf(id, sizeof id, "%d", 100000000 + i);
		punch(w, 0, a, id);
		const Hbb__PunchHoleResponse *r =
			expect_send(w, a)->punch_hole_response;
		answered += r->other_failure[0] == '\0';
	}
	ck_assert_int_eq(answered, 100);
	world_destroy(w);
}
END_TEST

START_TEST(a_question_repeated_at_once_calls_b_no_more)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	struct client *other = client_in(w, 0, VIA_TCP, "198.51.100.20:3001");

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	for (int i = 0; i < 50; i++)
		punch(w, 0, a, B1);
	expect_nothing(w);
	punch(w, 0, other, B1); /* a question of its own */
	expect_udp(w, B_ADDR);
	world_wait(w, CONNECT_AGAIN_MS);
	punch(w, 0, a, B1); /* the push may be lost */
	expect_udp(w, B_ADDR);
	answer_sent(w, 0, B_TCP, B1, "1.4.9", false);
	expect_send(w, a);
	punch(w, 0, a, B1); /* answered: a new attempt */
	expect_udp(w, B_ADDR);
	world_destroy(w);
}
END_TEST

START_TEST(questions_by_datagram_get_no_answer)
{
	struct world *w = world_create();
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	Hbb__PunchHoleRequest p = HBB__PUNCH_HOLE_REQUEST__INIT;
	Hbb__RequestRelay r = HBB__REQUEST_RELAY__INIT;
	Hbb__OnlineRequest o = HBB__ONLINE_REQUEST__INIT;
	Hbb__LocalAddr l = HBB__LOCAL_ADDR__INIT;
	Hbb__ConfigUpdate u = HBB__CONFIG_UPDATE__INIT;

	m.union_case = MSG(PUNCH_HOLE_REQUEST);
	m.punch_hole_request = &p;
	udp_in(w, 0, B_ADDR, &m);
	m.union_case = MSG(REQUEST_RELAY);
	m.request_relay = &r;
	udp_in(w, 0, B_ADDR, &m);
	m.union_case = MSG(ONLINE_REQUEST);
	m.online_request = &o;
	udp_in(w, 0, B_ADDR, &m);
	m.union_case = MSG(LOCAL_ADDR);
	m.local_addr = &l;
	udp_in(w, 0, B_ADDR, &m);
	u.serial = 99;
	m.union_case = MSG(CONFIGURE_UPDATE);
	m.configure_update = &u;
	udp_in(w, 0, "127.0.0.1:5", &m);
	ck_assert_int_eq(w->rules.serial, 0);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(a_hears_of_b_once_b_has_hung_up_and_a_moment_more)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	for (int node = 0; node < 2; node++) {
		punch(w, 0, a, B1);
		uint64_t copy = w->out[w->first].copy;
		expect_udp(w, B_ADDR);
		struct client *b =
			send_sent(w, node, B_TCP, B1, "1.4.9", false);
		/* The copy is called off at once where A is known. */
		ck_assert(node != 0 || w->settled == copy);
		world_wait(w, LISTENING_AFTER_MS);
		expect_nothing(w);
		hang_up(w, node, b);
		expect_nothing(w);
		world_wait(w, LISTENING_AFTER_MS - 1);
		expect_nothing(w);
		world_wait(w, 1);
		ck_assert_int_eq(expect_send(w, a)->union_case,
				 MSG(PUNCH_HOLE_RESPONSE));
		expect_nothing(w);
		ck_assert_uint_eq(w->nodes[node].jobs.map.len, 0);
		ck_assert_uint_eq(w->nodes[node].held_due_ms, 0);
	}
	world_destroy(w);
}
END_TEST

START_TEST(a_b_that_does_not_hang_up_is_not_waited_for_long)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	struct client *b = send_sent(w, 0, B_TCP, B1, "1.4.9", false);
	punch(w, 0, b, B1); /* nothing more is read from it */
	world_wait(w, LISTENING_MAX_MS - 1);
	expect_nothing(w);
	/* The end of the connection does not make it any later. */
	world_wait(w, 1);
	expect_send(w, a);
	expect_close(w, b);
	hang_up(w, 0, b);
	world_wait(w, LISTENING_MAX_MS);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(a_that_leaves_while_its_answer_waits_gets_nothing)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	struct client *b = send_sent(w, 0, B_TCP, B1, "1.4.9", false);
	hang_up(w, 0, a);
	hang_up(w, 0, b);
	world_wait(w, LISTENING_MAX_MS);
	expect_nothing(w);
	ck_assert_uint_eq(w->nodes[0].jobs.map.len, 0);
	world_destroy(w);
}
END_TEST

START_TEST(an_answer_calls_off_the_second_copy_of_the_push)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	punch(w, 0, a, B1);
	uint64_t copy = w->out[w->first].copy;
	ck_assert_uint_ne(copy, 0);
	expect_udp(w, B_ADDR);
	ck_assert_uint_eq(w->settled, 0);
	answer_sent(w, 1, B_TCP, B1, "1.4.9", false); /* at another node */
	ck_assert_uint_eq(w->settled, copy);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("punch", a_hears_of_b_once_b_has_hung_up_and_a_moment_more,
	  a_b_that_does_not_hang_up_is_not_waited_for_long,
	  a_that_leaves_while_its_answer_waits_gets_nothing,
	  an_answer_calls_off_the_second_copy_of_the_push,
	  a_wrong_key_an_unknown_id_and_an_absent_peer_are_refused,
	  without_a_required_key_any_key_passes,
	  a_punch_goes_to_b_twice_and_its_answer_to_a,
	  nothing_is_signed_for_a_peer_without_version,
	  peers_of_one_address_exchange_local_addresses,
	  local_addresses_stay_private_when_relayed_or_on_websocket,
	  a_datagram_answers_once_and_only_a_request_with_a_udp_port,
	  answers_that_nobody_asked_for_reach_nobody,
	  an_answer_from_a_foreign_address_is_dropped_only_when_strict,
	  the_mask_tells_the_inside_the_local_relay,
	  an_asker_that_left_takes_its_requests_along,
	  proxied_askers_of_one_address_get_keys_of_their_own,
	  asking_for_absent_ids_is_limited,
	  a_question_repeated_at_once_calls_b_no_more,
	  questions_by_datagram_get_no_answer)
