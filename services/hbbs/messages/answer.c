#include "services/hbbs/messages/answer.h"

#include <string.h>

#include "common/base/log.h"
#include "services/hbbs/messages/attempt.h"
#include "services/hbbs/messages/ice.h"
#include "services/hbbs/messages/listening.h"
#include "services/hbbs/messages/relayticket.h"
#include "services/hbbs/state/ask.h"

enum { IDPK_MAX = KEYS_SIG + WIRE_ID_MAX + RECORD_PK_LEN + 16 };

/* Who waits for this answer. */
struct asker {
	struct client *a;
	struct ask *ask;
	bool elsewhere; /* Redis is asked which node holds it */
};

/* The answer of B goes on to the node that holds A. */
struct step answer_forward(struct core *c, struct request *q,
			   const union result *r)
{
	if (r->node == 0 || r->node == c->epoch) {
		core_count(M_ANSWER_STRAY);
		return way_end();
	}
	uint8_t space[ADDR_MANGLED_MAX];
	State__Answer answer = STATE__ANSWER__INIT;
	answer.message.data = q->job->data;
	answer.message.len = q->job->len;
	answer.source = core_mangle(c, &q->from.source, space);
	answer.udp = q->from.via == VIA_UDP;
	State__Bus bus = STATE__BUS__INIT;
	bus.what_case = STATE__BUS__WHAT_ANSWER;
	bus.answer = &answer;
	core_bus(c, r->node, &bus, 0);
	return way_end();
}

/* B's connection ends with its answer, also if that goes on without it. */
static struct step done(struct core *c, const struct request *q,
			const struct asker *to)
{
	if (q->from.client)
		core_close(c, q->from.client, "done");
	return to && to->elsewhere ? way_wait(answer_forward) : way_end();
}

bool answer_ask_node(struct core *c, struct request *q, const struct addr *key,
		     enum limit limit)
{
	if (q->over_bus ||
	    !limits_allow(&c->limits, limit, &q->from.source, c->now_ms)) {
		core_count(M_ANSWER_STRAY);
		return false;
	}
	if (!core_park(c, q))
		return false;
	struct action *a = outbox_add(&c->out, ACT_WAIT_GET, 0, NULL);
	if (!a) {
		core_unpark(q);
		return false;
	}
	a->ticket = q->job->ticket;
	a->addr = *key;
	/* B hangs up now; its answer goes on without it. */
	q->job->client_id = 0;
	return true;
}

/* An answer from an address the peer was never seen at: often a second uplink
 * or the other IP version, so by default it is only noted. */
static bool foreign(struct core *c, const struct request *q,
		    const struct ask *ask)
{
	if (addr_is_unspecified(&ask->peer_ip) ||
	    addr_same_ip(&ask->peer_ip, &q->from.source))
		return false;

	struct log_line l;
	log_begin(&l, LOG_WARN, "foreign_answer");
	log_str(&l, "id", ask->id);
	log_addr(&l, "peer", &ask->peer_ip);
	log_addr(&l, "from", &q->from.source);
	log_end(&l);
	core_count(M_ANSWER_FOREIGN);
	return c->rules->strict_answers;
}

/* Finds who asked. False: nobody here. */
static bool find_asker(struct core *c, struct request *q,
		       ProtobufCBinaryData socket_addr, const char *id,
		       bool relay, struct asker *out)
{
	struct addr key = addr_unmangle(socket_addr.data, socket_addr.len);

	out->elsewhere = false;
	if (key.port == 0 || addr_is_unspecified(&key)) {
		core_count(M_ANSWER_STRAY);
		return false;
	}
	out->a = client_by_key(&c->clients, &key);
	if (!out->a) {
		out->elsewhere = answer_ask_node(c, q, &key, LIMIT_WAIT);
		return false;
	}
	out->ask = out->a->closing
			   ? NULL
			   : ask_find(out->a, id, strlen(id), relay, c->now_ms);
	if (!out->ask) {
		core_count(M_ANSWER_STRAY);
		return false;
	}
	if (foreign(c, q, out->ask))
		return false;
	core_settled(c, out->ask->copy);
	out->ask->copy = 0;
	return true;
}

/* True if the answer waits until B listens. Where A is not known here, it may
 * be at another node. */
static bool waits(struct core *c, struct request *q,
		  ProtobufCBinaryData socket_addr, const char *id)
{
	struct addr key = addr_unmangle(socket_addr.data, socket_addr.len);
	const struct client *a = client_by_key(&c->clients, &key);
	struct ask *ask =
		a ? ask_find(a, id, strlen(id), false, c->now_ms) : NULL;

	if (key.port == 0 || (a && !ask) || !listening_wait(c, q))
		return false;
	if (ask) {
		core_settled(c, ask->copy);
		ask->copy = 0;
	}
	return true;
}

