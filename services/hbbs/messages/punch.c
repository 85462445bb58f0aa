#include "services/hbbs/messages/punch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/hbbs/messages/attempt.h"
#include "services/hbbs/messages/relayticket.h"
#include "services/hbbs/messages/selftest.h"
#include "services/hbbs/messages/target.h"

static char empty[] = "";
static char text_limited[] = "Too many requests. Please try again later.";
static char text_busy[] = "The server is busy. Please try again later.";
static char text_offline[] = "Remote desktop is offline";
static char text_relay[] = "This relay server is not allowed";
static char text_unknown[] = "ID does not exist";
static char text_mixed[] = "Port forwarding is not allowed here: one side is "
			   "connected by WebSocket "
			   "and the other is not. Use the same on both sides.";

/* --- refusals ------------------------------------------------------------- */

static void send_failure(struct core *c, struct client *to,
			 Hbb__PunchHoleResponse__Failure failure, char *text)
{
	Hbb__PunchHoleResponse r = HBB__PUNCH_HOLE_RESPONSE__INIT;
	r.failure = failure;
	r.other_failure = text;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_RESPONSE;
	m.punch_hole_response = &r;
	core_send(c, to, &m);
}

static void send_refusal(struct core *c, struct client *to, char *text)
{
	Hbb__RelayResponse r = HBB__RELAY_RESPONSE__INIT;
	r.refuse_reason = text;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_RELAY_RESPONSE;
	m.relay_response = &r;
	core_send(c, to, &m);
}

/* protobuf-c has no const fields; packing only reads. */
static char *denial_text(const struct access_answer *policy)
{
	union {
		const char *in;
		char *out;
	} text = { .in = policy->denial };
	return text.out;
}

struct refusal {
	Hbb__PunchHoleResponse__Failure failure;
	char *punch_text; /* other_failure: goes before the enum */
	char *relay_text;
	enum hbbs_metric outcome;
};

static const struct refusal refusals[] = {
	[TARGET_UNKNOWN] = { HBB__PUNCH_HOLE_RESPONSE__FAILURE__ID_NOT_EXIST,
			     empty, text_unknown, M_TRY_UNKNOWN },
	[TARGET_OFFLINE] = { HBB__PUNCH_HOLE_RESPONSE__FAILURE__OFFLINE, empty,
			     text_offline, M_TRY_OFFLINE },
	[TARGET_LIMITED] = { HBB__PUNCH_HOLE_RESPONSE__FAILURE__ID_NOT_EXIST,
			     text_limited, text_limited, M_TRY_LIMITED },
	[TARGET_ERROR] = { HBB__PUNCH_HOLE_RESPONSE__FAILURE__ID_NOT_EXIST,
			   text_busy, text_busy, M_TRY_BUSY },
};

static void refuse_client(struct core *c, struct client *to, bool relay,
			  enum target_state why)
{
	const struct refusal *r = &refusals[why];

	if (relay)
		send_refusal(c, to, r->relay_text);
	else
		send_failure(c, to, r->failure, r->punch_text);
}

static void refuse(struct core *c, const struct request *q, const char *id,
		   bool relay, enum target_state why)
{
	struct client *a = q->from.client;
	/* After an undelivered push the attempt is open already. */
	struct ask *ask = ask_find(a, id, strlen(id), relay, c->now_ms);

	if (q->job != NULL && q->job->event == JOB_UNDELIVERED && ask != NULL)
		attempt_ended(c, a, ask, refusals[why].outcome, NULL);
	else
		attempt_refused(q, id, refusals[why].outcome);
	refuse_client(c, a, relay, why);
}

void punch_gone(struct core *c, const struct addr *asker, const char *id,
		bool relay)
{
	struct client *a = client_by_key(&c->clients, asker);
	if (a == NULL)
		return;
	struct ask *ask = ask_find(a, id, strlen(id), relay, c->now_ms);
	if (ask == NULL || ask->answered)
		return;
	attempt_ended(c, a, ask, M_TRY_OFFLINE, NULL);
	refuse_client(c, a, relay, TARGET_OFFLINE);
}

void punch_give_up(struct core *c, struct client *client, struct ask *ask)
{
	attempt_ended(c, client, ask, M_TRY_BUSY, NULL);
	refuse_client(c, client, ask->for_relay, TARGET_ERROR);
}

