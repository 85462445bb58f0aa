#include "common/proto/kx.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "common/base/le.h"

static_assert(KX_PK == crypto_box_PUBLICKEYBYTES, "X25519");
static_assert(KX_PK == crypto_box_SECRETKEYBYTES, "X25519");
static_assert(KX_BOXED == crypto_box_MACBYTES + KEYS_SECRET, "boxed key");

enum {
	MARK = 0x80,   /* bit 255, in the last byte; X25519 ignores it */
	TO_SERVER = 1, /* directions: the client is the initiator */
	TO_CLIENT = 2,
};

static const char params_prefix[] = "rdkx-params"; /* what is signed for what */
static const char split_prefix[] = "rdkx-spl";

/* Every client makes its box key for one message, so the protocol can afford
 * a nonce of zeros. */
static const uint8_t no_nonce[crypto_box_NONCEBYTES];

void kx_box_from_secret(struct kx_box *b, const uint8_t secret[static KX_PK])
{
	memcpy(b->sk, secret, sizeof b->sk);
	crypto_scalarmult_base(b->pk, b->sk);
	b->pk[KX_PK - 1] |= MARK;
}

void kx_box_init(struct kx_box *b)
{
	uint8_t secret[KX_PK];

	keys_random(secret, sizeof secret);
	kx_box_from_secret(b, secret);
	sodium_memzero(secret, sizeof secret);
}

void kx_offer_sign(struct kx_offer *o, const struct kx_box *b,
		   const struct keys *k)
{
	uint8_t text[KX_SIGNED_PARAMS - KEYS_SIG], pk[KX_PK];
	size_t prefix = sizeof params_prefix - 1;
	Hbb__KxParams p = HBB__KX_PARAMS__INIT;

	memcpy(pk, b->pk, sizeof pk);
	p.pk = (ProtobufCBinaryData){ sizeof pk, pk };
	p.version = KX_VERSION;
	memcpy(text, params_prefix, prefix);
	size_t len = prefix + hbb__kx_params__pack(&p, text + prefix);
	assert(len == sizeof text);
	keys_sign(k, pk, sizeof pk, o->key);
	keys_sign(k, text, len, o->params);
}

void kx_offer_message(struct kx_message *m, struct kx_offer *o)
{
	m->exchange = (Hbb__KeyExchange)HBB__KEY_EXCHANGE__INIT;
	m->keys[0] = (ProtobufCBinaryData){ sizeof o->key, o->key };
	m->exchange.n_keys = 1;
	m->exchange.keys = m->keys;
	m->exchange.version = KX_VERSION;
	m->exchange.signed_params =
		(ProtobufCBinaryData){ sizeof o->params, o->params };
}

void kx_answer_message(struct kx_message *m, struct kx_answer *a)
{
	m->exchange = (Hbb__KeyExchange)HBB__KEY_EXCHANGE__INIT;
	m->keys[0] = (ProtobufCBinaryData){ sizeof a->pk, a->pk };
	m->keys[1] = (ProtobufCBinaryData){ sizeof a->boxed, a->boxed };
	m->exchange.n_keys = 2;
	m->exchange.keys = m->keys;
	m->exchange.version = a->version;
}

/* --- the keys of a channel ------------------------------------------------ */

/* What both sides saw. */
struct transcript {
	uint8_t key[KEYS_SECRET]; /* the client's */
	uint32_t advertised;
	uint32_t picked;
	const uint8_t *client_pk;
	const uint8_t *server_pk; /* as sent, with the mark */
};

static void direction_key(uint8_t out[static KEYS_SECRET],
			  const struct transcript *t, uint8_t direction)
{
	crypto_generichash_state s;
	uint8_t versions[8];

	le32_put(versions, t->advertised);
	le32_put(versions + 4, t->picked);
	crypto_generichash_init(&s, t->key, sizeof t->key, KEYS_SECRET);
	crypto_generichash_update(&s, (const uint8_t *)split_prefix,
				  sizeof split_prefix - 1);
	crypto_generichash_update(&s, &direction, 1);
	crypto_generichash_update(&s, versions, sizeof versions);
	crypto_generichash_update(&s, t->client_pk, KX_PK);
	crypto_generichash_update(&s, t->server_pk, KX_PK);
	crypto_generichash_final(&s, out, KEYS_SECRET);
	sodium_memzero(&s, sizeof s);
}

