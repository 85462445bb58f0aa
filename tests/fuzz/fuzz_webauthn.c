/*
 * Input: a byte that chooses, then what a browser sends. 0 to 127: the
 * attestation object of a registration. Else: the length of the signature,
 * the signature, authenticator data; the key is one of three fixed ones.
 */
#include <stdint.h>
#include <string.h>

#include "services/api/account/webauthn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct webauthn_bytes client = { (const uint8_t *)"{}", 2 };

/* libcbor makes room for what a head claims to follow; too much is refused by
 * the allocator, not by ASan. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void sign_in(uint8_t which, const uint8_t *data, size_t size)
{
	static const int algs[] = { WEBAUTHN_ES256, WEBAUTHN_EDDSA,
				    WEBAUTHN_RS256 };
	static const size_t lens[] = { 64, 32, WEBAUTHN_KEY_MAX };
	struct webauthn_key k = { .alg = algs[which % 3],
				  .key_len = lens[which % 3] };
	size_t len = size > 0 ? data[0] : 0;
	uint32_t count;

	memset(k.key, 0x42, k.key_len);
	if (size < 1 + len)
		return;
	struct webauthn_bytes sig = { data + 1, len };
	struct webauthn_bytes rest = { data + 1 + len, size - 1 - len };
	if (webauthn_verify("localhost", &k, rest, client, sig, &count) == 0)
		__builtin_trap(); /* nobody has signed */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct webauthn_key k;

	if (size == 0)
		return 0;
	if (data[0] >= 128) {
		sign_in(data[0], data + 1, size - 1);
		return 0;
	}
	struct webauthn_bytes object = { data + 1, size - 1 };
	if (webauthn_register("localhost", object, client, &k) == 0 &&
	    (k.id_len == 0 || k.id_len > sizeof(k.id) ||
	     k.key_len > sizeof(k.key)))
		__builtin_trap();
	return 0;
}
