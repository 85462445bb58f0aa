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

/* Who is online at other nodes, a bit for each id of the message. */
static void read_states(const uint8_t *asked, const union result *r,
			uint8_t *bits)
{
	size_t next = 0;

	for (size_t i = 0; r->online.states && i < WIRE_PEERS_MAX; i++) {
		if (!get_bit(asked, i))
			continue;
		if (next < r->online.n && r->online.states[next])
			set_bit(bits, i);
		next++;
	}
}

/* What is held here is added to what Redis said, if it was asked. */
static struct step answer(struct core *c, struct request *q,
			  const union result *word)
{
	const Hbb__OnlineRequest *o = q->m->online_request;
	uint8_t states[ONLINE_BITS] = { 0 };

	if (word)
		read_states(q->known.asked, word, states);
	for (size_t i = 0; i < o->n_peers; i++) {
		const char *id = o->peers[i];
		const struct peer *p = peer_find(&c->peers, id, strlen(id));
		if (p && peer_online(p, c->now_ms))
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
	return way_end();
}

/* The body of ACT_ONLINE: for each id one length byte and the id, into OUT
 * unless that is NULL, and its bit into ASKED. Returns the body's length. */
static size_t list_unknown(const struct core *c, const Hbb__OnlineRequest *o,
			   uint8_t *asked, uint8_t *out)
{
	size_t used = 0;

	for (size_t i = 0; i < o->n_peers; i++) {
		size_t len = strlen(o->peers[i]);
		const struct peer *p = peer_find(&c->peers, o->peers[i], len);
		if (len < ID_MIN || len > WIRE_ID_MAX ||
		    (p && peer_online(p, c->now_ms)))
			continue;
		if (out) {
			set_bit(asked, i);
			out[used] = (uint8_t)len;
			memcpy(out + used + 1, o->peers[i], len);
		}
		used += 1 + len;
	}
	return used;
}

static bool ask_redis(struct core *c, struct request *q)
{
	const Hbb__OnlineRequest *o = q->m->online_request;
	size_t len = list_unknown(c, o, NULL, NULL);
	uint8_t *body;

	if (len == 0 || !core_park(c, q))
		return false;
	struct action *a = outbox_add(&c->out, ACT_ONLINE, len, &body);
	if (!a) {
		core_unpark(q);
		return false;
	}
	a->ticket = q->job->ticket;
	memset(q->known.asked, 0, sizeof q->known.asked);
	list_unknown(c, o, q->known.asked, body);
	return true;
}

struct step online_query(struct core *c, struct request *q,
			 const union result *unused)
{
	(void)unused;
	if (!limits_online(&c->limits, &q->from.source,
			   q->m->online_request->n_peers, c->now_ms)) {
		core_count(M_DROP_LIMIT);
		core_close(c, q->from.client, "limited");
		return way_end();
	}
	return ask_redis(c, q) ? way_wait(answer) : way_on(answer);
}
