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
static void answer(struct core *c, const struct request *q, const char *reason)
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
}

void selftest_relay(struct core *c, const struct request *q)
{
	const Hbb__RequestRelay *r = q->m->request_relay;
	struct access_answer policy;
	struct access_question want = {
		.token = r->token,
		.switch_code = "",
		.target = r->id,
		.pk = "",
		.kind = POLICY_REMOTE,
		.untraced = true,
	};

	if (!rules_key_ok(c->rules, r->licence_key)) {
		answer(c, q, text_key);
		return;
	}
	switch (access_check(c, q, &want, &policy)) {
	case ACCESS_DENIED:
		answer(c, q, policy.denial);
		break;
	case ACCESS_ALLOWED:
		relayticket_write(c, r->uuid, q->from.client,
				  &(struct relayticket_of){
					  .target = r->id,
					  .user = policy.user,
					  .ref = policy.ref,
				  });
		answer(c, q, "");
		break;
	case ACCESS_PARKED:
		break;
	}
}
