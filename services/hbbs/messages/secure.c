#include "services/hbbs/messages/secure.h"

#include <errno.h>
#include <string.h>

#include "services/hbbs/state/metrics.h"

/* A new box key every hour; the last one stays for those who were offered it
 * and have not answered yet (they have 30 s). */
static const struct keys_box *current_box(struct core *c)
{
	if (c->box_ms == 0 || c->now_ms - c->box_ms >= BOX_LIFE_MS) {
		c->box_now ^= 1;
		c->box_ms = c->now_ms ? c->now_ms : 1;
		keys_box_init(&c->box[c->box_now], &c->rules->keys);
	}
	return &c->box[c->box_now];
}

void secure_offer(struct core *c, struct client *client)
{
	if (client->via != VIA_TCP || client->port != PORT_MAIN ||
	    !c->rules->keys.can_sign)
		return;

	uint8_t hello[KEYS_HELLO];
	memcpy(hello, current_box(c)->hello, sizeof hello);
	ProtobufCBinaryData key = { .len = sizeof hello, .data = hello };
	Hbb__KeyExchange kx = HBB__KEY_EXCHANGE__INIT;
	kx.n_keys = 1;
	kx.keys = &key;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE;
	m.key_exchange = &kx;
	core_send(c, client, &m);
	client->channel = CHANNEL_OFFERED;
	client->box = (uint8_t)c->box_now;
}

int secure_first(struct core *c, struct client *client,
		 const Hbb__RendezvousMessage *m)
{
	client->channel = CHANNEL_PLAIN;
	if (m->union_case != HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE)
		return 0;

	const Hbb__KeyExchange *kx = m->key_exchange;
	int err = -EPROTO;
	if (kx->n_keys == 2)
		err = keys_channel_open(&client->keys, &c->box[client->box],
					kx->keys[0].data, kx->keys[0].len,
					kx->keys[1].data, kx->keys[1].len);
	core_count(err == 0 ? M_KX_OK : M_KX_BAD);
	if (err == 0)
		client->channel = CHANNEL_SECURE;
	return err;
}
