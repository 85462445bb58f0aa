/* WebRTC: how many candidates, how long, what is read of an offer; and what
 * this server does not know. */
#include "../unit.h"
#include "offering.h"
#include "services/hbbs/state/offer.h"

/* --- caps ----------------------------------------------------------------- */

START_TEST(so_many_candidates_pass_each_way_and_not_one_more)
{
	struct world *w = world_create();
	struct client *a = session(w);
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);

	for (int n = 0; n < ICE_CANDIDATES; n++) {
		to_b(w, 0, a, LOCAL);
		candidate_in(expect_udp(w, B_ADDR));
		to_a(w, 0, b, LOCAL);
		candidate_in(expect_send(w, a));
	}
	/* Asking again for the same does not help. */
	for (int n = 0; n < 300; n++) {
		to_b(w, 0, a, LOCAL);
		to_a(w, 0, b, LOCAL);
	}
	expect_nothing(w);
	world_wait(w, CONNECT_AGAIN_MS);
	ask_with(w, 0, a, offer_of(KEY, 0));
	expect_udp(w, B_ADDR);
	to_b(w, 0, a, LOCAL);
	to_a(w, 0, b, LOCAL);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(a_candidate_has_its_length_and_not_a_byte_more)
{
	struct world *w = world_create();
	struct client *a = session(w);
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);
	char text[ICE_CANDIDATE_MAX + 2] = { 0 };

	memset(text, 'x', ICE_CANDIDATE_MAX);
	to_b(w, 0, a, text);
	ck_assert_str_eq(candidate_in(expect_udp(w, B_ADDR))->candidate, text);
	to_a(w, 0, b, text);
	ck_assert_str_eq(candidate_in(expect_send(w, a))->candidate, text);
	text[ICE_CANDIDATE_MAX] = 'x';
	to_b(w, 0, a, text);
	to_a(w, 0, b, text);
	expect_nothing(w); /* nor is anybody closed */
	world_destroy(w);
}
END_TEST

/* The largest datagram that leaves with an offer; B by TCP has the longer. */
START_TEST(an_offer_that_makes_a_datagram_too_long_is_left_out)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
	size_t longest = 0, len = 1201;

	register_b(w, VIA_UDP);
	for (; len < 1600; len += 4) {
		ask_with(w, 0, a, offer_of(KEY, len));
		const Hbb__RendezvousMessage *m = expect_udp(w, B_ADDR);
		size_t size = wire_size(m);
		ck_assert_uint_le(size, WIRE_OFFER_DATAGRAM_MAX);
		if (m->punch_hole->webrtc_sdp_offer[0] == '\0')
			break;
		longest = size;
		hang_up(w, 0, a);
		a = client_in(w, 0, VIA_WS, A_ADDR);
	}
	ck_assert_uint_gt(longest, WIRE_OFFER_DATAGRAM_MAX - 4);
	/* And so has no session. */
	to_b(w, 0, a, LOCAL);
	expect_nothing(w);
	struct client *b = client_in(w, 0, VIA_TCP, B_TCP);
	register_on(w, 0, b, B1, "u", 1);
	world_wait(w, CONNECT_AGAIN_MS);
	ask_with(w, 0, a, offer_of(KEY, len));
	ck_assert_uint_eq(
		strlen(expect_send(w, b)->punch_hole->webrtc_sdp_offer), len);
	world_destroy(w);
}
END_TEST

/* As long as they may be they are a message, one byte more and they are none.
 */
START_TEST(offers_and_answers_have_their_length)
{
	static char text[WIRE_SDP_MAX + 2];
	static uint8_t packed[WIRE_SDP_MAX + 64];
	Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;
	Hbb__PunchHoleSent s = HBB__PUNCH_HOLE_SENT__INIT;
	Hbb__RendezvousMessage m[] = { HBB__RENDEZVOUS_MESSAGE__INIT,
				       HBB__RENDEZVOUS_MESSAGE__INIT };
	struct wire_arena arena;

	r.webrtc_sdp_offer = text;
	m[0].union_case = MSG(PUNCH_HOLE_REQUEST);
	m[0].punch_hole_request = &r;
	s.webrtc_sdp_answer = text;
	m[1].union_case = MSG(PUNCH_HOLE_SENT);
	m[1].punch_hole_sent = &s;
	for (size_t i = 0; i < ARRAY_LEN(m); i++) {
		memset(text, 'x', WIRE_SDP_MAX);
		text[WIRE_SDP_MAX] = '\0';
		size_t len = wire_pack(&m[i], packed);
		ck_assert_ptr_nonnull(wire_unpack(&arena, packed, len));
		wire_release(&arena);
		text[WIRE_SDP_MAX] = 'x';
		len = wire_pack(&m[i], packed);
		ck_assert_ptr_null(wire_unpack(&arena, packed, len));
	}
}
END_TEST

/* --- offers --------------------------------------------------------------- */

START_TEST(an_offer_is_read_as_far_as_its_session_key)
{
	char key[OFFER_KEY], longest[OFFER_KEY + 1] = { 0 };
	static const char *const bad[] = {
		"",
		"webrtc://",
		"WEBRTC://e30=",
		"webrtc://e30",  /* no padding */
		"webrtc://e30=", /* {} */
		"webrtc://!!!!", /* no base64 */
		"http://e30=",
		"webrtc://YT1maW5nZXJwcmludDo=", /* an empty value */
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert(!offer_session_key(bad[i], key));
	ck_assert(offer_session_key(offer_of(KEY, 0), key));
	ck_assert_str_eq(key, KEY);
	/* To the end of the text. */
	ck_assert(offer_session_key("webrtc://YT1maW5nZXJwcmludDpzaGEtMSBB",
				    key));
	ck_assert_str_eq(key, "sha-1 A");
	memset(longest, 'A', OFFER_KEY - 1);
	ck_assert(offer_session_key(offer_of(longest, 0), key));
	ck_assert_str_eq(key, longest);
	longest[OFFER_KEY - 1] = 'A';
	ck_assert(!offer_session_key(offer_of(longest, 0), key));
}
END_TEST

/* --- messages of newer clients -------------------------------------------- */

START_TEST(what_only_newer_clients_know_closes_no_connection)
{
	static const uint8_t unknown[] = { 0xfa, 0x07, 0x03, 0x0a, 0x01, 'x' };
	struct world *w = world_create();
	struct client *a = session(w);
	struct client *plain = client_in(w, 0, VIA_TCP, "192.0.2.9:7000");

	for (int i = 0; i < 3; i++) {
		rendezvous_message(&w->nodes[0], a, unknown, sizeof unknown,
				   w->now);
		rendezvous_message(&w->nodes[0], plain, unknown, sizeof unknown,
				   w->now);
	}
	ck_assert_uint_eq(w->nodes[0].out.n, 0);
	to_b(w, 0, a, LOCAL);
	candidate_in(expect_udp(w, B_ADDR));
	punch(w, 0, plain, B1);
	expect_udp(w, B_ADDR);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("offer", so_many_candidates_pass_each_way_and_not_one_more,
	  a_candidate_has_its_length_and_not_a_byte_more,
	  an_offer_that_makes_a_datagram_too_long_is_left_out,
	  an_offer_is_read_as_far_as_its_session_key,
	  offers_and_answers_have_their_length,
	  what_only_newer_clients_know_closes_no_connection)
