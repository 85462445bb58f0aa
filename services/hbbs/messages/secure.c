#include "services/hbbs/messages/secure.h"

#include <string.h>

#include "services/hbbs/state/metrics.h"

/*
 * Each connection has a pair of its own, so what was recorded of another one
 * cannot be said again. Two signatures are dear, though: in a flood of
 * connections they share the last pair.
 */
static void next_box(struct core *c)
{
	if (!bucket_take(&c->fresh_boxes, 1, c->now_ms))
		return;
	kx_box_init(&c->box);
	kx_offer_sign(&c->offer, &c->box, &c->rules->keys);
}

void secure_offer(struct core *c, struct client *client)
{
	if (client->via != VIA_TCP || client->port != PORT_MAIN ||
	    !c->rules->keys.can_sign)
		return;

	struct kx_message kx;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;

	next_box(c);
	kx_offer_message(&kx, &c->offer);
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE;
	m.key_exchange = &kx.exchange;
	core_send(c, client, &m);
	client->channel = CHANNEL_OFFERED;
	client->secret.offered = c->box;
}

int secure_first(struct client *client, const Hbb__RendezvousMessage *m)
{
	struct kx_box box = client->secret.offered;
	int err = 0;

	client->channel = CHANNEL_PLAIN;
	explicit_bzero(&client->secret, sizeof client->secret);
	if (m->union_case == HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE) {
		err = kx_accept(&client->secret.keys, &box, m->key_exchange);
		core_count(err == 0 ? M_KX_OK : M_KX_BAD);
		if (err == 0)
			client->channel = CHANNEL_SECURE;
	}
	explicit_bzero(&box, sizeof box);
	return err;
}