void punch_give_up_parked(struct core *c, const struct request *q)
{
	bool relay = q->m->union_case ==
		     HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY;
	bool punch = q->m->union_case ==
		     HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_REQUEST;
	const char *id = relay   ? q->m->request_relay->id
			 : punch ? q->m->punch_hole_request->id
				 : NULL;

	if (id != NULL &&
	    ask_find(q->from.client, id, strlen(id), relay, c->now_ms) == NULL)
		refuse(c, q, id, relay, TARGET_ERROR);
}

/* --- what both requests share --------------------------------------------- */

static bool in_mask(const struct core *c, const struct addr *a)
{
	return c->rules->has_mask && cidr_contains(&c->rules->mask, a);
}

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

/* ConnType of the protocol and policy_kind are the same numbers. */
static enum access_state permitted(struct core *c, const struct request *q,
				   struct access_question *ask,
				   const struct target *t,
				   struct access_answer *out)
{
	char pk[ACCESS_PK] = "";

	if (t->has_pk)
		keys_hex(pk, sizeof pk, t->pk, sizeof t->pk);
	ask->pk = pk;
	ask->target_disabled = t->disabled;
	enum access_state state = access_check(c, q, ask, out);
	ask->pk = NULL;
	if (state == ACCESS_DENIED)
		attempt_denied(q, ask->target, out->label);
	return state;
}

/*
 * After the log-in of a tunnel both ends stop framing, which no relay can see
 * (spec 4.16), so one between TCP and WebSocket would hang without a word.
 */
static bool mixed_tunnel(const struct request *q,
			 const struct access_question *want,
			 const struct target *t)
{
	bool tunnel = want->kind == POLICY_FORWARD || want->kind == POLICY_RDP;

	return tunnel && (q->from.via == VIA_WS) != (t->via == VIA_WS);
}

/* The bookkeeping that makes B's answer find A. NULL: out of memory. */
static struct ask *open_ask(struct core *c, const struct request *q,
			    const char *id, bool relay, const struct target *t,
			    const char *relay_server)
{
	struct client *a = q->from.client;
	if (!client_list_by_key(&c->clients, a))
		return NULL;

	struct ask *old;
	struct ask *ask = ask_open(a, id, strlen(id), relay, c->now_ms, &old);
	attempt_dropped(c, a, old);
	if (ask == NULL)
		return NULL;
	ask->pushed_ms = c->now_ms;
	ask->peer_ip = t->addr;
	ask->has_pk = t->has_pk;
	memcpy(ask->pk, t->pk, sizeof ask->pk);
	free(ask->relay);
	ask->relay = strdup(relay_server);

	struct action *wait = outbox_add(&c->out, ACT_WAIT_PUT, 0, NULL);
	if (wait != NULL) {
		wait->addr = a->key;
		(void)!outbox_set_id(&c->out, 0, id, strlen(id));
	}
	return ask;
}

/* What the answer and the relays are to know of the permission. */
static void ask_allowed(struct ask *ask, const struct access_answer *policy)
{
	memcpy(ask->user, policy->user, sizeof ask->user);
	memcpy(ask->ref, policy->ref, sizeof ask->ref);
}

/* At most the 18 bytes of an IPv6 address, else nothing (spec 4.13). */
static ProtobufCBinaryData v6_or_nothing(ProtobufCBinaryData v6)
{
	return v6.len <= ADDR_MANGLED_MAX ? v6 : (ProtobufCBinaryData){ 0 };
}

struct extras {
	Hbb__ControlPermissions permissions;
	Hbb__ControlledContext context;
};

/* What the policy attaches to a push; never anything A sent (W1, W2). */
static void fill_extras(struct extras *x, const struct access_answer *p,
			Hbb__ControlPermissions **permissions,
			Hbb__ControlledContext **context)
{
	if (p->permissions != 0) {
		x->permissions =
			(Hbb__ControlPermissions)HBB__CONTROL_PERMISSIONS__INIT;
		x->permissions.permissions = p->permissions;
		*permissions = &x->permissions;
	}
	if (p->ref[0] != '\0') {
		x->context =
			(Hbb__ControlledContext)HBB__CONTROLLED_CONTEXT__INIT;
		/* protobuf-c has no const fields; packing only reads. */
		union {
			const char *in;
			char *out;
		} ref = { .in = p->ref };
		x->context.conn_audit_ref = ref.out;
		*context = &x->context;
	}
}

