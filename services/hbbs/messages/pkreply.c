#include "services/hbbs/messages/pkreply.h"

#include "services/hbbs/state/metrics.h"

#define RESULT(name) HBB__REGISTER_PK_RESPONSE__RESULT__##name

static void count_result(const struct request *q,
			 Hbb__RegisterPkResponse__Result result)
{
	switch ((int)result) {
	case RESULT(OK):
		core_count(q->from.via == VIA_UDP   ? M_REG_UDP
			   : q->from.via == VIA_TCP ? M_REG_TCP
						    : M_REG_WS);
		break;
	case RESULT(UUID_MISMATCH):
		core_count(M_REG_MISMATCH);
		break;
	case RESULT(TOO_FREQUENT):
		core_count(M_REG_FREQUENT);
		break;
	case RESULT(NOT_DEPLOYED):
		core_count(M_REG_DEPLOY);
		break;
	case RESULT(SERVER_ERROR):
		core_count(M_REG_STORE);
		break;
	default:
		core_count(M_REG_FORMAT);
		break;
	}
}

void pkreply_send(struct core *c, const struct request *q,
		  Hbb__RegisterPkResponse__Result result)
{
	Hbb__RegisterPkResponse r = HBB__REGISTER_PK_RESPONSE__INIT;
	r.result = result;
	if (result == RESULT(OK) && q->from.client && q->from.client->peer)
		r.keep_alive = KEEP_ALIVE_S;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE;
	m.register_pk_response = &r;
	core_reply(c, q, &m);
	count_result(q, result);
}
