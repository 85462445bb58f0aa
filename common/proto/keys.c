#include "common/proto/keys.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static_assert(KEYS_PK == crypto_sign_PUBLICKEYBYTES, "Ed25519");
static_assert(KEYS_SK == crypto_sign_SECRETKEYBYTES, "Ed25519");
static_assert(KEYS_SIG == crypto_sign_BYTES, "Ed25519");
static_assert(KEYS_SEAL == crypto_secretbox_MACBYTES, "secretbox");
static_assert(KEYS_SECRET == crypto_secretbox_KEYBYTES, "secretbox");

static const int base64 = sodium_base64_VARIANT_ORIGINAL;

int keys_setup(void)
{
	return sodium_init() < 0 ? -EIO : 0;
}

static void set_public(struct keys *k)
{
	sodium_bin2base64(k->pk_text, sizeof(k->pk_text), k->pk, KEYS_PK,
			  base64);
}

void keys_generate(struct keys *k)
{
	/* Keys travel in file names, where '/' and ':' cannot stand. */
	do {
		crypto_sign_keypair(k->pk, k->sk);
		set_public(k);
	} while (strpbrk(k->pk_text, "/:"));
	k->can_sign = true;
}

/* Decodes exactly LEN bytes, ignoring white space around them. */
static int decode(const char *text, uint8_t *out, size_t len)
{
	size_t got, n = strlen(text);
	const char *end;

	while (n > 0 && isspace((unsigned char)*text)) {
		text++;
		n--;
	}
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		n--;
	if (sodium_base642bin(out, len, text, n, NULL, &got, &end, base64) < 0)
		return -EINVAL;
	return got == len && end == text + n ? 0 : -EINVAL;
}

int keys_from_secret_text(struct keys *k, const char *text)
{
	struct keys found = { .can_sign = true };
	uint8_t seed[crypto_sign_SEEDBYTES], sk[KEYS_SK];
	int r = decode(text, found.sk, sizeof(found.sk));

	if (r == 0) {
		/* The second half must be the public key of the first, or no
		 * client could verify what we sign. */
		crypto_sign_ed25519_sk_to_seed(seed, found.sk);
		crypto_sign_seed_keypair(found.pk, sk, seed);
		if (sodium_memcmp(sk, found.sk, sizeof(sk)) != 0)
			r = -EINVAL;
	}
	if (r == 0) {
		set_public(&found);
		*k = found;
	}
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(sk, sizeof(sk));
	keys_wipe(&found);
	return r;
}

int keys_from_public_text(struct keys *k, const char *text)
{
	struct keys found = { .can_sign = false };

	if (decode(text, found.pk, sizeof(found.pk)) < 0)
		return -EINVAL;
	set_public(&found);
	*k = found;
	return 0;
}

bool keys_match(const char *public_text, const char *secret_text)
{
	struct keys public, secret;

	if (keys_from_public_text(&public, public_text) < 0 ||
	    keys_from_secret_text(&secret, secret_text) < 0)
		return false;
	bool same = memcmp(public.pk, secret.pk, KEYS_PK) == 0;
	keys_wipe(&secret);
	return same;
}

void keys_wipe(struct keys *k)
{
	sodium_memzero(k, sizeof(*k));
}

void keys_secret_text(const struct keys *k, char out[static KEYS_SK_TEXT])
{
	sodium_bin2base64(out, KEYS_SK_TEXT, k->sk, KEYS_SK, base64);
}

void keys_sign(const struct keys *k, const void *msg, size_t len, uint8_t *out)
{
	assert(k->can_sign);
	crypto_sign(out, NULL, msg, len, k->sk);
}

bool keys_verify(const uint8_t pk[static KEYS_PK],
		 const uint8_t sig[static KEYS_SIG], const void *msg,
		 size_t len)
{
	return crypto_sign_verify_detached(sig, msg, len, pk) == 0;
}

static void put_nonce(uint8_t nonce[static crypto_secretbox_NONCEBYTES],
		      uint64_t counter)
{
	memset(nonce, 0, crypto_secretbox_NONCEBYTES);
	for (size_t i = 0; i < 8; i++)
		nonce[i] = (uint8_t)(counter >> (8 * i));
}

void keys_seal(struct keys_channel *ch, const uint8_t *msg, size_t len,
	       uint8_t *out)
{
	uint8_t nonce[crypto_secretbox_NONCEBYTES];

	put_nonce(nonce, ++ch->sent);
	crypto_secretbox_easy(out, msg, len, nonce, ch->send_key);
}

int keys_unseal(struct keys_channel *ch, const uint8_t *data, size_t len,
		uint8_t *out)
{
	uint8_t nonce[crypto_secretbox_NONCEBYTES];

	put_nonce(nonce, ch->received + 1);
	if (len < KEYS_SEAL || crypto_secretbox_open_easy(out, data, len, nonce,
							  ch->receive_key) < 0)
		return -EPROTO;
	ch->received++;
	return 0;
}

static_assert(KEYS_MAC == crypto_auth_BYTES &&
		      KEYS_MAC_KEY == crypto_auth_KEYBYTES,
	      "crypto_auth");

void keys_mac(uint8_t out[static KEYS_MAC],
	      const uint8_t key[static KEYS_MAC_KEY], const void *msg,
	      size_t len)
{
	crypto_auth(out, msg, len, key);
}

bool keys_mac_eq(const uint8_t a[static KEYS_MAC],
		 const uint8_t b[static KEYS_MAC])
{
	return sodium_memcmp(a, b, KEYS_MAC) == 0;
}

void keys_sha256(uint8_t out[static 32], const void *data, size_t len)
{
	crypto_hash_sha256(out, data, len);
}

void keys_base64(char *out, size_t out_size, const uint8_t *data, size_t len)
{
	sodium_bin2base64(out, out_size, data, len,
			  sodium_base64_VARIANT_ORIGINAL);
}

void keys_hex(char *out, size_t out_size, const uint8_t *data, size_t len)
{
	sodium_bin2hex(out, out_size, data, len);
}

void keys_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

void keys_uuid4(char out[static 37])
{
	uint8_t r[16];
	char hex[33];

	randombytes_buf(r, sizeof(r));
	r[6] = (uint8_t)((r[6] & 0x0f) | 0x40);
	r[8] = (uint8_t)((r[8] & 0x3f) | 0x80);
	sodium_bin2hex(hex, sizeof(hex), r, sizeof(r));
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		 hex + 16, hex + 20);
}

bool keys_text_eq(const char *a, const char *b)
{
	size_t len = strlen(a);

	return len == strlen(b) && sodium_memcmp(a, b, len) == 0;
}
