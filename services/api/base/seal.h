/*
 * seal: passwords, tokens and secrets at rest (libsodium).
 *
 * Passwords are argon2id; tokens are stored as SHA-256; everything that must
 * be read back (TOTP secrets, OIDC and SMTP passwords, address-book
 * passwords) is sealed with XChaCha20-Poly1305 under the key file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/api/base/pool.h"

enum {
	SEAL_KEY = 32,
	SEAL_HASH = 65,      /* hex SHA-256 with its NUL */
	SEAL_PASSWORD = 128, /* crypto_pwhash_STRBYTES */
	SEAL_TOKEN = 44,     /* 32 random bytes, base64url, with NUL */
	SEAL_PASSWORD_MIN = 8,
	SEAL_PASSWORD_MAX = 256,
};

struct seal {
	uint8_t key[SEAL_KEY];
};

/* Reads 32 bytes in base64 from PATH; with CREATE writes a new key there
 * (0600) if the file does not exist. 0, -EINVAL or -errno. */
MUST_USE int seal_load(struct seal *s, const char *path, bool create);

/* 50 ms of CPU and 19 MiB each: on the threads of a few lanes (lanes.h). */
void seal_password(const char *password, char out[static SEAL_PASSWORD]);
bool seal_password_ok(const char *stored, const char *password);
/* Costs as much as a check: for unknown user names. One at a time. */
void seal_password_waste(const char *password);

void seal_token(char out[static SEAL_TOKEN]);
void seal_hash(const char *text, char out[static SEAL_HASH]);
/* A random N-digit code. */
void seal_digits(unsigned n, char *out);

/* Text form of the sealed TEXT, from the pool; "" stays "". */
char *seal_close(const struct seal *s, struct pool *p, const char *text);
/* The plain text, or NULL if it was not sealed with this key. */
char *seal_open(const struct seal *s, struct pool *p, const char *sealed);

void seal_hmac(const struct seal *s, const char *text,
	       char out[static SEAL_HASH]);
