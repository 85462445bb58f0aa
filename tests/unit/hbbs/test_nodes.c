#include "../unit.h"

#include "services/hbbs/messages/connect.h"
#include "services/hbbs/messages/listening.h"
#include "world.h"

#define A_ADDR "198.51.100.20:3000"
#define B_ADDR "203.0.113.7:40000"
#define B_TCP  "203.0.113.7:41000"
#define B1     "123456789"
#define MSG(x) HBB__RENDEZVOUS_MESSAGE__UNION_##x

static void answer(struct world *w, unsigned node, const char *from)
{
	uint8_t space[18];
	struct addr key = at(A_ADDR);
	Hbb__PunchHoleSent s = HBB__PUNCH_HOLE_SENT__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[] = B1, version[] = "1.4.9";

	s.socket_addr.len = addr_mangle(&key, 77, space);
	s.socket_addr.data = space;
	s.id = id;
	s.version = version;
	m.union_case = MSG(PUNCH_HOLE_SENT);
	m.punch_hole_sent = &s;
	struct client *b = client_in(w, node, VIA_TCP, from);
	say(w, node, b, &m);
	hang_up(w, node, b);
	world_wait(w, LISTENING_AFTER_MS);
}

START_TEST(a_session_is_set_up_over_three_nodes)
{
	static const enum transport ways[] = { VIA_UDP, VIA_TCP, VIA_WS };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct world *w = world_create();
		struct client *b = NULL;

		if (ways[i] == VIA_UDP) {
			register_udp(w, 0, B_ADDR, B1, "u", 1);
		} else {
			b = client_in(w, 0, ways[i], B_ADDR);
			register_on(w, 0, b, B1, "u", 1);
		}
		struct client *a = client_in(w, 1, VIA_TCP, A_ADDR);
		punch(w, 1, a, B1);
		Hbb__RendezvousMessage *m =
			b ? expect_send(w, b) : expect_udp(w, B_ADDR);
		ck_assert_int_eq(m->union_case, MSG(PUNCH_HOLE));
		ck_assert_uint_eq(w->out[w->first - 1].node, 0);

		answer(w, 2, B_TCP);
		/* Node 2 sends it over and lets B go; node 1 answers A. */
		const Hbb__PunchHoleResponse *r =
			expect_send(w, a)->punch_hole_response;
		struct addr got =
			addr_unmangle(r->socket_addr.data, r->socket_addr.len);
		struct addr sent = at(B_TCP);
		ck_assert(addr_eq(&got, &sent));
		ck_assert_uint_gt(r->pk.len, KEYS_SIG);
		world_destroy(w);
	}
}
END_TEST

START_TEST(everybody_online_anywhere_is_online_everywhere)
{
	struct world *w = world_create();
	Hbb__OnlineRequest o = HBB__ONLINE_REQUEST__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char one[] = "peer-at-0", two[] = "peer-at-1", three[] = "nobody-x";
	char *peers[9] = { one,   three, two,   three, three,
			   three, three, three, one };

	register_udp(w, 0, B_ADDR, one, "u", 1);
	register_udp(w, 1, B_ADDR, two, "u", 1);
	o.peers = peers;
	o.n_peers = 9;
	m.union_case = MSG(ONLINE_REQUEST);
	m.online_request = &o;
	for (int away = 0; away < 2; away++) {
		w->redis_away = away;
		struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
		say(w, 0, a, &m);
		const Hbb__OnlineResponse *r =
			expect_send(w, a)->online_response;
		ck_assert_uint_eq(r->states.len, 2);
		/* Without Redis a node knows its own peers only. */
		ck_assert_uint_eq(r->states.data[0], away ? 0x80 : 0xa0);
		ck_assert_uint_eq(r->states.data[1], 0x80);
		expect_close(w, a);
		hang_up(w, 0, a);
	}
	world_destroy(w);
}
END_TEST

