#include "../unit.h"

#include "asking.h"
#include "services/hbbs/state/ask.h"
#include "services/hbbs/state/metrics.h"

static void request_relay(struct world *w, struct client *a, const char *id)
{
	Hbb__RequestRelay r = HBB__REQUEST_RELAY__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	Hbb__ControlPermissions p = HBB__CONTROL_PERMISSIONS__INIT;
	Hbb__ControlledContext x = HBB__CONTROLLED_CONTEXT__INIT;
	char to[32], uuid[] = "the-uuid", relay[] = "r.example:1", text[] = "x";

	strcpy(to, id);
	p.permissions = 0x2aaaaaa;
	x.conn_audit_ref = text;
	r.id = to;
	r.uuid = uuid;
	r.relay_server = relay;
	r.secure = true;
	r.token = r.switch_code = r.licence_key = text;
	r.control_permissions = &p;
	r.controlled_context = &x;
	m.union_case = MSG(REQUEST_RELAY);
	m.request_relay = &r;
	say(w, 0, a, &m);
}

START_TEST(a_relay_request_is_rebuilt_from_what_b_may_see)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	struct addr a_addr = at(A_ADDR);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	request_relay(w, a, B1);
	const Hbb__RequestRelay *r = expect_udp(w, B_ADDR)->request_relay;
	ck_assert_str_eq(r->uuid, "the-uuid");
	ck_assert_str_eq(r->relay_server, "r.example:1");
	ck_assert(r->secure);
	ck_assert(addr_eq(decode(r->socket_addr), &a_addr));
	ck_assert_str_eq(r->token, "");
	ck_assert_str_eq(r->switch_code, "");
	ck_assert_str_eq(r->licence_key, "");
	ck_assert_ptr_null(r->control_permissions);
	ck_assert_str_eq(r->controlled_context->conn_audit_ref, w->conn_ref);
	ck_assert_str_eq(w->ticket, "the-uuid");
	ck_assert_str_eq(w->ticket_target, B1);
	world_destroy(w);
}
END_TEST

START_TEST(a_relay_request_repeated_at_once_calls_b_no_more)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	request_relay(w, a, B1);
	expect_udp(w, B_ADDR);
	request_relay(w, a, B1);
	expect_nothing(w);
	world_wait(w, CONNECT_AGAIN_MS);
	request_relay(w, a, B1);
	expect_udp(w, B_ADDR);
	world_destroy(w);
}
END_TEST

START_TEST(a_relay_request_that_cannot_be_met_says_why_at_once)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	request_relay(w, a, B1);
	ck_assert_str_eq(expect_send(w, a)->relay_response->refuse_reason,
			 "ID does not exist");
	register_udp(w, 0, B_ADDR, B1, "u", 1);
	world_wait(w, 31000);
	request_relay(w, a, B1);
	ck_assert_str_eq(expect_send(w, a)->relay_response->refuse_reason,
			 "Remote desktop is offline");
	w->redis_away = true;
	request_relay(w, a, "unknown99");
	ck_assert_ptr_nonnull(strstr(
		expect_send(w, a)->relay_response->refuse_reason, "try again"));
	world_destroy(w);
}
END_TEST

static void relay_answer(struct world *w, const char *uuid, const char *id)
{
	Hbb__RelayResponse r = HBB__RELAY_RESPONSE__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	uint8_t space[18];
	struct addr key = at(A_ADDR);
	char version[] = "1.4.9", relay[] = "b.relay", u[64], i[32];

	strcpy(u, uuid);
	strcpy(i, id);
	r.socket_addr.data = space;
	r.socket_addr.len = addr_mangle(&key, 3, space);
	r.version = version;
	r.uuid = u;
	if (id[0]) {
		r.relay_server = relay;
		r.union_case = HBB__RELAY_RESPONSE__UNION_ID;
		r.id = i;
	}
	m.union_case = MSG(RELAY_RESPONSE);
	m.relay_response = &r;
	struct client *b = client_in(w, 0, VIA_TCP, B_TCP);
	say(w, 0, b, &m);
}

START_TEST(both_kinds_of_relay_answers_reach_a)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	relay_answer(w, "b-uuid", B1);
	const Hbb__RelayResponse *r = expect_send(w, a)->relay_response;
	ck_assert_str_eq(r->uuid, "b-uuid");
	ck_assert_str_eq(r->relay_server, "b.relay");
	ck_assert_int_eq(r->union_case, HBB__RELAY_RESPONSE__UNION_PK);
	ck_assert_uint_gt(r->pk.len, KEYS_SIG);
	ck_assert_uint_eq(r->socket_addr.len, 0);
	next_sent(w); /* B's connection is closed */

	/* Only a request for a relay makes an answer without name valid. */
	relay_answer(w, "", "");
	ck_assert_int_eq(next_sent(w)->kind, ACT_CLOSE);
	request_relay(w, a, B1);
	expect_udp(w, B_ADDR);
	relay_answer(w, "", "");
	r = expect_send(w, a)->relay_response;
	ck_assert_str_eq(r->uuid, "");
	ck_assert_str_eq(r->relay_server, "");
	ck_assert_str_eq(r->version, "1.4.9");
	world_destroy(w);
}
END_TEST

