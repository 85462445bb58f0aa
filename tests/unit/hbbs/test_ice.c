/* WebRTC: offers, answers and candidates, and where they do not pass. */
#include "../unit.h"
#include "offering.h"

/* --- what passes ---------------------------------------------------------- */

/* B's answers on their way to A, over NODE. */
static void expect_answers(struct world *w, unsigned node, struct client *a,
			   const char *answer)
{
	struct client *b = client_in(w, node, VIA_WS, B_TCP);
	say_relay_response(w, node, b, "");
	ck_assert_str_eq(expect_send(w, a)->relay_response->webrtc_sdp_answer,
			 answer);
	expect_close(w, b);
	hang_up(w, node, b);
	b = client_in(w, node, VIA_WS, B_TCP);
	say_punch_sent(w, node, b);
	ck_assert_str_eq(
		expect_send(w, a)->punch_hole_response->webrtc_sdp_answer,
		answer);
	expect_close(w, b);
	hang_up(w, node, b);
}

static void expect_close_last(struct world *w, unsigned node, struct client *b)
{
	expect_close(w, b);
	hang_up(w, node, b);
}

START_TEST(offers_answers_and_candidates_pass_whatever_b_is_connected_by)
{
	static const enum transport ways[] = { VIA_UDP, VIA_TCP, VIA_WS };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct world *w = world_create();
		struct client *b = register_b(w, ways[i]);
		struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
		char *offer = offer_of(KEY, 0);

		ask_with(w, 0, a, offer);
		const Hbb__PunchHole *h = pushed(w, b)->punch_hole;
		ck_assert_str_eq(h->webrtc_sdp_offer, offer);
		ck_assert(h->force_relay);
		expect_answers(w, 0, a, ANSWER);

		to_b(w, 0, a, LOCAL);
		const Hbb__IceCandidate *got = candidate_in(pushed(w, b));
		ck_assert_str_eq(got->candidate, LOCAL);
		struct client *trickle = client_in(w, 0, VIA_WS, B_TCP);
		for (int n = 0; n < 3; n++) {
			to_a(w, 0, trickle, LOCAL);
			got = candidate_in(expect_send(w, a));
			ck_assert_str_eq(got->candidate, LOCAL);
		}
		expect_nothing(w); /* and the connection stays */
		world_destroy(w);
	}
}
END_TEST

START_TEST(they_pass_over_three_nodes)
{
	static const enum transport ways[] = { VIA_UDP, VIA_TCP, VIA_WS };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct world *w = world_create();
		struct client *b = register_b(w, ways[i]);
		struct client *a = client_in(w, 1, VIA_WS, A_ADDR);

		ask_with(w, 1, a, offer_of(KEY, 0));
		ck_assert_str_ne(pushed(w, b)->punch_hole->webrtc_sdp_offer,
				 "");
		to_b(w, 1, a, LOCAL);
		ck_assert_str_eq(candidate_in(pushed(w, b))->candidate, LOCAL);
		ck_assert_uint_eq(w->out[w->first - 1].node, 0);

		struct client *trickle = client_in(w, 2, VIA_WS, B_TCP);
		for (int n = 0; n < 3; n++) {
			to_a(w, 2, trickle, LOCAL);
			ck_assert_str_eq(
				candidate_in(expect_send(w, a))->candidate,
				LOCAL);
		}
		struct client *answer = client_in(w, 2, VIA_WS, B_TCP);
		say_relay_response(w, 2, answer, "");
		expect_close_last(w, 2, answer);
		ck_assert_str_eq(
			expect_send(w, a)->relay_response->webrtc_sdp_answer,
			ANSWER);
		expect_nothing(w);
		world_destroy(w);
	}
}
END_TEST

START_TEST(a_large_offer_reaches_another_node)
{
	struct world *w = world_create();
	struct client *b = register_b(w, VIA_TCP);
	struct client *a = client_in(w, 1, VIA_TCP, A_ADDR);

	ask_with(w, 1, a, offer_of(KEY, 1801));
	ck_assert_uint_eq(
		strlen(expect_send(w, b)->punch_hole->webrtc_sdp_offer), 1801);
	world_destroy(w);
}
END_TEST

