/*
 * webauthn: what a browser's authenticator says, verified (W3C Web
 * Authentication, 7.1 and 7.2).
 *
 * Pure: no clock, no Redis. libfido2 (and its CBOR reader, libcbor) are named
 * here alone. Every byte comes from strangers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum {
	WEBAUTHN_ID_MAX = 1023,     /* a credential's id, Level 3, 4 */
	WEBAUTHN_KEY_MAX = 260,     /* RS256: modulus of 2 048 bits, exponent */
	WEBAUTHN_OBJECT_MAX = 8192, /* attestation with its certificates */
};

/* COSE numbers of what is taken, in the order of preference. */
enum { WEBAUTHN_ES256 = -7, WEBAUTHN_EDDSA = -8, WEBAUTHN_RS256 = -257 };

struct webauthn_bytes {
	const uint8_t *data;
	size_t len;
};

struct webauthn_key {
	int alg;
	uint8_t key[WEBAUTHN_KEY_MAX];
	size_t key_len;
	uint8_t id[WEBAUTHN_ID_MAX];
	size_t id_len;
	uint32_t count; /* signatures so far; 0: it does not count */
};

/* A registration: the attestation OBJECT for RP_ID, formats none and packed,
 * by a person whom the authenticator has verified. CLIENT is clientDataJSON.
 * Fills K. 0 or -EINVAL. */
MUST_USE int webauthn_register(const char *rp_id, struct webauthn_bytes object,
			       struct webauthn_bytes client,
			       struct webauthn_key *k);

/* Has the owner of K, whom the authenticator has verified, signed CLIENT for
 * RP_ID? *COUNT is what the authenticator has counted. 0 or -EINVAL. */
MUST_USE int webauthn_verify(const char *rp_id, const struct webauthn_key *k,
			     struct webauthn_bytes authdata,
			     struct webauthn_bytes client,
			     struct webauthn_bytes signature, uint32_t *count);

/* May a signature with count NOW follow one with count BEFORE? If not, there
 * are two of this authenticator (7.2, 22). */
static inline bool webauthn_count_ok(uint32_t before, uint32_t now)
{
	return now > before || (now == 0 && before == 0);
}
