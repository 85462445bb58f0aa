#include "services/hbbs/messages/relayrequest.h"

#include <string.h>

#include "services/hbbs/messages/attempt.h"
#include "services/hbbs/messages/connect.h"
#include "services/hbbs/messages/refusal.h"
#include "services/hbbs/messages/relayticket.h"
#include "services/hbbs/messages/selftest.h"

static struct step push(struct core *c, struct request *q,
			const union result *unused)
{
	const Hbb__RequestRelay *r = q->m->request_relay;
	uint8_t space[ADDR_MANGLED_MAX];
	struct connect_extras x;
	(void)unused;

	const struct ask *ask = q->known.connect.ask;
	relayticket_write(
		c, r->uuid, q->from.client,
		&(struct relayticket_of){ ask->id, ask->user, ask->ref });
	Hbb__RequestRelay f = HBB__REQUEST_RELAY__INIT;
	f.socket_addr = core_mangle(c, &q->from.client->key, space);
	f.uuid = r->uuid;
	f.relay_server = r->relay_server;
	f.secure = r->secure;
	connect_extras(q, &x, &f.control_permissions, &f.controlled_context);
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY;
	m.request_relay = &f;
	return connect_push(c, q, &m);
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

static struct step plan(struct core *c, struct request *q,
			const union result *unused)
{
	const Hbb__RequestRelay *r = q->m->request_relay;
	(void)unused;

	if (connect_asked(c, q))
		return way_end(); /* its answer answers this one too */
	if (relay_allowed(c, r->relay_server))
		return connect_ask(c, q, r->relay_server, push);
	attempt_refused(q, r->id, M_TRY_RELAY_REFUSED);
	refusal_say(c, q->from.client, true,
		    "This relay server is not allowed");
	return way_end();
}

struct step relayrequest_arrived(struct core *c, struct request *q,
				 const union result *unused)
{
	const char *id = q->m->request_relay->id;
	(void)unused;

	if (limits_allow(&c->limits, LIMIT_CONNECT, &q->from.source, c->now_ms))
		return selftest_is(id) ? selftest_begin(c, q)
				       : connect_find(c, q, plan);
	refusal_early(c, q, id, true, TARGET_LIMITED);
	return way_end();
}