/* --- what does not -------------------------------------------------------- */

START_TEST(nobody_elses_candidate_passes)
{
	struct world *w = world_create();
	struct client *a = session(w);
	struct client *other = client_in(w, 0, VIA_WS, "192.0.2.9:7000");

	/* Who asked for nobody, or for somebody else. */
	to_b(w, 0, other, LOCAL);
	register_udp(w, 0, "203.0.113.8:40000", "987654321", "v", 2);
	punch(w, 0, other, "987654321");
	expect_udp(w, "203.0.113.8:40000");
	to_b(w, 0, other, LOCAL);
	say_candidate(w, 0, a, "987654321", NULL, KEY, LOCAL);
	/* Who does not know the session, in either direction. */
	say_candidate(w, 0, a, B1, NULL, "sha-256 12:AB:9f:01", LOCAL);
	say_candidate(w, 0, a, B1, NULL, "", LOCAL);
	say_candidate(w, 0, other, "", A_ADDR, "sha-256 12:AB", LOCAL);
	say_candidate(w, 0, other, "", A_ADDR, "", LOCAL);
	/* Whom nobody waits for. */
	say_candidate(w, 0, other, "", "198.51.100.77:1", KEY, LOCAL);
	/* For both or neither, or empty. */
	say_candidate(w, 0, a, B1, A_ADDR, KEY, LOCAL);
	say_candidate(w, 0, a, "", NULL, KEY, LOCAL);
	to_b(w, 0, a, "");
	expect_nothing(w); /* nor is anybody closed */
	to_b(w, 0, a, LOCAL);
	expect_udp(w, B_ADDR);
	world_destroy(w);
}
END_TEST

START_TEST(with_strict_answers_only_bs_address_reaches_a)
{
	struct world *w = world_create();
	struct client *a = session(w);
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);
	struct client *other = client_in(w, 0, VIA_WS, "192.0.2.9:7000");

	to_a(w, 0, other, LOCAL); /* another uplink of B's, perhaps */
	candidate_in(expect_send(w, a));
	w->rules.strict_answers = true;
	to_a(w, 0, other, LOCAL);
	expect_nothing(w);
	to_a(w, 0, b, LOCAL);
	candidate_in(expect_send(w, a));
	world_destroy(w);
}
END_TEST

START_TEST(candidates_wait_for_no_access_and_pass_after_it)
{
	struct world *w = world_create();
	register_b(w, VIA_UDP);
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);

	w->slow = true;
	ask_with(w, 0, a, offer_of(KEY, 0)); /* Redis is asked */
	to_b(w, 0, a, LOCAL);
	w->slow = false;
	to_a(w, 0, b, LOCAL);
	expect_nothing(w);
	world_answer(w);
	expect_udp(w, B_ADDR);
	to_b(w, 0, a, LOCAL);
	candidate_in(expect_udp(w, B_ADDR));
	world_destroy(w);
}
END_TEST

START_TEST(nothing_passes_where_access_is_denied_even_after_it_was_allowed)
{
	struct world *w = world_create();
	struct client *a = session(w);
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);

	/* An administrator disables the device meanwhile. */
	struct peer *p = peer_find(&w->nodes[0].peers, B1, strlen(B1));
	p->flags |= PEER_DISABLED;
	ask_with(w, 0, a, offer_of(KEY, 0));
	ck_assert_str_ne(expect_send(w, a)->punch_hole_response->other_failure,
			 "");
	to_b(w, 0, a, LOCAL);
	to_a(w, 0, b, LOCAL);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(nothing_passes_after_the_end_of_the_request)
{
	/* Its time. */
	struct world *w = world_create();
	struct client *a = session(w);
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);
	w->now += ASK_LIFE_MS;
	sync_heartbeat(w, 0, B_ADDR, B1);
	to_a(w, 0, b, LOCAL);
	candidate_in(expect_send(w, a));
	w->now += 1;
	to_a(w, 0, b, LOCAL);
	to_b(w, 0, a, LOCAL);
	expect_nothing(w);

	/* Its connection. */
	ask_with(w, 0, a, offer_of(KEY, 0));
	expect_udp(w, B_ADDR);
	hang_up(w, 0, a);
	to_a(w, 0, b, LOCAL);
	expect_nothing(w);
	world_destroy(w);

	/* It is asked anew, without an offer. */
	w = world_create();
	a = session(w);
	b = client_in(w, 0, VIA_WS, B_TCP);
	world_wait(w, CONNECT_AGAIN_MS);
	punch(w, 0, a, B1);
	ck_assert_str_eq(expect_udp(w, B_ADDR)->punch_hole->webrtc_sdp_offer,
			 "");
	to_b(w, 0, a, LOCAL);
	to_a(w, 0, b, LOCAL);
	expect_nothing(w);
	expect_answers(w, 0, a, "");
	world_destroy(w);
}
END_TEST

