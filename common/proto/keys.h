/*
 * keys: the server's Ed25519 key pair, signatures, and the records of the
 * secretbox layer (spec 1.4, 5); kx.h opens that layer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum {
	KEYS_PK = 32,      /* Ed25519 public key */
	KEYS_SK = 64,      /* libsodium secret key: seed, public key */
	KEYS_SIG = 64,     /* signature in front of a signed message */
	KEYS_PK_TEXT = 45, /* base64 of the public key with its NUL */
	KEYS_SK_TEXT = 89, /* base64 of the secret key with its NUL */
	KEYS_SEAL = 16,    /* what secretbox adds */
	KEYS_SECRET = 32,  /* a key of secretbox */
};

struct keys {
	uint8_t pk[KEYS_PK];
	uint8_t sk[KEYS_SK];
	char pk_text[KEYS_PK_TEXT];
	bool can_sign; /* false: no secret key (hbbr, or a literal -k text) */
};

/* Starts libsodium. 0 or -EIO. Call once per process. */
MUST_USE int keys_setup(void);

/* A new pair whose public text has no '/' and no ':' (spec 5.1). */
void keys_generate(struct keys *k);

/* From the base64 secret key (surrounding white space allowed). 0, -EINVAL. */
MUST_USE int keys_from_secret_text(struct keys *k, const char *text);

/* From the base64 public key alone. 0 or -EINVAL. */
MUST_USE int keys_from_public_text(struct keys *k, const char *text);

/*
 * Loads DIR/id_ed25519, or makes the pair and writes both files (0600 and
 * 0644, no newline; written to a temporary name and linked, so two processes
 * starting together agree). 0, -EINVAL if the file is not a key, or -errno.
 */
MUST_USE int keys_load_or_create(struct keys *k, const char *dir);

/* Loads DIR/id_ed25519 and writes nothing. 0, -ENOENT, -EINVAL, -errno. */
MUST_USE int keys_load(struct keys *k, const char *dir);

/* Writes both files to DIR, in place of those that are there. 0 or -errno. */
MUST_USE int keys_store(const struct keys *k, const char *dir);

/* True if the public key belongs to the secret key (rustdesk-utils). */
MUST_USE bool keys_match(const char *public_text, const char *secret_text);

/* --- the option KEY ---------------------------------------------------------
 */

enum { KEYS_OPTION_TEXT = 257 }; /* with its NUL; a licence_key has 256 */

/*
 * The text that the option means, without white space around it: of a file of
 * that name (as given, or in DIR) its one line, else OPTION itself. 0, or
 * -errno for keys_option_fault().
 */
MUST_USE int keys_option_read(const char *option, const char *dir,
			      char out[static KEYS_OPTION_TEXT]);
/* What follows "KEY" in a sentence. */
const char *keys_option_fault(int error);
/* True if TEXT is a public key, its padding optional. */
MUST_USE bool keys_option_public(const char *text, struct keys *out);

void keys_wipe(struct keys *k);

/* Combined-mode signature: OUT gets KEYS_SIG + LEN bytes. */
void keys_sign(const struct keys *k, const void *msg, size_t len, uint8_t *out);

/* Detached check with a raw public key. */
MUST_USE bool keys_verify(const uint8_t pk[static KEYS_PK],
			  const uint8_t sig[static KEYS_SIG], const void *msg,
			  size_t len);

/* Base64 of a secret in OUT[KEYS_SK_TEXT], for genkeypair. */
void keys_secret_text(const struct keys *k, char out[static KEYS_SK_TEXT]);

/* The secretbox layer of a connection (spec 1.4), one side of it. */
struct keys_channel {
	uint8_t send_key[KEYS_SECRET];
	uint8_t receive_key[KEYS_SECRET]; /* the same after KeyExchange v0 */
	uint64_t sent;                    /* nonce of the last record sent */
	uint64_t received; /* nonce of the last record received */
};

/* OUT gets KEYS_SEAL + LEN bytes; advances the send nonce. */
void keys_seal(struct keys_channel *ch, const uint8_t *msg, size_t len,
	       uint8_t *out);

/* Decrypts; OUT gets LEN - KEYS_SEAL bytes and may equal DATA. 0, -EPROTO. */
MUST_USE int keys_unseal(struct keys_channel *ch, const uint8_t *data,
			 size_t len, uint8_t *out);

/* A MAC (crypto_auth) of MSG under KEY. */
enum { KEYS_MAC = 32, KEYS_MAC_KEY = 32 };
void keys_mac(uint8_t out[static KEYS_MAC],
	      const uint8_t key[static KEYS_MAC_KEY], const void *msg,
	      size_t len);
/* Constant-time comparison. */
MUST_USE bool keys_mac_eq(const uint8_t a[static KEYS_MAC],
			  const uint8_t b[static KEYS_MAC]);
/* SHA-256 of LEN bytes. */
void keys_sha256(uint8_t out[static 32], const void *data, size_t len);

/* Standard base64 with padding, or lower-case hex, with a NUL; OUT_SIZE must
 * be enough. */
void keys_base64(char *out, size_t out_size, const uint8_t *data, size_t len);
void keys_hex(char *out, size_t out_size, const uint8_t *data, size_t len);

/* Fills OUT with random bytes. */
void keys_random(void *out, size_t len);

/* 16 random bytes as a lower-case UUIDv4 text. */
void keys_uuid4(char out[static 37]);

/* Constant-time string comparison. */
MUST_USE bool keys_text_eq(const char *a, const char *b);
