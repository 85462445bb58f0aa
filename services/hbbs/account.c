#include "services/hbbs/account.h"

/* No token is valid yet, so none is counted (case 136). */
void account_hc(struct core *c, const struct request *q)
{
	core_close(c, q->from.client, "invalid_token");
}

void account_http(struct core *c, const struct request *q)
{
	static char secure_first[] = "The connection is not encrypted";
	static char no_api[] = "This server does not pass on API requests";

	Hbb__HttpProxyResponse r = HBB__HTTP_PROXY_RESPONSE__INIT;
	r.error = q->from.client->channel == CHANNEL_SECURE ? no_api
							    : secure_first;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_HTTP_PROXY_RESPONSE;
	m.http_proxy_response = &r;
	core_reply(c, q, &m);
	core_close(c, q->from.client, "done");
}