/* --- PunchHoleRequest ----------------------------------------------------- */

/* How B shall be reached. */
struct plan {
	bool local; /* FetchLocalAddr instead of PunchHole */
	bool relay_only;
	Hbb__NatType nat_type;
	char relay[WIRE_RELAY_MAX + 1];
};

static struct plan make_plan(struct core *c, const struct request *q,
			     const struct target *t)
{
	const Hbb__PunchHoleRequest *r = q->m->punch_hole_request;
	const struct addr *a = &q->from.source;
	bool a_inside = in_mask(c, a);
	bool b_inside = in_mask(c, &t->addr);
	struct plan p = { .nat_type = r->nat_type };

	p.relay_only = r->force_relay || c->rules->always_relay;
	if (p.relay_only || a_inside != b_inside)
		p.nat_type = HBB__NAT_TYPE__SYMMETRIC;
	p.local = !p.relay_only && q->from.via == VIA_TCP && t->via != VIA_WS &&
		  ((a_inside && b_inside) || addr_same_ip(a, &t->addr));
	strcpy(p.relay, relay_for(c, r->id, a, &t->addr));
	return p;
}

static uint64_t push_local(struct core *c, const struct request *q,
			   const struct target *t, struct plan *p,
			   const struct access_answer *policy)
{
	const Hbb__PunchHoleRequest *r = q->m->punch_hole_request;
	uint8_t space[ADDR_MANGLED_MAX];
	struct extras x;

	Hbb__FetchLocalAddr f = HBB__FETCH_LOCAL_ADDR__INIT;
	f.socket_addr = core_mangle(c, &q->from.client->key, space);
	f.relay_server = p->relay;
	f.socket_addr_v6 = v6_or_nothing(r->socket_addr_v6);
	fill_extras(&x, policy, &f.control_permissions, &f.controlled_context);
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_FETCH_LOCAL_ADDR;
	m.fetch_local_addr = &f;
	return target_push(c, q, r->id, t, &m);
}

static uint64_t push_punch(struct core *c, const struct request *q,
			   const struct target *t, struct plan *p,
			   const struct access_answer *policy)
{
	const Hbb__PunchHoleRequest *r = q->m->punch_hole_request;
	uint8_t space[ADDR_MANGLED_MAX];
	struct extras x;

	Hbb__PunchHole h = HBB__PUNCH_HOLE__INIT;
	h.socket_addr = core_mangle(c, &q->from.client->key, space);
	h.relay_server = p->relay;
	h.nat_type = p->nat_type;
	h.force_relay = p->relay_only;
	if (!p->relay_only) {
		h.udp_port = r->udp_port;
		h.upnp_port = r->upnp_port;
	}
	h.socket_addr_v6 = v6_or_nothing(r->socket_addr_v6);
	fill_extras(&x, policy, &h.control_permissions, &h.controlled_context);
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE;
	m.punch_hole = &h;
	return target_push(c, q, r->id, t, &m);
}

static void punch_ready(struct core *c, const struct request *q,
			const struct target *t)
{
	const Hbb__PunchHoleRequest *r = q->m->punch_hole_request;
	struct access_question want = {
		.token = r->token,
		.switch_code = r->switch_code,
		.target = r->id,
		.kind = (enum policy_kind)r->conn_type,
	};
	struct access_answer policy;
	enum access_state state = permitted(c, q, &want, t, &policy);

	if (state == ACCESS_DENIED)
		send_failure(c, q->from.client, 0, denial_text(&policy));
	if (state != ACCESS_ALLOWED)
		return;
	if (mixed_tunnel(q, &want, t)) {
		attempt_refused(q, r->id, M_TRY_MIXED);
		send_failure(c, q->from.client, 0, text_mixed);
		return;
	}

	punchlog_add(&c->punches, &q->from.source, r->id, &t->addr, c->unix_s);
	struct plan p = make_plan(c, q, t);
	struct ask *ask = open_ask(c, q, r->id, false, t, p.relay);
	if (ask == NULL) {
		refuse(c, q, r->id, false, TARGET_ERROR);
		return;
	}
	ask_allowed(ask, &policy);
	ask->udp = !p.local && !p.relay_only && r->udp_port > 0;
	ask->udp_done = false;
	ask->copy = p.local ? push_local(c, q, t, &p, &policy)
			    : push_punch(c, q, t, &p, &policy);
}