/* B answers A's PunchHoleRequest with a relay of its own choice. */
static struct client *answered(struct world *w, const char *a_addr)
{
	struct client *a = client_in(w, 0, VIA_TCP, a_addr);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	return a;
}

START_TEST(a_relay_of_bs_own_is_not_handed_out_where_only_known_ones_are)
{
	struct world *w = world_create();
	struct client *a = answered(w, A_ADDR);

	w->rules.known_relays_only = true;
	answer_sent(w, 0, B_TCP, B1, "1.4.9", false);
	ck_assert_str_eq(expect_send(w, a)->punch_hole_response->relay_server,
			 "relay.example.net");
	/* B waits there already: A is told why it will not come. */
	relay_answer(w, "b-uuid", B1);
	ck_assert_ptr_nonnull(
		strstr(expect_send(w, a)->punch_hole_response->other_failure,
		       "not allowed"));
	ck_assert_uint_eq(w->ntickets, 0);
	world_destroy(w);
}
END_TEST

START_TEST(the_lan_name_of_a_relay_of_ours_stays_on_its_lan)
{
	struct world *w = world_create();
	struct relay_node node = { .address = "relay.example.net",
				   .lan = "b.relay" };

	relays_registered(&w->nodes[0].relays, &node, 1);
	struct client *a = answered(w, A_ADDR);
	relay_answer(w, "b-uuid", B1);
	ck_assert_str_eq(expect_send(w, a)->relay_response->relay_server,
			 "relay.example.net");
	next_sent(w);
	answer_sent(w, 0, B_TCP, B1, "1.4.9", false);
	ck_assert_str_eq(expect_send(w, a)->punch_hole_response->relay_server,
			 "relay.example.net");
	hang_up(w, 0, a);
	world_destroy(w);
}
END_TEST

static void tunnel(struct world *w, struct client *a, Hbb__ConnType kind)
{
	Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;

	r.conn_type = kind;
	ask(w, a, &r);
}

START_TEST(a_tunnel_between_tcp_and_websocket_is_refused_with_a_sentence)
{
	struct world *w = world_create();
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	struct client *web = client_in(w, 0, VIA_WS, "198.51.100.21:3000");
	uint64_t before = metric_get(&hbbs_metrics, M_TRY_MIXED);

	register_on(w, 0, b, B1, "u", 1);
	while (next_sent(w))
		;
	tunnel(w, a, HBB__CONN_TYPE__PORT_FORWARD);
	ck_assert_ptr_nonnull(
		strstr(expect_send(w, a)->punch_hole_response->other_failure,
		       "WebSocket"));
	tunnel(w, a, HBB__CONN_TYPE__RDP);
	expect_send(w, a);
	ck_assert_uint_eq(metric_get(&hbbs_metrics, M_TRY_MIXED), before + 2);
	expect_nothing(w);
	/* All else goes, and a tunnel between two of a kind. */
	tunnel(w, a, HBB__CONN_TYPE__FILE_TRANSFER);
	expect_send(w, b);
	tunnel(w, web, HBB__CONN_TYPE__PORT_FORWARD);
	expect_send(w, b);
	world_destroy(w);
}
END_TEST

START_TEST(a_tunnel_that_stays_framed_goes_between_websocket_and_tcp)
{
	struct world *w = world_create();
	struct client *b = client_in(w, 0, VIA_TCP, B_TCP);
	struct client *web = client_in(w, 0, VIA_WS, "198.51.100.21:3000");
	Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;

	register_on(w, 0, b, B1, "u", 1);
	while (next_sent(w))
		;
	r.conn_type = HBB__CONN_TYPE__PORT_FORWARD;
	r.framed_tunnel = true;
	ask(w, web, &r);
	expect_send(w, b);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("relay_setup",
	  a_tunnel_that_stays_framed_goes_between_websocket_and_tcp,
	  a_relay_of_bs_own_is_not_handed_out_where_only_known_ones_are,
	  the_lan_name_of_a_relay_of_ours_stays_on_its_lan,
	  a_tunnel_between_tcp_and_websocket_is_refused_with_a_sentence,
	  a_relay_request_is_rebuilt_from_what_b_may_see,
	  a_relay_request_repeated_at_once_calls_b_no_more,
	  a_relay_request_that_cannot_be_met_says_why_at_once,
	  both_kinds_of_relay_answers_reach_a)
