#include "services/hbbs/messages/punch.h"

#include <stdio.h>
#include <string.h>

#include "services/hbbs/messages/connect.h"
#include "services/hbbs/messages/ice.h"
#include "services/hbbs/messages/refusal.h"
#include "services/hbbs/state/ask.h"

static bool in_mask(const struct core *c, const struct addr *a)
{
	return c->rules->has_mask && cidr_contains(&c->rules->mask, a);
}

/* --- push ----------------------------------------------------------------- */

/* At most the 18 bytes of an IPv6 address, else nothing (spec 4.13). */
static ProtobufCBinaryData v6_or_nothing(ProtobufCBinaryData v6)
{
	return v6.len <= ADDR_MANGLED_MAX ? v6 : (ProtobufCBinaryData){ 0 };
}

static char none[] = "";

/* The name of the relay in the message; "" where memory was out. */
static char *relay_in(const struct ask *ask)
{
	return ask->relay ? ask->relay : none;
}

static struct step push_local(struct core *c, struct request *q,
			      const union result *unused)
{
	const Hbb__PunchHoleRequest *r = q->m->punch_hole_request;
	struct connecting *k = &q->known.connect;
	uint8_t space[ADDR_MANGLED_MAX];
	struct connect_extras x;
	(void)unused;

	k->ask->udp = false;
	k->ask->udp_done = false;
	ask_set_session(k->ask, NULL); /* there is no place for an offer */
	Hbb__FetchLocalAddr f = HBB__FETCH_LOCAL_ADDR__INIT;
	f.socket_addr = core_mangle(c, &q->from.client->key, space);
	f.relay_server = relay_in(k->ask);
	f.socket_addr_v6 = v6_or_nothing(r->socket_addr_v6);
	connect_extras(q, &x, &f.control_permissions, &f.controlled_context);
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_FETCH_LOCAL_ADDR;
	m.fetch_local_addr = &f;
	return connect_push(c, q, &m);
}

/* What B is told of A's NAT: nobody punches through to where only the relay
 * helps. */
static Hbb__NatType nat_type(const struct core *c, const struct request *q)
{
	const struct connecting *k = &q->known.connect;
	bool apart = in_mask(c, &q->from.source) != in_mask(c, &k->to.addr);

	return k->relay_only || apart ? HBB__NAT_TYPE__SYMMETRIC
				      : q->m->punch_hole_request->nat_type;
}

static struct step push_punch(struct core *c, struct request *q,
			      const union result *unused)
{
	const Hbb__PunchHoleRequest *r = q->m->punch_hole_request;
	struct connecting *k = &q->known.connect;
	uint8_t space[ADDR_MANGLED_MAX];
	struct connect_extras x;
	(void)unused;

	k->ask->udp = !k->relay_only && r->udp_port > 0;
	k->ask->udp_done = false;
	Hbb__PunchHole h = HBB__PUNCH_HOLE__INIT;
	h.socket_addr = core_mangle(c, &q->from.client->key, space);
	h.relay_server = relay_in(k->ask);
	h.nat_type = nat_type(c, q);
	h.force_relay = k->relay_only;
	if (!k->relay_only) {
		h.udp_port = r->udp_port;
		h.upnp_port = r->upnp_port;
	}
	h.socket_addr_v6 = v6_or_nothing(r->socket_addr_v6);
	connect_extras(q, &x, &h.control_permissions, &h.controlled_context);
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE;
	m.punch_hole = &h;
	h.webrtc_sdp_offer = ice_offer(c, k->ask, r->webrtc_sdp_offer);
	/* A fragment that is lost would cost the whole push. */
	if (k->to.via == VIA_UDP && wire_size(&m) > WIRE_OFFER_DATAGRAM_MAX)
		h.webrtc_sdp_offer = ice_offer(c, k->ask, none);
	return connect_push(c, q, &m);
}

/* --- plan ----------------------------------------------------------------- */

/* A's address without its port, which is another one at every attempt. */
static uint64_t pair_hash(const struct addr *a, const char *id)
{
	char ip[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX + WIRE_ID_MAX + 2];
	uint8_t hash[32];
	uint64_t out;

	int n = snprintf(text, sizeof text, "%s %s", addr_format_ip(a, ip), id);
	keys_sha256(hash, text, (size_t)n < sizeof text ? (size_t)n : 0);
	memcpy(&out, hash, sizeof out);
	return out;
}

static const char *relay_for(struct core *c, const char *id,
			     const struct addr *a, const struct addr *b)
{
	struct relay_wish wish = {
		.a = a,
		.b = b,
		.lan = (in_mask(c, a) && in_mask(c, b)) || addr_same_ip(a, b),
		.pair = pair_hash(a, id),
		.now_ms = c->now_ms,
	};
	const char *relay = relays_choose(&c->relays, &wish);

	if (in_mask(c, b) && !in_mask(c, a) && c->rules->local_ip[0] != '\0')
		return c->rules->local_ip;
	return relay;
}

/* How B shall be reached. */
static struct step plan(struct core *c, struct request *q,
			const union result *unused)
{
	const Hbb__PunchHoleRequest *r = q->m->punch_hole_request;
	struct connecting *k = &q->known.connect;
	const struct target *t = &k->to;
	const struct addr *a = &q->from.source;
	(void)unused;

	if (connect_asked(c, q))
		return way_end(); /* its answer answers this one too */
	punchlog_add(&c->punches, a, r->id, &t->addr, c->unix_s);
	k->relay_only = r->force_relay || c->rules->always_relay;
	k->local = !k->relay_only && q->from.via == VIA_TCP &&
		   t->via != VIA_WS &&
		   ((in_mask(c, a) && in_mask(c, &t->addr)) ||
		    addr_same_ip(a, &t->addr));
	return connect_ask(c, q, relay_for(c, r->id, a, &t->addr),
			   k->local ? push_local : push_punch);
}

struct step punch_request(struct core *c, struct request *q,
			  const union result *unused)
{
	const Hbb__PunchHoleRequest *r = q->m->punch_hole_request;
	(void)unused;

	if (!rules_key_ok(c->rules, r->licence_key)) {
		refusal_key(c, q, r->id);
		return way_end();
	}
	if (!limits_allow(&c->limits, LIMIT_CONNECT, &q->from.source,
			  c->now_ms)) {
		refusal_early(c, q, r->id, false, TARGET_LIMITED);
		return way_end();
	}
	return connect_find(c, q, plan);
}
