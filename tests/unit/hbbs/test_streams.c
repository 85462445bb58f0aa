/* Connections: registration on them, what closes them. */
#include "../unit.h"

#include "services/hbbs/messages/connect.h"
#include "world.h"

#define A_ADDR "198.51.100.20:3000"
#define B_ADDR "203.0.113.7:40000"
#define B1     "123456789"
#define MSG(x) HBB__RENDEZVOUS_MESSAGE__UNION_##x

START_TEST(the_newest_connection_of_a_machine_gets_the_pushes)
{
	struct world *w = world_create();
	struct client *one = client_in(w, 0, VIA_TCP, B_ADDR);
	struct client *two = client_in(w, 0, VIA_WS, "203.0.113.7:40001");
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	ck_assert_int_eq(register_on(w, 0, one, B1, "u", 1), 0);
	ck_assert_int_eq(register_on(w, 0, two, B1, "other", 1), 2);
	punch(w, 0, a, B1);
	expect_send(w, one);

	/* The same machine on another connection: the old one goes. */
	say_register(w, 0, two, B1, "u", 1);
	expect_close(w, one);
	const Hbb__RegisterPkResponse *answer =
		expect_send(w, two)->register_pk_response;
	ck_assert_int_eq(answer->keep_alive, KEEP_ALIVE_S);
	hang_up(w, 0, one);
	world_wait(w, CONNECT_AGAIN_MS);
	punch(w, 0, a, B1);
	expect_send(w, two);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(a_refused_connection_may_try_another_id)
{
	struct world *w = world_create();
	struct client *c = client_in(w, 0, VIA_TCP, B_ADDR);

	register_udp(w, 0, A_ADDR, B1, "somebody", 1);
	ck_assert_int_eq(register_on(w, 0, c, B1, "u", 1), 2);
	ck_assert_int_eq(register_on(w, 0, c, "1234567890", "u", 1), 0);
	ck_assert_str_eq((char *)c->peer->text, "1234567890u");
	world_destroy(w);
}
END_TEST

START_TEST(a_lost_connection_is_offline_at_once)
{
	struct world *w = world_create();
	struct client *b = client_in(w, 0, VIA_TCP, B_ADDR);
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	struct presence p;

	register_on(w, 0, b, B1, "u", 1);
	hang_up(w, 0, b);
	punch(w, 0, a, B1);
	ck_assert_int_eq(expect_send(w, a)->punch_hole_response->failure,
			 HBB__PUNCH_HOLE_RESPONSE__FAILURE__OFFLINE);
	ck_assert_int_eq(presence_decode(world_row(w, B1)->presence,
					 world_row(w, B1)->presence_len, &p),
			 0);
	ck_assert_uint_eq(p.epoch, 0);
	world_destroy(w);
}
END_TEST

START_TEST(the_later_path_of_a_peer_is_used)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	struct client *b = client_in(w, 0, VIA_TCP, "203.0.113.7:41000");
	register_on(w, 0, b, B1, "u", 1);
	punch(w, 0, a, B1);
	expect_send(w, b);
	/* Back to datagrams: by proof only. */
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), 1);
	Hbb__RegisterPk r = HBB__REGISTER_PK__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[] = B1, uuid[] = "u";
	uint8_t pk[32];
	memset(pk, 1, sizeof pk);
	r.id = id;
	r.uuid.data = (uint8_t *)uuid;
	r.uuid.len = 1;
	r.pk.data = pk;
	r.pk.len = sizeof pk;
	m.union_case = MSG(REGISTER_PK);
	m.register_pk = &r;
	udp_in(w, 0, B_ADDR, &m);
	expect_close(w, b);
	ck_assert_int_eq(expect_udp(w, B_ADDR)->register_pk_response->result,
			 0);
	world_wait(w, CONNECT_AGAIN_MS);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	world_destroy(w);
}
END_TEST

START_TEST(a_result_for_a_connection_that_left_is_dropped)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	w->slow = true;
	punch(w, 0, a, B1);
	hang_up(w, 0, a);
	world_answer(w);
	expect_nothing(w);
	ck_assert_uint_eq(w->nodes[0].jobs.map.len, 0);
	world_destroy(w);
}
END_TEST

