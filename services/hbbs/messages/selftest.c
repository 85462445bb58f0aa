#include "services/hbbs/messages/selftest.h"

#include <string.h>

#include "services/hbbs/messages/access.h"
#include "services/hbbs/messages/relayticket.h"

static char text_key[] = "Key mismatch";

bool selftest_is(const char *id)
{
	return strcmp(id, SELFTEST_ID) == 0;
}

/* REASON "": the session may begin. */
static struct step answer(struct core *c, const struct request *q,
			  const char *reason)
{
	/* protobuf-c has no const fields; packing only reads. */
	union {
		const char *in;
		char *out;
	} text = { .in = reason };
	Hbb__RelayResponse r = HBB__RELAY_RESPONSE__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;

	r.refuse_reason = text.out;
	if (!*reason)
		r.uuid = q->m->request_relay->uuid;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_RELAY_RESPONSE;
	m.relay_response = &r;
	core_send(c, q->from.client, &m);
	return way_end();
}

static struct verdict_question question(const struct request *q)
{
	const Hbb__RequestRelay *r = q->m->request_relay;

	return (struct verdict_question){
		.token = r->token,
		.switch_code = "",
		.target = r->id,
		.pk = "",
		.kind = POLICY_REMOTE,
		.untraced = true,
	};
}

static struct step decided(struct core *c, const struct request *q,
			   const struct verdict *v)
{
	const Hbb__RequestRelay *r = q->m->request_relay;

	if (!v->allowed)
		return answer(c, q, v->denial);
	relayticket_write(c, r->uuid, q->from.client,
			  &(struct relayticket_of){ r->id, v->user, v->ref });
	return answer(c, q, "");
}

static struct step judge(struct core *c, struct request *q,
			 const struct policy_facts *facts)
{
	struct verdict_question ask = question(q);
	struct verdict v;

	access_judge(c, q, &ask, facts, &v);
	return decided(c, q, &v);
}

static struct step facts_known(struct core *c, struct request *q,
			       const union result *r)
{
	return judge(c, q, r->facts);
}

struct step selftest_begin(struct core *c, struct request *q)
{
	struct verdict_question ask = question(q);
	struct verdict v;

	if (!rules_key_ok(c->rules, q->m->request_relay->licence_key))
		return answer(c, q, text_key);
	if (access_settled(c, q, &ask, false, &v))
		return decided(c, q, &v);
	return access_ask_facts(c, q, &ask) ? way_wait(facts_known)
					    : judge(c, q, NULL);
}
