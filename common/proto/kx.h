/*
 * kx: KeyExchange, which opens the secretbox layer of TCP 21116 (spec 4.17;
 * version 1: web client spec 22).
 *
 * The server speaks first and signs a fresh public key. Version 0 is the
 * original exchange: the client's key serves both directions. Version 1 makes
 * a key of each direction out of it and out of all that was said, so whoever
 * changed something on the way has other keys. That the server speaks version
 * 1 is a bit of the signed public key, which nobody can take away; clients of
 * version 0 do not see it.
 */
#pragma once

#include <stdint.h>

#include "common/base/attr.h"
#include "common/proto/keys.h"
#include "common/proto/wire.h"

enum {
	KX_VERSION = 1,
	KX_PK = 32,                       /* X25519 public and secret key */
	KX_SIGNED_KEY = KEYS_SIG + 32,    /* the server's public key, signed */
	KX_SIGNED_PARAMS = KEYS_SIG + 47, /* prefix and KxParams, signed */
	KX_BOXED = 48,                    /* the client's key for the server */
};

/* The server's key pair of a connection. */
struct kx_box {
	uint8_t pk[KX_PK]; /* as sent: bit 255 says "version 1 or newer" */
	uint8_t sk[KX_PK];
};

/* What the server says first. */
struct kx_offer {
	uint8_t key[KX_SIGNED_KEY];
	uint8_t params[KX_SIGNED_PARAMS];
};

/* What a client answers. */
struct kx_answer {
	uint32_t version;
	uint8_t pk[KX_PK];
	uint8_t boxed[KX_BOXED];
};

/* A fresh pair. */
void kx_box_init(struct kx_box *b);
/* The pair of a given secret, for vectors. */
void kx_box_from_secret(struct kx_box *b, const uint8_t secret[static KX_PK]);

/* Signs what is said of B; K must be able to sign. */
void kx_offer_sign(struct kx_offer *o, const struct kx_box *b,
		   const struct keys *k);

/* Room for what a KeyExchange borrows. */
struct kx_message {
	Hbb__KeyExchange exchange;
	ProtobufCBinaryData keys[2];
};
/* Both borrow from the offer or the answer. */
void kx_offer_message(struct kx_message *m, struct kx_offer *o);
void kx_answer_message(struct kx_message *m, struct kx_answer *a);

/* The server takes the client's answer. 0; -EPROTO: not two keys of the right
 * lengths, a box that does not open, a version above ours. */
MUST_USE int kx_accept(struct keys_channel *ch, const struct kx_box *b,
		       const Hbb__KeyExchange *answer);

/* A client looks at the server's offer; SERVER_PK is its signing key. 0;
 * -EPROTO: it is none, or contradicts itself; -EKEYREJECTED: somebody else
 * signed it. */
MUST_USE int kx_check(const Hbb__KeyExchange *offer,
		      const uint8_t server_pk[static KEYS_PK]);
/* And answers it, with the newest version of both. */
MUST_USE int kx_reply(struct keys_channel *ch, struct kx_answer *out,
		      const Hbb__KeyExchange *offer,
		      const uint8_t server_pk[static KEYS_PK]);
/* The reply with given secrets, for vectors: SECRET is the X25519 one, KEY
 * the key that is boxed. */
MUST_USE int kx_reply_with(struct keys_channel *ch, struct kx_answer *out,
			   const Hbb__KeyExchange *offer,
			   const uint8_t server_pk[static KEYS_PK],
			   const uint8_t secret[static KX_PK],
			   const uint8_t key[static KEYS_SECRET]);