START_TEST(a_refused_request_has_no_session)
{
	struct world *w = world_create();
	register_b(w, VIA_UDP);
	struct client *a = client_in(w, 1, VIA_WS, A_ADDR);
	struct client *b = client_in(w, 1, VIA_WS, B_TCP);

	/* Its holder says that it does not hold it. */
	struct peer *p = peer_find(&w->nodes[0].peers, B1, strlen(B1));
	p->seen_ms = 0;
	ask_with(w, 1, a, offer_of(KEY, 0));
	ck_assert_int_eq(expect_send(w, a)->punch_hole_response->failure,
			 HBB__PUNCH_HOLE_RESPONSE__FAILURE__OFFLINE);
	to_b(w, 1, a, LOCAL);
	to_a(w, 1, b, LOCAL);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(b_at_a_relay_that_is_not_allowed_ends_the_session)
{
	struct world *w = world_create();
	struct client *a = session(w);
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);

	w->rules.known_relays_only = true;
	say_relay_response(w, 0, b, "relay.elsewhere.example");
	ck_assert_str_ne(expect_send(w, a)->punch_hole_response->other_failure,
			 "");
	expect_close(w, b);
	b = client_in(w, 0, VIA_WS, B_TCP);
	to_b(w, 0, a, LOCAL);
	to_a(w, 0, b, LOCAL);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

/* B comes back elsewhere: nobody is told that it is offline once more. */
START_TEST(a_candidate_that_does_not_reach_b_is_lost_without_a_word)
{
	struct world *w = world_create();
	register_b(w, VIA_UDP);
	struct client *a = client_in(w, 1, VIA_WS, A_ADDR);

	ask_with(w, 1, a, offer_of(KEY, 0));
	expect_udp(w, B_ADDR);
	struct peer *p = peer_find(&w->nodes[0].peers, B1, strlen(B1));
	p->seen_ms = 0;
	to_b(w, 1, a, LOCAL);
	w->dead[0] = true;
	to_b(w, 1, a, LOCAL);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(who_always_relays_passes_neither_offers_nor_candidates)
{
	struct world *w = world_create();
	struct client *a = session(w);
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);

	w->rules.always_relay = true;
	to_b(w, 0, a, LOCAL);
	to_a(w, 0, b, LOCAL);
	expect_nothing(w);
	world_wait(w, CONNECT_AGAIN_MS);
	ask_with(w, 0, a, offer_of(KEY, 0));
	ck_assert_str_eq(expect_udp(w, B_ADDR)->punch_hole->webrtc_sdp_offer,
			 "");
	expect_answers(w, 0, a, "");
	world_destroy(w);
}
END_TEST

UNIT_MAIN("ice", offers_answers_and_candidates_pass_whatever_b_is_connected_by,
	  they_pass_over_three_nodes, a_large_offer_reaches_another_node,
	  nobody_elses_candidate_passes,
	  with_strict_answers_only_bs_address_reaches_a,
	  candidates_wait_for_no_access_and_pass_after_it,
	  nothing_passes_where_access_is_denied_even_after_it_was_allowed,
	  nothing_passes_after_the_end_of_the_request,
	  a_refused_request_has_no_session,
	  b_at_a_relay_that_is_not_allowed_ends_the_session,
	  a_candidate_that_does_not_reach_b_is_lost_without_a_word,
	  who_always_relays_passes_neither_offers_nor_candidates)
