#include "services/hbbs/messages/banned.h"

#include <string.h>

#include "services/hbbs/messages/attempt.h"
#include "services/hbbs/messages/refusal.h"
#include "services/hbbs/state/metrics.h"

#define MSG(name) HBB__RENDEZVOUS_MESSAGE__UNION_##name

static const char reason[] = "banned";
static const char text_address[] =
	"Your address is banned by the administrator of this server.";
static const char text_device[] =
	"This device is banned by the administrator of this server.";

/* --- whom A wants --------------------------------------------------------- */

/* Of a request for a connection; NULL for all else. */
static const char *wanted(const struct request *q)
{
	if (!q->from.client)
		return NULL;
	if (q->m->union_case == MSG(PUNCH_HOLE_REQUEST))
		return q->m->punch_hole_request->id;
	return q->m->union_case == MSG(REQUEST_RELAY) ? q->m->request_relay->id
						      : NULL;
}

static void tell(struct core *c, const struct request *q, const char *id,
		 bool address)
{
	core_count(M_DENY_BANNED);
	attempt_denied(q, id, address ? "address_banned" : "device_banned");
	refusal_say(c, q->from.client, q->m->union_case == MSG(REQUEST_RELAY),
		    address ? text_address : text_device);
}

/* --- devices -------------------------------------------------------------- */

static bool has(const struct core *c, const char *id)
{
	return bans_device(&c->bans, id, strlen(id));
}

/* A banned device registers neither as itself nor under another id. */
static bool registers(const struct core *c, const struct request *q)
{
	if (q->m->union_case == MSG(REGISTER_PEER))
		return has(c, q->m->register_peer->id);
	return q->m->union_case == MSG(REGISTER_PK) &&
	       (has(c, q->m->register_pk->id) ||
		has(c, q->m->register_pk->old_id));
}

bool banned_refused(struct core *c, const struct request *q)
{
	/* The node where it arrived has judged what comes over the bus. */
	if (q->over_bus || !bans_any(&c->bans))
		return false;
	bool address = bans_address(&c->bans, &q->from.source);
	const char *id = wanted(q);

	if (id && (address || has(c, id))) {
		tell(c, q, id, address);
		return true;
	}
	if (!address && !registers(c, q))
		return false;
	core_count(M_DROP_BANNED);
	if (q->from.client)
		core_close(c, q->from.client, reason);
	return true;
}

/* --- who is here already -------------------------------------------------- */

static bool hang_up(void *item, void *ctx)
{
	struct client *client = item;
	struct core *c = ctx;

	if (bans_address(&c->bans, &client->source))
		core_close(c, client, reason);
	return false;
}

void banned_let_go(struct core *c)
{
	for (size_t i = 0; i < c->bans.nids; i++) {
		const char *id = c->bans.ids[i].id;
		struct peer *p = peer_find(&c->peers, id, strlen(id));

		if (!p || !peer_online(p, c->now_ms))
			continue;
		if (p->client)
			core_close(c, p->client, reason);
		else
			peer_offline(&c->peers, p);
	}
	map_sweep(&c->clients.by_id, c->clients.by_id.slots, hang_up, c);
}