/* The signed IdPk of spec 5.3, or nothing. */
static ProtobufCBinaryData signed_pk(const struct core *c, struct ask *ask,
				     const char *version,
				     uint8_t space[static IDPK_MAX])
{
	if (version[0] == '\0' || !ask->has_pk || !c->rules->keys.can_sign)
		return (ProtobufCBinaryData){ 0 };

	Hbb__IdPk m = HBB__ID_PK__INIT;
	uint8_t inner[IDPK_MAX - KEYS_SIG];
	m.id = ask->id;
	m.pk.data = ask->pk;
	m.pk.len = sizeof ask->pk;
	size_t len = hbb__id_pk__pack(&m, inner);
	keys_sign(&c->rules->keys, inner, len, space);
	return (ProtobufCBinaryData){ .len = KEYS_SIG + len, .data = space };
}

static ProtobufCBinaryData v6_or_nothing(ProtobufCBinaryData v6)
{
	return v6.len <= ADDR_MANGLED_MAX ? v6 : (ProtobufCBinaryData){ 0 };
}

/* Asks A to report its session (spec 4.18), which takes a signed-in user. */
static int32_t wants_feedback(const struct asker *to)
{
	return to->ask->user[0] != '\0';
}

/* MASK in the relay B named (spec 4.14): A inside the LAN gets LOCAL_IP, A
 * outside must not get it. */
static const char *masked_relay(struct core *c, const struct client *a,
				const char *relay)
{
	const struct rules *r = c->rules;

	if (!r->has_mask || r->local_ip[0] == '\0' || relay[0] == '\0' ||
	    relays_is_lan(&c->relays, relay))
		return relay;
	if (cidr_contains(&r->mask, &a->source))
		return r->local_ip;
	return strcmp(relay, r->local_ip) == 0 ? relays_next(&c->relays)
					       : relay;
}

static bool on_one_lan(const struct core *c, const struct addr *a,
		       const struct addr *b)
{
	const struct rules *r = c->rules;

	return addr_same_ip(a, b) ||
	       (r->has_mask && cidr_contains(&r->mask, a) &&
		cidr_contains(&r->mask, b));
}

/*
 * What A is told of the relay that B named: B may have a name of its own for
 * it (option relay-server), which means something on B's LAN alone. NULL: it
 * is none of ours, and RELAY_CHOICE allows no other.
 */
static const char *visible_relay(const struct core *c, const struct request *q,
				 const struct client *a, const char *relay)
{
	const struct relay_list *l = &c->relays;

	if (relay[0] == '\0')
		return relay;
	if (relays_is_lan(l, relay))
		return on_one_lan(c, &a->source, &q->from.source)
			       ? relay
			       : relays_public(l, relay);
	if (c->rules->known_relays_only && l->n > 0 && !relays_has(l, relay) &&
	    strcmp(relay, c->rules->local_ip) != 0)
		return NULL;
	return relay;
}

/* A chooses the relay when it needs one, and B is told: any of ours will do. */
static const char *relay_to_choose(struct core *c, const struct request *q,
				   const struct client *a, const char *relay)
{
	const char *seen = visible_relay(c, q, a, relay);

	return seen ? seen : relays_next(&c->relays);
}

static void send_punch(struct core *c, const struct asker *to,
		       Hbb__PunchHoleResponse *r)
{
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_RESPONSE;
	m.punch_hole_response = r;
	r->feedback = wants_feedback(to);
	core_send(c, to->a, &m);
}

static void pass_punch_sent(struct core *c, const struct request *q,
			    const struct asker *to)
{
	const Hbb__PunchHoleSent *s = q->m->punch_hole_sent;
	bool udp = q->from.via == VIA_UDP;

	/* B sends its datagram three times; A hears of it once. */
	if (udp && (!to->ask->udp || to->ask->udp_done))
		return;
	to->ask->udp_done |= udp;

	uint8_t addr[ADDR_MANGLED_MAX];
	uint8_t pk[IDPK_MAX];
	char relay[WIRE_RELAY_MAX + 1];
	Hbb__PunchHoleResponse r = HBB__PUNCH_HOLE_RESPONSE__INIT;
	r.socket_addr = core_mangle(c, &q->from.source, addr);
	r.pk = signed_pk(c, to->ask, s->version, pk);
	strcpy(relay, relay_to_choose(c, q, to->a, s->relay_server));
	r.relay_server = relay;
	r.union_case = HBB__PUNCH_HOLE_RESPONSE__UNION_NAT_TYPE;
	r.nat_type = s->nat_type;
	r.is_udp = udp;
	r.upnp_port = s->upnp_port;
	r.socket_addr_v6 = v6_or_nothing(s->socket_addr_v6);
	r.webrtc_sdp_answer = ice_answer(to->ask, s->webrtc_sdp_answer);
	send_punch(c, to, &r);
	attempt_ended(c, to->a, to->ask, udp ? M_TRY_UDP : M_TRY_DIRECT,
		      &q->from.source);
}

static struct step tell_punch_sent(struct core *c, struct request *q,
				   const union result *unused)
{
	const Hbb__PunchHoleSent *s = q->m->punch_hole_sent;
	struct asker to;
	(void)unused;

	if (find_asker(c, q, s->socket_addr, s->id, false, &to))
		pass_punch_sent(c, q, &to);
	return done(c, q, &to);
}