START_TEST(what_is_not_expected_closes_a_connection_without_answer)
{
	struct world *w = world_create();
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	Hbb__RegisterPeer p = HBB__REGISTER_PEER__INIT;
	Hbb__HealthCheck hc = HBB__HEALTH_CHECK__INIT;
	static const uint8_t junk[] = { 0xff, 0xff, 0xff };
	struct client *c = client_in(w, 0, VIA_WS, A_ADDR);

	m.union_case = MSG(REGISTER_PEER);
	m.register_peer = &p;
	say(w, 0, c, &m);
	expect_close(w, c);
	say(w, 0, c, &m);
	expect_nothing(w); /* nothing more is read from it */

	c = client_in(w, 0, VIA_WS, A_ADDR);
	m.union_case = MSG(HC);
	m.hc = &hc;
	say(w, 0, c, &m);
	expect_close(w, c);

	c = client_in(w, 0, VIA_WS, A_ADDR);
	rendezvous_message(&w->nodes[0], c, junk, sizeof junk, w->now);
	ck_assert_int_eq(w->nodes[0].out.acts[0].kind, ACT_CLOSE);
	outbox_reset(&w->nodes[0].out);
	/* An empty message is a heartbeat, or nothing. */
	c = client_in(w, 0, VIA_WS, A_ADDR);
	rendezvous_message(&w->nodes[0], c, junk, 0, w->now);
	ck_assert_uint_eq(w->nodes[0].out.n, 0);
	world_destroy(w);
}
END_TEST

START_TEST(the_second_port_answers_nat_tests_and_online_queries_alone)
{
	struct world *w = world_create();
	struct client_info info = { .source = at(A_ADDR),
				    .via = VIA_TCP,
				    .port = PORT_NAT };
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	Hbb__TestNatRequest t = HBB__TEST_NAT_REQUEST__INIT;

	w->rules.serial = 10;
	t.serial = 3;
	m.union_case = MSG(TEST_NAT_REQUEST);
	m.test_nat_request = &t;
	struct client *c = rendezvous_open(&w->nodes[0], &info, w->now);
	say(w, 0, c, &m);
	const Hbb__TestNatResponse *r = expect_send(w, c)->test_nat_response;
	ck_assert_int_eq(r->port, 3000);
	ck_assert_ptr_null(r->cu);
	expect_close(w, c);

	c = client_in(w, 0, VIA_TCP, A_ADDR);
	say(w, 0, c, &m);
	r = expect_send(w, c)->test_nat_response;
	ck_assert_int_eq(r->cu->serial, 10);
	expect_close(w, c);

	c = rendezvous_open(&w->nodes[0], &info, w->now);
	punch(w, 0, c, B1);
	expect_close(w, c);

	udp_in(w, 0, A_ADDR, &m);
	r = expect_udp(w, A_ADDR)->test_nat_response;
	ck_assert_int_eq(r->port, 3000);
	ck_assert_ptr_null(r->cu);
	world_destroy(w);
}
END_TEST

START_TEST(connections_are_capped_per_address_and_in_all)
{
	struct world *w = world_create();
	struct client_info info = { .via = VIA_WS };
	char from[32];
	int got = 0;

	for (int i = 0; i < 200; i++) {
		snprintf(from, sizeof from, "198.51.100.1:%d", 1000 + i);
		info.source = at(from);
		if (rendezvous_open(&w->nodes[0], &info, w->now))
			got++;
	}
	ck_assert_int_eq(got, 100);
	for (int i = 0; i < 2000; i++) {
		snprintf(from, sizeof from, "10.0.%d.%d:9", i / 250, i % 250);
		info.source = at(from);
		if (rendezvous_open(&w->nodes[0], &info, w->now))
			got++;
	}
	ck_assert_int_eq(got, 1000);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("streams", the_newest_connection_of_a_machine_gets_the_pushes,
	  a_refused_connection_may_try_another_id,
	  a_lost_connection_is_offline_at_once,
	  the_later_path_of_a_peer_is_used,
	  a_result_for_a_connection_that_left_is_dropped,
	  what_is_not_expected_closes_a_connection_without_answer,
	  the_second_port_answers_nat_tests_and_online_queries_alone,
	  connections_are_capped_per_address_and_in_all)
