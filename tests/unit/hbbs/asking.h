/* asking: A and B of the tests about connecting. */
#pragma once

#include <string.h>

#include "services/hbbs/messages/connect.h"
#include "services/hbbs/messages/listening.h"
#include "world.h"

#define A_ADDR "198.51.100.20:3000"
#define B_ADDR "203.0.113.7:40000"
#define B_TCP  "203.0.113.7:41000"
#define B1     "123456789"
#define MSG(x) HBB__RENDEZVOUS_MESSAGE__UNION_##x

static inline const struct addr *decode(ProtobufCBinaryData b)
{
	static struct addr a;
	a = addr_unmangle(b.data, b.len);
	return &a;
}

static inline void ask(struct world *w, struct client *a,
		       Hbb__PunchHoleRequest *r)
{
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	static char id[] = B1;

	r->id = id;
	if (!r->licence_key || r->licence_key[0] == '\0')
		r->licence_key = w->rules.keys.pk_text;
	m.union_case = MSG(PUNCH_HOLE_REQUEST);
	m.punch_hole_request = r;
	say(w, 0, a, &m);
}

/* PunchHoleSent of B as it leaves; by TCP on a connection of its own, which is
 * returned if it stays open. */
static inline struct client *send_sent(struct world *w, unsigned node,
				       const char *from, const char *id,
				       const char *version, bool udp)
{
	uint8_t space[18];
	struct addr key = at(A_ADDR);
	Hbb__PunchHoleSent s = HBB__PUNCH_HOLE_SENT__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id_text[32], version_text[16], relay[] = "b.relay";

	strcpy(id_text, id);
	strcpy(version_text, version);
	s.socket_addr.len = addr_mangle(&key, 77, space);
	s.socket_addr.data = space;
	s.id = id_text;
	s.version = version_text;
	s.relay_server = relay;
	s.nat_type = HBB__NAT_TYPE__ASYMMETRIC;
	m.union_case = MSG(PUNCH_HOLE_SENT);
	m.punch_hole_sent = &s;
	if (udp) {
		udp_in(w, node, from, &m);
		return NULL;
	}
	struct client *b = client_in(w, node, VIA_TCP, from);
	say(w, node, b, &m);
	return b;
}

/* And as clients go on: B hangs up and listens. */
static inline void answer_sent(struct world *w, unsigned node, const char *from,
			       const char *id, const char *version, bool udp)
{
	struct client *b = send_sent(w, node, from, id, version, udp);

	if (!b)
		return;
	hang_up(w, node, b);
	world_wait(w, LISTENING_AFTER_MS);
}
