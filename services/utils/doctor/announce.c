#include "services/utils/doctor/announce.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto/frame.h"
#include "common/proto/kx.h"

static char test_id[] = "(:test_hbbs:)";

/* One connection to hbbs; SECURED after the exchange of keys (spec 4.17). */
struct talk {
	struct link link;
	struct keys_channel channel;
	bool secured;
};

static int talk_send(struct talk *t, const Hbb__RendezvousMessage *m)
{
	size_t len = wire_size(m);
	size_t body = len + (t->secured ? KEYS_SEAL : 0);
	uint8_t *bytes = malloc(FRAME_HEAD_MAX + body);
	uint8_t *plain = malloc(len + 1);
	int r = -ENOMEM;

	if (bytes && plain) {
		size_t head = frame_put_head(bytes, body);
		wire_pack(m, plain);
		if (t->secured)
			keys_seal(&t->channel, plain, len, bytes + head);
		else
			memcpy(bytes + head, plain, len);
		r = link_send(&t->link, bytes, head + body);
		sodium_memzero(plain, len);
	}
	free(plain);
	free(bytes);
	return r;
}

/* The next message, in ARENA, which the caller releases if this is 0. */
static int talk_receive(struct talk *t, struct wire_arena *arena,
			Hbb__RendezvousMessage **out)
{
	uint8_t plain[LINK_INPUT_MAX];
	const uint8_t *body;
	size_t len;
	int r = link_receive(&t->link, &body, &len);

	if (r == 0 && t->secured) {
		r = len < KEYS_SEAL
			    ? -EPROTO
			    : keys_unseal(&t->channel, body, len, plain);
		body = plain;
		len -= KEYS_SEAL;
	}
	if (r < 0)
		return r;
	*out = wire_unpack(arena, body, len);
	if (*out)
		return 0;
	wire_release(arena);
	return -EPROTO;
}

static int answer_offer(struct talk *t, const struct keys *server,
			const Hbb__KeyExchange *offer)
{
	struct keys_channel channel;
	struct kx_answer answer;
	struct kx_message kx;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	int r = kx_reply(&channel, &answer, offer, server->pk);

	if (r < 0)
		return r;
	kx_answer_message(&kx, &answer);
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE;
	m.key_exchange = &kx.exchange;
	r = talk_send(t, &m);
	t->channel = channel;
	t->secured = r == 0;
	sodium_memzero(&channel, sizeof(channel));
	return r;
}

/* Waits for the offer and takes it: hbbs believes no token without. */
static int secure(struct talk *t, const char *public_key)
{
	struct wire_arena arena;
	Hbb__RendezvousMessage *m;
	struct keys server;

	if (keys_from_public_text(&server, public_key) < 0)
		return -ENOKEY;
	int r = talk_receive(t, &arena, &m);
	if (r < 0)
		return r;
	r = m->union_case == HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE
		    ? answer_offer(t, &server, m->key_exchange)
		    : -EPROTO;
	wire_release(&arena);
	return r;
}

static int ask(struct talk *t, struct doctor *d, char *uuid)
{
	Hbb__RequestRelay relay = HBB__REQUEST_RELAY__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;

	relay.id = test_id;
	relay.uuid = uuid;
	relay.licence_key = d->public_key;
	relay.token = d->token;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY;
	m.request_relay = &relay;
	return talk_send(t, &m);
}

/* Behind an offer of encryption, if one comes first. */
static int hear(struct talk *t, char reason[static ANNOUNCE_REASON])
{
	for (int i = 0; i < 2; i++) {
		struct wire_arena arena;
		Hbb__RendezvousMessage *m;
		int r = talk_receive(t, &arena, &m);
		if (r < 0)
			return r;
		bool answered = m->union_case ==
				HBB__RENDEZVOUS_MESSAGE__UNION_RELAY_RESPONSE;
		if (answered)
			snprintf(reason, ANNOUNCE_REASON, "%s",
				 m->relay_response->refuse_reason);
		bool offer = m->union_case ==
			     HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE;
		wire_release(&arena);
		if (answered)
			return reason[0] ? -EACCES : 0;
		if (!offer)
			break;
	}
	return -EPROTO;
}

int announce_session(struct doctor *d, char *uuid,
		     char reason[static ANNOUNCE_REASON])
{
	struct talk t = { .secured = false };
	int r = link_open(&t.link, &d->addrs, d->port, (unsigned)d->timeout_ms);

	reason[0] = '\0';
	if (r == 0 && d->token[0])
		r = secure(&t, d->public_key);
	if (r == 0)
		r = ask(&t, d, uuid);
	if (r == 0)
		r = hear(&t, reason);
	link_close(&t.link);
	sodium_memzero(&t.channel, sizeof(t.channel));
	return r;
}