/* The checks that come before any look-up. */
static bool admitted(struct core *c, const struct request *q)
{
	const Hbb__PunchHoleRequest *r = q->m->punch_hole_request;

	if (!rules_key_ok(c->rules, r->licence_key)) {
		attempt_refused(q, r->id, M_TRY_KEY);
		send_failure(
			c, q->from.client,
			HBB__PUNCH_HOLE_RESPONSE__FAILURE__LICENSE_MISMATCH,
			empty);
		return false;
	}
	if (limits_allow(&c->limits, LIMIT_CONNECT, &q->from.source, c->now_ms))
		return true;
	refuse(c, q, r->id, false, TARGET_LIMITED);
	return false;
}

void punch_request(struct core *c, const struct request *q)
{
	const char *id = q->m->punch_hole_request->id;
	struct target t;

	if (q->job == NULL && !admitted(c, q))
		return;
	enum target_state state = target_find(c, q, id, &t);
	if (state == TARGET_READY)
		punch_ready(c, q, &t);
	else if (state != TARGET_PARKED)
		refuse(c, q, id, false, state);
}

/* W5: where A may send B (RELAY_CHOICE). */
static bool relay_allowed(const struct core *c, const char *relay)
{
	/* Without a list clients derive the relay from this server's name. */
	return !c->rules->known_relays_only || c->relays.n == 0 ||
	       relay[0] == '\0' || relays_has(&c->relays, relay) ||
	       (c->rules->local_ip[0] != '\0' &&
		strcmp(relay, c->rules->local_ip) == 0);
}

/* --- RequestRelay --------------------------------------------------------- */

static void relay_ready(struct core *c, const struct request *q,
			const struct target *t)
{
	const Hbb__RequestRelay *r = q->m->request_relay;
	struct access_question want = {
		.token = r->token,
		.switch_code = r->switch_code,
		.target = r->id,
		.kind = (enum policy_kind)r->conn_type,
	};
	struct access_answer policy;
	enum access_state state = permitted(c, q, &want, t, &policy);

	if (state == ACCESS_DENIED)
		send_refusal(c, q->from.client, denial_text(&policy));
	if (state != ACCESS_ALLOWED)
		return;
	if (mixed_tunnel(q, &want, t)) {
		attempt_refused(q, r->id, M_TRY_MIXED);
		send_refusal(c, q->from.client, text_mixed);
		return;
	}
	if (!relay_allowed(c, r->relay_server)) {
		attempt_refused(q, r->id, M_TRY_RELAY_REFUSED);
		send_refusal(c, q->from.client, text_relay);
		return;
	}
	struct ask *ask = open_ask(c, q, r->id, true, t, r->relay_server);
	if (ask == NULL) {
		refuse(c, q, r->id, true, TARGET_ERROR);
		return;
	}
	ask_allowed(ask, &policy);
	relayticket_write(
		c, r->uuid, q->from.client,
		&(struct relayticket_of){ ask->id, ask->user, ask->ref });

	uint8_t space[ADDR_MANGLED_MAX];
	struct extras x;
	Hbb__RequestRelay f = HBB__REQUEST_RELAY__INIT;
	f.socket_addr = core_mangle(c, &q->from.client->key, space);
	f.uuid = r->uuid;
	f.relay_server = r->relay_server;
	f.secure = r->secure;
	fill_extras(&x, &policy, &f.control_permissions, &f.controlled_context);
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY;
	m.request_relay = &f;
	ask->copy = target_push(c, q, r->id, t, &m);
}

void punch_relay_request(struct core *c, const struct request *q)
{
	const char *id = q->m->request_relay->id;
	struct target t;

	if (q->job == NULL && !limits_allow(&c->limits, LIMIT_CONNECT,
					    &q->from.source, c->now_ms)) {
		refuse(c, q, id, true, TARGET_LIMITED);
		return;
	}
	if (selftest_is(id)) {
		selftest_relay(c, q);
		return;
	}
	enum target_state state = target_find(c, q, id, &t);
	if (state == TARGET_READY)
		relay_ready(c, q, &t);
	else if (state != TARGET_PARKED)
		refuse(c, q, id, true, state);
}