START_TEST(a_peer_that_moves_to_another_node_is_forgotten_by_the_first)
{
	struct world *w = world_create();

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	/* From the same address no proof is needed. */
	ck_assert_int_eq(sync_heartbeat(w, 1, B_ADDR, B1), 0);
	ck_assert_ptr_null(peer_find(&w->nodes[0].peers, B1, strlen(B1)));
	/* From another one it is. */
	ck_assert_int_eq(sync_heartbeat(w, 2, B_TCP, B1), 1);
	ck_assert_ptr_nonnull(peer_find(&w->nodes[1].peers, B1, strlen(B1)));
	ck_assert_int_eq(register_udp(w, 2, B_TCP, B1, "u", 1), 0);
	ck_assert_ptr_null(peer_find(&w->nodes[1].peers, B1, strlen(B1)));

	/* The old holder falling silent does not put it offline. */
	struct presence p;
	world_wait(w, 31000);
	ck_assert_int_eq(sync_heartbeat(w, 2, B_TCP, B1), 0);
	for (int i = 0; i < 20; i++)
		world_wait(w, 1000);
	ck_assert_int_eq(presence_decode(world_row(w, B1)->presence,
					 world_row(w, B1)->presence_len, &p),
			 0);
	ck_assert_uint_eq(p.epoch, w->nodes[2].epoch);
	world_destroy(w);
}
END_TEST

START_TEST(moving_closes_the_connection_at_the_old_node)
{
	struct world *w = world_create();
	struct client *old = client_in(w, 0, VIA_WS, B_ADDR);
	struct client *new = client_in(w, 1, VIA_WS, B_TCP);

	ck_assert_int_eq(register_on(w, 0, old, B1, "u", 1), 0);
	say_register(w, 1, new, B1, "u", 1);
	ck_assert_int_eq(next_sent(w)->kind, ACT_REGISTERED);
	expect_close(w, old);
	ck_assert_int_eq(expect_send(w, new)->register_pk_response->result, 0);
	ck_assert_ptr_null(old->peer);
	ck_assert_ptr_nonnull(new->peer);
	world_destroy(w);
}
END_TEST

START_TEST(an_orphan_is_reached_directly_until_its_grace_ends)
{
	static const struct {
		uint32_t age_s;
		bool reached;
	} rows[] = { { 0, true },
		     { 5, true },
		     { 6, true },
		     { 35, true },
		     { 36, false } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world *w = world_create();
		struct client *a = client_in(w, 1, VIA_TCP, A_ADDR);

		register_udp(w, 0, B_ADDR, B1, "u", 1);
		world_kill(w, 0, rows[i].age_s);
		punch(w, 1, a, B1);
		if (rows[i].reached)
			ck_assert_int_eq(expect_udp(w, B_ADDR)->union_case,
					 MSG(PUNCH_HOLE));
		else
			ck_assert_int_eq(
				expect_send(w, a)->punch_hole_response->failure,
				HBB__PUNCH_HOLE_RESPONSE__FAILURE__OFFLINE);
		expect_nothing(w);
		/* Its next heartbeat makes it ours. */
		ck_assert_int_eq(sync_heartbeat(w, 1, B_ADDR, B1), 0);
		world_wait(w, CONNECT_AGAIN_MS);
		punch(w, 1, a, B1);
		expect_udp(w, B_ADDR);
		world_destroy(w);
	}
}
END_TEST

START_TEST(a_connection_does_not_outlive_its_node)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 1, VIA_TCP, A_ADDR);
	struct client *b = client_in(w, 0, VIA_WS, B_ADDR);

	register_on(w, 0, b, B1, "u", 1);
	world_kill(w, 0, 1);
	punch(w, 1, a, B1);
	ck_assert_int_eq(expect_send(w, a)->punch_hole_response->failure,
			 HBB__PUNCH_HOLE_RESPONSE__FAILURE__OFFLINE);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(a_holder_that_has_lost_the_peer_refuses_and_a_hears_it)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 1, VIA_TCP, A_ADDR);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	/* Silent for 31 s, and the clock hand has not been there yet. */
	w->now += 31000;
	punch(w, 1, a, B1);
	ck_assert_int_eq(expect_send(w, a)->punch_hole_response->failure,
			 HBB__PUNCH_HOLE_RESPONSE__FAILURE__OFFLINE);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(a_restarted_node_serves_its_peers_without_registration)
{
	struct world *w = world_create();

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	world_kill(w, 0, 1);
	ck_assert_int_eq(sync_heartbeat(w, 1, B_ADDR, B1), 0);
	ck_assert_uint_eq(world_row(w, B1)->revision, 1);
	world_destroy(w);
}
END_TEST