struct step answer_punch_sent(struct core *c, struct request *q,
			      const union result *unused)
{
	const Hbb__PunchHoleSent *s = q->m->punch_hole_sent;
	(void)unused;

	if (s->id[0] == '\0') {
		core_count(M_ANSWER_STRAY);
		return done(c, q, NULL);
	}
	return waits(c, q, s->socket_addr, s->id) ? way_wait(tell_punch_sent)
						  : way_on(tell_punch_sent);
}

static void pass_local_addr(struct core *c, const struct request *q,
			    const struct asker *to)
{
	const Hbb__LocalAddr *l = q->m->local_addr;
	uint8_t pk[IDPK_MAX];
	char relay[WIRE_RELAY_MAX + 1];
	Hbb__PunchHoleResponse r = HBB__PUNCH_HOLE_RESPONSE__INIT;

	r.socket_addr = l->local_addr;
	r.pk = signed_pk(c, to->ask, l->version, pk);
	strcpy(relay, relay_to_choose(c, q, to->a, l->relay_server));
	r.relay_server = relay;
	r.union_case = HBB__PUNCH_HOLE_RESPONSE__UNION_IS_LOCAL;
	r.is_local = true;
	r.socket_addr_v6 = v6_or_nothing(l->socket_addr_v6);
	send_punch(c, to, &r);
	attempt_ended(c, to->a, to->ask, M_TRY_LOCAL, &q->from.source);
}

static struct step tell_local_addr(struct core *c, struct request *q,
				   const union result *unused)
{
	const Hbb__LocalAddr *l = q->m->local_addr;
	struct asker to;
	(void)unused;

	if (find_asker(c, q, l->socket_addr, l->id, false, &to))
		pass_local_addr(c, q, &to);
	return done(c, q, &to);
}

struct step answer_local_addr(struct core *c, struct request *q,
			      const union result *unused)
{
	const Hbb__LocalAddr *l = q->m->local_addr;
	(void)unused;

	if (l->id[0] == '\0' || l->local_addr.len == 0 ||
	    l->local_addr.len > ADDR_MANGLED_MAX) {
		core_count(M_ANSWER_STRAY);
		return done(c, q, NULL);
	}
	return waits(c, q, l->socket_addr, l->id) ? way_wait(tell_local_addr)
						  : way_on(tell_local_addr);
}

/* B already waits at a relay where A may not go. Clients look at the text of a
 * PunchHoleResponse here, not at refuse_reason. */
static void refuse_relay(struct core *c, const struct asker *to)
{
	static char text[] = "The relay server of the remote device is not "
			     "allowed";
	Hbb__PunchHoleResponse r = HBB__PUNCH_HOLE_RESPONSE__INIT;

	r.other_failure = text;
	ask_set_session(to->ask, NULL);
	send_punch(c, to, &r);
	attempt_ended(c, to->a, to->ask, M_TRY_RELAY_REFUSED, NULL);
}

static void pass_relay(struct core *c, const struct request *q,
		       const struct asker *to)
{
	const Hbb__RelayResponse *b = q->m->relay_response;
	uint8_t pk[IDPK_MAX];
	char relay[WIRE_RELAY_MAX + 1];
	const char *seen = visible_relay(c, q, to->a, b->relay_server);

	if (b->uuid[0] != '\0' && !seen) {
		refuse_relay(c, to);
		return;
	}
	Hbb__RelayResponse r = HBB__RELAY_RESPONSE__INIT;
	r.version = b->version;
	r.socket_addr_v6 = v6_or_nothing(b->socket_addr_v6);
	r.webrtc_sdp_answer = ice_answer(to->ask, b->webrtc_sdp_answer);
	if (b->uuid[0] != '\0') {
		strcpy(relay, masked_relay(c, to->a, seen));
		r.uuid = b->uuid;
		r.relay_server = relay;
		r.union_case = HBB__RELAY_RESPONSE__UNION_PK;
		r.pk = signed_pk(c, to->ask, b->version, pk);
		relayticket_write(c, b->uuid, to->a,
				  &(struct relayticket_of){ to->ask->id,
							    to->ask->user,
							    to->ask->ref });
	}
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_RELAY_RESPONSE;
	m.relay_response = &r;
	r.feedback = wants_feedback(to);
	core_send(c, to->a, &m);
	attempt_ended(c, to->a, to->ask, M_TRY_RELAY, &q->from.source);
}

/*
 * With a uuid B itself chose to relay and names its id; without one it
 * answers a RequestRelay and names nobody (spec 4.14).
 */
struct step answer_relay(struct core *c, struct request *q,
			 const union result *unused)
{
	const Hbb__RelayResponse *b = q->m->relay_response;
	bool named = b->union_case == HBB__RELAY_RESPONSE__UNION_ID &&
		     b->id[0] != '\0';
	bool initiated = b->uuid[0] != '\0';
	struct asker to;
	(void)unused;

	if (initiated != named) {
		core_count(M_ANSWER_STRAY);
		return done(c, q, NULL);
	}
	if (find_asker(c, q, b->socket_addr, named ? b->id : "", !initiated,
		       &to))
		pass_relay(c, q, &to);
	return done(c, q, &to);
}
