#include "services/hbbs/messages/ice.h"

#include <string.h>

#include "services/hbbs/messages/answer.h"
#include "services/hbbs/messages/target.h"
#include "services/hbbs/state/metrics.h"
#include "services/hbbs/state/offer.h"

static char nothing[] = "";

/* Who is told to relay everything (ALWAYS_USE_RELAY) tells no addresses. */
char *ice_offer(const struct core *c, struct ask *ask, char *offer)
{
	char key[OFFER_KEY];
	bool passes = !c->rules->always_relay && offer_session_key(offer, key);

	ask_set_session(ask, passes ? key : NULL);
	return ask->session_key ? offer : nothing;
}

char *ice_answer(const struct ask *ask, char *answer)
{
	return ask->session_key ? answer : nothing;
}

/* --- candidates ----------------------------------------------------------- */

/* A candidate is of use or not: nobody is told, and no connection closed. */
static struct step dropped(void)
{
	core_count(M_ICE_DROPPED);
	return way_end();
}

/* Counts one more in *PASSED. */
static bool has_room(uint8_t *passed)
{
	if (*passed >= ICE_CANDIDATES)
		return false;
	++*passed;
	core_count(M_ICE_PASSED);
	return true;
}

/* Made anew of M's key and text; the message borrows from OUT. */
static Hbb__RendezvousMessage rebuilt(Hbb__IceCandidate *out,
				      const Hbb__IceCandidate *m)
{
	Hbb__RendezvousMessage r = HBB__RENDEZVOUS_MESSAGE__INIT;

	*out = (Hbb__IceCandidate)HBB__ICE_CANDIDATE__INIT;
	out->session_key = m->session_key;
	out->candidate = m->candidate;
	r.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_ICE_CANDIDATE;
	r.ice_candidate = out;
	return r;
}

/* From A to B, where B was when it was asked. */
static struct step to_b(struct core *c, struct request *q)
{
	const Hbb__IceCandidate *m = q->m->ice_candidate;
	const struct client *a = q->from.client;
	struct ask *ask =
		a ? ask_of_session(a, m->id, m->session_key, c->now_ms) : NULL;

	if (!ask || !has_room(&ask->to_b))
		return dropped();
	Hbb__IceCandidate out;
	Hbb__RendezvousMessage r = rebuilt(&out, m);
	out.id = ask->id;
	target_tell(c, ask->id, ask->node, &r);
	return way_end();
}

/* Only from where B was seen, if STRICT_ANSWERS asks for it. */
static bool foreign(const struct core *c, const struct request *q,
		    const struct ask *ask)
{
	return c->rules->strict_answers &&
	       !addr_is_unspecified(&ask->peer_ip) &&
	       !addr_same_ip(&ask->peer_ip, &q->from.source);
}

/* From B to A, who may be at another node. */
static struct step to_a(struct core *c, struct request *q)
{
	const Hbb__IceCandidate *m = q->m->ice_candidate;
	struct addr key =
		addr_unmangle(m->socket_addr.data, m->socket_addr.len);

	if (key.port == 0 || addr_is_unspecified(&key))
		return dropped();
	struct client *a = client_by_key(&c->clients, &key);
	if (!a)
		return answer_ask_node(c, q, &key, LIMIT_ICE)
			       ? way_wait(answer_forward)
			       : dropped();
	struct ask *ask =
		a->closing ? NULL
			   : ask_of_session(a, NULL, m->session_key, c->now_ms);
	if (!ask || foreign(c, q, ask) || !has_room(&ask->to_a))
		return dropped();
	uint8_t space[ADDR_MANGLED_MAX];
	Hbb__IceCandidate out;
	Hbb__RendezvousMessage r = rebuilt(&out, m);
	out.socket_addr = core_mangle(c, &key, space);
	core_send(c, a, &r);
	return way_end();
}

/* A names B by its id, B names A by the address it was told. */
struct step ice_candidate(struct core *c, struct request *q,
			  const union result *unused)
{
	const Hbb__IceCandidate *m = q->m->ice_candidate;
	bool for_b = m->id[0] != '\0', for_a = m->socket_addr.len > 0;
	(void)unused;

	if (for_a == for_b || c->rules->always_relay ||
	    m->candidate[0] == '\0' ||
	    strlen(m->candidate) > ICE_CANDIDATE_MAX ||
	    strlen(m->session_key) >= OFFER_KEY)
		return dropped();
	return for_b ? to_b(c, q) : to_a(c, q);
}
