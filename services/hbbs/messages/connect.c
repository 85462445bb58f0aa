#include "services/hbbs/messages/connect.h"

#include <stdlib.h>
#include <string.h>

#include "services/hbbs/messages/access.h"
#include "services/hbbs/messages/attempt.h"
#include "services/hbbs/messages/refusal.h"
#include "services/hbbs/messages/target.h"

static const char text_mixed[] =
	"Port forwarding is not allowed here: one side is connected by "
	"WebSocket and the other is not. Use the same on both sides.";

/* What both requests say. */
struct want {
	bool relay;
	const char *id;
	const char *token;
	const char *switch_code;
	enum policy_kind kind; /* ConnType has the same numbers */
};

static struct want want_of(const struct request *q)
{
	const Hbb__PunchHoleRequest *p = q->m->punch_hole_request;
	const Hbb__RequestRelay *r = q->m->request_relay;

	if (q->m->union_case == HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY)
		return (struct want){ true, r->id, r->token, r->switch_code,
				      (enum policy_kind)r->conn_type };
	return (struct want){ false, p->id, p->token, p->switch_code,
			      (enum policy_kind)p->conn_type };
}

static struct step refuse(struct core *c, const struct request *q,
			  enum target_state why)
{
	struct want want = want_of(q);
	/* After an undelivered push the attempt is open already. */
	struct ask *ask = ask_find(q->from.client, want.id, strlen(want.id),
				   want.relay, c->now_ms);

	if (q->known.connect.undelivered && ask)
		refusal_late(c, q->from.client, ask, why);
	else
		refusal_early(c, q, want.id, want.relay, why);
	return way_end();
}

static struct step refuse_text(struct core *c, const struct request *q,
			       const char *text)
{
	refusal_say(c, q->from.client, want_of(q).relay, text);
	return way_end();
}

/* --- find ----------------------------------------------------------------- */

/* Where B is by now, as far as memory and Redis' word say. False: nowhere, and
 * A was told so. */
static bool located(struct core *c, struct request *q)
{
	struct connecting *k = &q->known.connect;
	enum target_state state = target_locate(c, want_of(q).id, k->found,
						k->undelivered, &k->to);

	if (state != TARGET_READY)
		refuse(c, q, state);
	return state == TARGET_READY;
}

static struct step decide(struct core *c, struct request *q,
			  const union result *r);

static struct step found(struct core *c, struct request *q,
			 const union result *r)
{
	q->known.connect.found = r->found;
	return located(c, q) ? way_on(decide) : way_end();
}

struct step connect_find(struct core *c, struct request *q, step_fn *plan)
{
	struct connecting *k = &q->known.connect;
	const char *id = want_of(q).id;

	*k = (struct connecting){ .plan = plan };
	if (target_here(c, id, &k->to))
		return way_on(decide);
	enum target_state state = target_look_up(c, q, id);
	return state == TARGET_PARKED ? way_wait(found) : refuse(c, q, state);
}

/* --- decide --------------------------------------------------------------- */

/* PK is where the key of B goes. */
static struct verdict_question question(const struct request *q,
					char pk[static ACCESS_PK])
{
	struct want want = want_of(q);
	const struct target *t = &q->known.connect.to;

	pk[0] = '\0';
	if (t->has_pk)
		keys_hex(pk, ACCESS_PK, t->pk, sizeof t->pk);
	return (struct verdict_question){
		.token = want.token,
		.switch_code = want.switch_code,
		.target = want.id,
		.pk = pk,
		.kind = want.kind,
		.target_disabled = t->disabled,
	};
}

/*
 * After the log-in of a tunnel both ends stop framing, which no relay can see
 * (spec 4.16), so one between TCP and WebSocket would hang without a word.
 * Who says that it goes on framing ends where the device does not.
 */
static bool mixed_tunnel(const struct request *q)
{
	enum policy_kind kind = want_of(q).kind;
	bool tunnel = kind == POLICY_FORWARD || kind == POLICY_RDP;
	bool framed =
		!want_of(q).relay && q->m->punch_hole_request->framed_tunnel;

	return tunnel && !framed &&
	       (q->from.via == VIA_WS) != (q->known.connect.to.via == VIA_WS);
}

static struct step refuse_mixed(struct core *c, const struct request *q)
{
	attempt_refused(q, want_of(q).id, M_TRY_MIXED);
	return refuse_text(c, q, text_mixed);
}

/* B may have come another way meanwhile. */
static struct step ready(struct core *c, struct request *q,
			 const union result *r)
{
	(void)r;
	return mixed_tunnel(q) ? refuse_mixed(c, q)
			       : way_on(q->known.connect.plan);
}

static struct step denied(struct core *c, const struct request *q)
{
	const struct verdict *v = &q->known.connect.verdict;

	/* What was allowed a moment ago ends too. */
	struct ask *open = ask_find(q->from.client, want_of(q).id,
				    strlen(want_of(q).id), false, c->now_ms);
	if (open)
		ask_set_session(open, NULL);
	attempt_denied(q, want_of(q).id, v->label);
	return refuse_text(c, q, v->denial);
}

static struct step guest_counted(struct core *c, struct request *q,
				 const union result *r)
{
	struct connecting *k = &q->known.connect;
	char pk[ACCESS_PK];

	if (!located(c, q))
		return way_end();
	/* While Redis counted, B may have been disabled. */
	struct verdict_question ask = question(q, pk);
	if (!access_settled(c, q, &ask, false, &k->verdict))
		access_guest(r->guest, &k->verdict);
	return k->verdict.allowed ? way_on(ready) : denied(c, q);
}

