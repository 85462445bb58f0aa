/* offering: A and B of the tests about WebRTC. */
#pragma once

#include "asking.h"
#include "services/hbbs/messages/ice.h"

#define KEY    "sha-256 12:AB:9f:00"
#define ANSWER "webrtc://answer"
#define LOCAL                                                                  \
	"{\"candidate\":\"candidate:1 1 udp 2113937151 "                       \
	"4b9b1f5e-8a3c-4a51-9a1e-0e2f1c1d2b3a.local 54321 typ host\","         \
	"\"sdpMid\":\"0\",\"sdpMLineIndex\":0}"

/* An offer whose text is LEN bytes long, or as long as it has to be. */
char *offer_of(const char *key, size_t len);
/* A's request for B1 with an offer. */
void ask_with(struct world *w, unsigned node, struct client *a, char *offer);
/* A candidate: from A it names ID, from B A's address TO. */
void say_candidate(struct world *w, unsigned node, struct client *from,
		   const char *id, const char *to, const char *key,
		   const char *text);
void to_b(struct world *w, unsigned node, struct client *a, const char *text);
/* B trickles over one connection. */
void to_a(struct world *w, unsigned node, struct client *b, const char *text);
const Hbb__IceCandidate *candidate_in(Hbb__RendezvousMessage *m);
/* B1 is registered at node 0, by VIA. */
struct client *register_b(struct world *w, enum transport via);
Hbb__RendezvousMessage *pushed(struct world *w, struct client *b);
/* A at node 0 asks with an offer, and B has it. */
struct client *session(struct world *w);
/* B has chosen RELAY, or "" for none. */
void say_relay_response(struct world *w, unsigned node, struct client *from,
			const char *relay);
void say_punch_sent(struct world *w, unsigned node, struct client *from);