/* SENDS: the direction in which this side does. */
static void open_channel(struct keys_channel *ch, const struct transcript *t,
			 uint8_t sends)
{
	*ch = (struct keys_channel){ .sent = 0 };
	if (t->picked == 0) {
		memcpy(ch->send_key, t->key, sizeof ch->send_key);
		memcpy(ch->receive_key, t->key, sizeof ch->receive_key);
		return;
	}
	direction_key(ch->send_key, t, sends);
	direction_key(ch->receive_key, t,
		      sends == TO_CLIENT ? TO_SERVER : TO_CLIENT);
}

int kx_accept(struct keys_channel *ch, const struct kx_box *b,
	      const Hbb__KeyExchange *answer)
{
	const ProtobufCBinaryData *k = answer->keys;

	if (answer->n_keys != 2 || k[0].len != KX_PK || k[1].len != KX_BOXED ||
	    answer->version > KX_VERSION)
		return -EPROTO;
	struct transcript t = {
		.advertised = KX_VERSION,
		.picked = answer->version,
		.client_pk = k[0].data,
		.server_pk = b->pk,
	};
	if (crypto_box_open_easy(t.key, k[1].data, k[1].len, no_nonce,
				 k[0].data, b->sk) < 0)
		return -EPROTO;
	open_channel(ch, &t, TO_CLIENT);
	sodium_memzero(&t, sizeof t);
	return 0;
}

/* --- the client's half ---------------------------------------------------- */

static bool is_signed(ProtobufCBinaryData text,
		      const uint8_t server_pk[static KEYS_PK])
{
	return text.len > KEYS_SIG &&
	       keys_verify(server_pk, text.data, text.data + KEYS_SIG,
			   text.len - KEYS_SIG);
}

/* They are of this key and this version. */
static bool params_match(ProtobufCBinaryData text, const uint8_t *pk,
			 uint32_t version)
{
	size_t prefix = sizeof params_prefix - 1;
	const uint8_t *inner = text.data + KEYS_SIG;
	size_t len = text.len - KEYS_SIG;
	struct wire_arena arena;

	if (len < prefix || memcmp(inner, params_prefix, prefix) != 0)
		return false;
	Hbb__KxParams *p = (Hbb__KxParams *)wire_unpack_as(
		&hbb__kx_params__descriptor, &arena, inner + prefix,
		len - prefix);
	bool same = p && p->pk.len == KX_PK && p->version == version &&
		    memcmp(p->pk.data, pk, KX_PK) == 0;
	wire_release(&arena);
	return same;
}

int kx_check(const Hbb__KeyExchange *offer,
	     const uint8_t server_pk[static KEYS_PK])
{
	ProtobufCBinaryData params = offer->signed_params;

	if (offer->n_keys != 1 || offer->keys[0].len != KX_SIGNED_KEY)
		return -EPROTO;
	if (!is_signed(offer->keys[0], server_pk))
		return -EKEYREJECTED;
	const uint8_t *pk = offer->keys[0].data + KEYS_SIG;
	bool marked = (pk[KX_PK - 1] & MARK) != 0;
	if (!marked && params.len == 0) /* a server of version 0 */
		return offer->version == 0 ? 0 : -EPROTO;
	if (!is_signed(params, server_pk))
		return -EKEYREJECTED;
	return params_match(params, pk, offer->version) ? 0 : -EPROTO;
}

int kx_reply_with(struct keys_channel *ch, struct kx_answer *out,
		  const Hbb__KeyExchange *offer,
		  const uint8_t server_pk[static KEYS_PK],
		  const uint8_t secret[static KX_PK],
		  const uint8_t key[static KEYS_SECRET])
{
	int r = kx_check(offer, server_pk);

	if (r < 0)
		return r;
	struct transcript t = {
		.advertised = offer->version,
		.picked = offer->version < KX_VERSION ? offer->version
						      : KX_VERSION,
		.client_pk = out->pk,
		.server_pk = offer->keys[0].data + KEYS_SIG,
	};
	memcpy(t.key, key, sizeof t.key);
	out->version = t.picked;
	crypto_scalarmult_base(out->pk, secret);
	if (crypto_box_easy(out->boxed, t.key, sizeof t.key, no_nonce,
			    t.server_pk, secret) < 0)
		r = -EPROTO;
	else
		open_channel(ch, &t, TO_SERVER);
	sodium_memzero(&t, sizeof t);
	return r;
}

int kx_reply(struct keys_channel *ch, struct kx_answer *out,
	     const Hbb__KeyExchange *offer,
	     const uint8_t server_pk[static KEYS_PK])
{
	uint8_t secret[KX_PK], key[KEYS_SECRET];

	keys_random(secret, sizeof secret);
	keys_random(key, sizeof key);
	int r = kx_reply_with(ch, out, offer, server_pk, secret, key);
	sodium_memzero(secret, sizeof secret);
	sodium_memzero(key, sizeof key);
	return r;
}
