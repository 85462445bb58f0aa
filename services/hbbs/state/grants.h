/*
 * grants: sides that may be switched without signing in (spec 4.22).
 *
 * The host's grant in Redis is taken by the first request that shows its
 * switch_code. One switch makes several requests, though: retries, a parallel
 * attempt, RequestRelay. So for the rest of its life the grant is remembered
 * here for the address that took it, and for no other. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"

enum {
	GRANTS_MAX = 256, /* switches within 30 s at one node */
	GRANT_MS = 30000,
	GRANT_VERIFIER = 45, /* base64 of 32 bytes and its NUL */
	GRANT_HASH = 32,
};

struct grant {
	uint8_t of[GRANT_HASH]; /* SHA-256 of verifier, key of the device,
				   address */
	uint64_t until_ms;
};

struct grants {
	struct grant list[GRANTS_MAX];
	size_t next; /* the oldest gives way */
};

/* What Redis' key is named after: hides the code from who reads Redis. */
void grants_verifier(const char *switch_code, char out[static GRANT_VERIFIER]);

/* PK is the key of the device, in hex: its id may change. */
void grants_add(struct grants *g, const char *verifier, const char *pk,
		const struct addr *from, uint64_t now_ms);
bool grants_has(const struct grants *g, const char *verifier, const char *pk,
		const struct addr *from, uint64_t now_ms);
