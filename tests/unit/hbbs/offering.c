#include "offering.h"

#include <stdio.h>

#include "../unit.h"

/* An offer whose text is LEN bytes long, or as long as it has to be. */
char *offer_of(const char *key, size_t len)
{
	static char out[WIRE_SDP_MAX + 1];
	char json[WIRE_SDP_MAX];

	int n = snprintf(json, sizeof json,
			 "{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n"
			 "a=fingerprint:%s\\r\\n\",\"ice_policy\":\"all\"}",
			 key);
	strcpy(out, "webrtc://");
	/* Any text is as good as spaces behind the JSON. */
	size_t want = len > 0 ? (len - strlen(out)) / 4 * 3 : (size_t)n;
	memset(json + n, ' ', want - (size_t)n);
	keys_base64(out + strlen(out), sizeof out - strlen(out),
		    (uint8_t *)json, want);
	return out;
}

/* A's request for B1 with an offer. */
void ask_with(struct world *w, unsigned node, struct client *a, char *offer)
{
	Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[] = B1;

	r.id = id;
	r.nat_type = HBB__NAT_TYPE__SYMMETRIC;
	r.licence_key = w->rules.keys.pk_text;
	r.force_relay = true;
	r.webrtc_sdp_offer = offer;
	m.union_case = MSG(PUNCH_HOLE_REQUEST);
	m.punch_hole_request = &r;
	say(w, node, a, &m);
}

/* A candidate: from A it names ID, from B A's address TO. */
void say_candidate(struct world *w, unsigned node, struct client *from,
		   const char *id, const char *to, const char *key,
		   const char *text)
{
	Hbb__IceCandidate i = HBB__ICE_CANDIDATE__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id_text[64], key_text[512];
	static char candidate[2048];
	uint8_t space[18];
	struct addr a;

	strcpy(id_text, id);
	strcpy(key_text, key);
	strcpy(candidate, text);
	i.id = id_text;
	i.session_key = key_text;
	i.candidate = candidate;
	if (to) {
		a = at(to);
		i.socket_addr.len = addr_mangle(&a, 99, space);
		i.socket_addr.data = space;
	}
	m.union_case = MSG(ICE_CANDIDATE);
	m.ice_candidate = &i;
	say(w, node, from, &m);
}

void to_b(struct world *w, unsigned node, struct client *a, const char *text)
{
	say_candidate(w, node, a, B1, NULL, KEY, text);
}

/* B trickles over one connection. */
void to_a(struct world *w, unsigned node, struct client *b, const char *text)
{
	say_candidate(w, node, b, "", A_ADDR, KEY, text);
}

const Hbb__IceCandidate *candidate_in(Hbb__RendezvousMessage *m)
{
	ck_assert_int_eq(m->union_case, MSG(ICE_CANDIDATE));
	ck_assert_str_eq(m->ice_candidate->session_key, KEY);
	return m->ice_candidate;
}

/* B1 is registered at node 0, by VIA. */
struct client *register_b(struct world *w, enum transport via)
{
	if (via == VIA_UDP) {
		register_udp(w, 0, B_ADDR, B1, "u", 1);
		return NULL;
	}
	struct client *b = client_in(w, 0, via, B_ADDR);
	register_on(w, 0, b, B1, "u", 1);
	return b;
}

Hbb__RendezvousMessage *pushed(struct world *w, struct client *b)
{
	return b ? expect_send(w, b) : expect_udp(w, B_ADDR);
}

/* A at node 0 asks with an offer, and B has it. */
struct client *session(struct world *w)
{
	register_b(w, VIA_UDP);
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
	ask_with(w, 0, a, offer_of(KEY, 0));
	ck_assert_str_ne(expect_udp(w, B_ADDR)->punch_hole->webrtc_sdp_offer,
			 "");
	return a;
}

void say_relay_response(struct world *w, unsigned node, struct client *from,
			const char *relay)
{
	Hbb__RelayResponse r = HBB__RELAY_RESPONSE__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[] = B1, uuid[] = "a-uuid", version[] = "1.5.0",
	     answer[] = ANSWER, name[64];
	uint8_t space[18];
	struct addr a = at(A_ADDR);

	strcpy(name, relay);
	r.relay_server = name;
	r.socket_addr.len = addr_mangle(&a, 7, space);
	r.socket_addr.data = space;
	r.uuid = uuid;
	r.union_case = HBB__RELAY_RESPONSE__UNION_ID;
	r.id = id;
	r.version = version;
	r.webrtc_sdp_answer = answer;
	m.union_case = MSG(RELAY_RESPONSE);
	m.relay_response = &r;
	say(w, node, from, &m);
}

void say_punch_sent(struct world *w, unsigned node, struct client *from)
{
	Hbb__PunchHoleSent s = HBB__PUNCH_HOLE_SENT__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[] = B1, answer[] = ANSWER;
	uint8_t space[18];
	struct addr a = at(A_ADDR);

	s.socket_addr.len = addr_mangle(&a, 7, space);
	s.socket_addr.data = space;
	s.id = id;
	s.webrtc_sdp_answer = answer;
	m.union_case = MSG(PUNCH_HOLE_SENT);
	m.punch_hole_sent = &s;
	say(w, node, from, &m);
}