START_TEST(a_renamed_id_is_gone_from_the_node_that_held_it)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 1, VIA_TCP, A_ADDR);
	Hbb__RegisterPk r = HBB__REGISTER_PK__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char old[] = B1, new[] = "newname", uuid[] = "u";

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	r.id = new;
	r.old_id = old;
	r.uuid.data = (uint8_t *)uuid;
	r.uuid.len = 1;
	m.union_case = MSG(REGISTER_PK);
	m.register_pk = &r;
	say(w, 1, a, &m);
	ck_assert_int_eq(expect_send(w, a)->register_pk_response->result, 0);
	expect_close(w, a);
	ck_assert_ptr_null(peer_find(&w->nodes[0].peers, B1, strlen(B1)));
	ck_assert_uint_eq(world_row(w, B1)->revision, 0);
	ck_assert_uint_eq(world_row(w, "newname")->revision, 1);
	world_destroy(w);
}
END_TEST

START_TEST(a_broken_bus_message_changes_nothing)
{
	struct world *w = world_create();
	uint8_t junk[64];

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	for (unsigned i = 0; i < 1000; i++) {
		keys_random(junk, sizeof junk);
		rendezvous_bus(&w->nodes[0], junk, i % sizeof junk, w->now);
	}
	outbox_reset(&w->nodes[0].out);
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), 0);
	world_destroy(w);
}
END_TEST

#define OUR1 "192.0.2.1"
#define OUR2 "192.0.2.50"

static void expect_from(const struct sent *s, const char *local)
{
	struct addr a = at(local);
	ck_assert(addr_same_ip(&s->local, &a));
}

/* The push to B1 that A's request at NODE leads to. */
static const struct sent *pushed(struct world *w, unsigned node)
{
	struct client *a = client_in(w, node, VIA_TCP, "198.51.100.20:3000");

	punch(w, node, a, B1);
	const struct sent *s = next_sent(w);
	hang_up(w, node, a);
	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(s->kind, ACT_DATAGRAM);
	return s;
}

START_TEST(answers_and_pushes_leave_from_the_address_that_b_spoke_to)
{
	struct world *w = world_create();

	w->to = OUR2;
	register_udp(w, 0, B_ADDR, B1, "uuid-b1", 1);
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), 0);
	expect_from(&w->out[w->first - 1], OUR2);
	expect_from(pushed(w, 0), OUR2);
	expect_from(pushed(w, 1), OUR2); /* over the bus */
	world_destroy(w);
}
END_TEST

START_TEST(who_speaks_to_another_address_of_ours_proves_itself_first)
{
	struct world *w = world_create();

	w->to = OUR1;
	register_udp(w, 0, B_ADDR, B1, "uuid-b1", 1);
	w->to = OUR2;
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), 1);
	expect_from(pushed(w, 0), OUR1);
	register_udp(w, 0, B_ADDR, B1, "uuid-b1", 1);
	expect_from(pushed(w, 0), OUR2);
	w->to = NULL; /* not known: as before */
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), 0);
	world_destroy(w);
}
END_TEST

START_TEST(presence_keeps_the_local_address_over_the_end_of_the_node)
{
	struct world *w = world_create();

	w->to = OUR2;
	register_udp(w, 0, B_ADDR, B1, "uuid-b1", 1);
	world_kill(w, 0, NODE_LEASE_S);
	expect_from(pushed(w, 1), OUR2);
	/* It is taken over wherever it speaks to: after a restart in another
	 * container our own address is another. */
	w->to = OUR1;
	ck_assert_int_eq(sync_heartbeat(w, 1, B_ADDR, B1), 0);
	expect_from(pushed(w, 2), OUR1);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("nodes", answers_and_pushes_leave_from_the_address_that_b_spoke_to,
	  who_speaks_to_another_address_of_ours_proves_itself_first,
	  presence_keeps_the_local_address_over_the_end_of_the_node,
	  a_session_is_set_up_over_three_nodes,
	  everybody_online_anywhere_is_online_everywhere,
	  a_peer_that_moves_to_another_node_is_forgotten_by_the_first,
	  moving_closes_the_connection_at_the_old_node,
	  an_orphan_is_reached_directly_until_its_grace_ends,
	  a_connection_does_not_outlive_its_node,
	  a_holder_that_has_lost_the_peer_refuses_and_a_hears_it,
	  a_restarted_node_serves_its_peers_without_registration,
	  a_renamed_id_is_gone_from_the_node_that_held_it,
	  a_broken_bus_message_changes_nothing)