static struct step decided(struct core *c, struct request *q)
{
	struct verdict *v = &q->known.connect.verdict;
	char pk[ACCESS_PK];

	if (!v->allowed)
		return denied(c, q);
	if (v->guest[0] == '\0')
		return way_on(ready);
	/* What comes to nothing is no use of his link. */
	if (mixed_tunnel(q))
		return refuse_mixed(c, q);
	struct verdict_question ask = question(q, pk);
	if (access_ask_guest(c, q, &ask, v->guest))
		return way_wait(guest_counted);
	access_guest(GUEST_UNKNOWN, v);
	return denied(c, q);
}

static struct step judge(struct core *c, struct request *q,
			 const struct policy_facts *facts)
{
	char pk[ACCESS_PK];
	struct verdict_question ask = question(q, pk);
	struct verdict *out = &q->known.connect.verdict;

	/* While Redis was asked, B may have been disabled, or the grant of
	 * the same switch have come. */
	if (!access_settled(c, q, &ask, false, out))
		access_judge(c, q, &ask, facts, out);
	return decided(c, q);
}

static struct step facts_known(struct core *c, struct request *q,
			       const union result *r)
{
	return located(c, q) ? judge(c, q, r->facts) : way_end();
}

static struct step ask_facts(struct core *c, struct request *q,
			     const struct verdict_question *ask)
{
	return access_ask_facts(c, q, ask) ? way_wait(facts_known)
					   : judge(c, q, NULL);
}

static struct step grant_known(struct core *c, struct request *q,
			       const union result *r)
{
	char pk[ACCESS_PK];

	if (!located(c, q))
		return way_end();
	struct verdict_question ask = question(q, pk);
	if (access_settled(c, q, &ask, r->granted, &q->known.connect.verdict))
		return decided(c, q);
	return ask_facts(c, q, &ask);
}

static struct step decide(struct core *c, struct request *q,
			  const union result *r)
{
	char pk[ACCESS_PK];
	struct verdict_question ask = question(q, pk);
	(void)r;

	if (access_settled(c, q, &ask, false, &q->known.connect.verdict))
		return decided(c, q);
	if (access_ask_grant(c, q, &ask))
		return way_wait(grant_known);
	return ask_facts(c, q, &ask);
}

/* --- ask ------------------------------------------------------------------ */

/* The bookkeeping that makes B's answer find A. NULL: out of memory. */
static struct ask *open_ask(struct core *c, const struct request *q,
			    const char *relay_server)
{
	const struct target *t = &q->known.connect.to;
	struct want want = want_of(q);
	struct client *a = q->from.client;

	if (!client_list_by_key(&c->clients, a))
		return NULL;

	struct ask *old;
	struct ask *ask = ask_open(a, want.id, strlen(want.id), want.relay,
				   c->now_ms, &old);
	attempt_dropped(c, a, old);
	if (!ask)
		return NULL;
	ask->pushed_ms = c->now_ms;
	ask->peer_ip = t->addr;
	ask->node = t->route == ROUTE_NODE ? t->node : 0;
	ask->has_pk = t->has_pk;
	memcpy(ask->pk, t->pk, sizeof ask->pk);
	free(ask->relay);
	ask->relay = strdup(relay_server);

	struct action *wait = outbox_add(&c->out, ACT_WAIT_PUT, 0, NULL);
	if (wait) {
		wait->addr = a->key;
		(void)!outbox_set_id(&c->out, 0, want.id, strlen(want.id));
	}
	return ask;
}

bool connect_asked(const struct core *c, const struct request *q)
{
	struct want want = want_of(q);
	const struct ask *ask =
		ask_find(q->from.client, want.id, strlen(want.id), want.relay,
			 c->now_ms);

	/* What did not reach B is asked again by us. */
	return ask && !ask->answered && !q->known.connect.undelivered &&
	       c->now_ms - ask->pushed_ms < CONNECT_AGAIN_MS;
}

struct step connect_ask(struct core *c, struct request *q,
			const char *relay_server, step_fn *push)
{
	struct connecting *k = &q->known.connect;

	k->ask = open_ask(c, q, relay_server);
	if (!k->ask)
		return refuse(c, q, TARGET_ERROR);
	/* What the answer and the relays are to know of the permission. */
	memcpy(k->ask->user, k->verdict.user, sizeof k->ask->user);
	memcpy(k->ask->ref, k->verdict.ref, sizeof k->ask->ref);
	return way_on(push);
}

/* --- push ----------------------------------------------------------------- */

static struct step pushed(struct core *c, struct request *q,
			  const union result *r)
{
	if (r->delivered)
		return way_end();
	q->known.connect.undelivered = true;
	return located(c, q) ? way_on(ready) : way_end();
}

struct step connect_push(struct core *c, struct request *q,
			 const Hbb__RendezvousMessage *m)
{
	struct connecting *k = &q->known.connect;
	bool waits = target_push(c, q, want_of(q).id, &k->to, m, &k->ask->copy);

	return waits ? way_wait(pushed) : way_end();
}

/* What the policy attaches to a push; never anything A sent (W1, W2). */
void connect_extras(const struct request *q, struct connect_extras *x,
		    Hbb__ControlPermissions **permissions,
		    Hbb__ControlledContext **context)
{
	const struct verdict *p = &q->known.connect.verdict;

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
