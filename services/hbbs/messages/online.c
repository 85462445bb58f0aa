#include "services/hbbs/messages/online.h"

#include <string.h>

#include "services/hbbs/state/idrule.h"
#include "services/hbbs/state/metrics.h"

static void set_bit(uint8_t *bits, size_t i)
{
	bits[i / 8] |= (uint8_t)(1u << (7 - i % 8));
}

static bool get_bit(const uint8_t *bits, size_t i)
{
	return (bits[i / 8] >> (7 - i % 8)) & 1;
}

static void answer(struct core *c, const struct request *q)
{
	const Hbb__OnlineRequest *o = q->m->online_request;
	uint8_t states[JOB_MASK_BYTES] = { 0 };

	for (size_t i = 0; i < o->n_peers; i++) {
		const char *id = o->peers[i];
		const struct peer *p = peer_find(&c->peers, id, strlen(id));
		bool here = p != NULL && peer_online(p, c->now_ms);
		if (here || (q->job != NULL && get_bit(q->job->online, i)))
			set_bit(states, i);
	}

	Hbb__OnlineResponse r = HBB__ONLINE_RESPONSE__INIT;
	r.states.len = (o->n_peers + 7) / 8;
	r.states.data = states;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_ONLINE_RESPONSE;
	m.online_response = &r;
	core_reply(c, q, &m);
	core_count(M_ONLINE_QUERIES);
	core_close(c, q->from.client, "done");
}

/* The body of ACT_ONLINE: for each id one length byte and the id. Sets the
 * job's mask; returns the body's length. */
static size_t list_unknown(const struct core *c, const Hbb__OnlineRequest *o,
			   struct job *j, uint8_t *out)
{
	size_t used = 0;

	for (size_t i = 0; i < o->n_peers; i++) {
		size_t len = strlen(o->peers[i]);
		const struct peer *p = peer_find(&c->peers, o->peers[i], len);
		if (len < ID_MIN || len > WIRE_ID_MAX ||
		    (p != NULL && peer_online(p, c->now_ms)))
			continue;
		if (j != NULL) {
			set_bit(j->mask, i);
			out[used] = (uint8_t)len;
			memcpy(out + used + 1, o->peers[i], len);
		}
		used += 1 + len;
	}
	return used;
}

static bool ask_redis(struct core *c, const struct request *q)
{
	const Hbb__OnlineRequest *o = q->m->online_request;
	size_t len = list_unknown(c, o, NULL, NULL);
	if (len == 0)
		return false;

	struct job *j = core_park(c, q);
	if (j == NULL)
		return false;
	uint8_t *body;
	struct action *a = outbox_add(&c->out, ACT_ONLINE, len, &body);
	if (a == NULL) {
		core_unpark(c, q, j);
		return false;
	}
	a->ticket = j->ticket;
	list_unknown(c, o, j, body);
	return true;
}

void online_query(struct core *c, const struct request *q)
{
	if (q->job != NULL) {
		answer(c, q);
		return;
	}
	if (!limits_online(&c->limits, &q->from.source,
			   q->m->online_request->n_peers, c->now_ms)) {
		core_count(M_DROP_LIMIT);
		core_close(c, q->from.client, "limited");
		return;
	}
	if (!ask_redis(c, q))
		answer(c, q);
}
