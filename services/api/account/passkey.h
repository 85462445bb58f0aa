/*
 * passkey: proofs by passkey (WebAuthn), and what makes them count: the host's
 * name, a challenge of this server, the page that asked, the counter.
 *
 * A challenge is a text under the api's HMAC, so asking for one stores nothing.
 * Once used it is kept until it would have ended, so it is good once.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	PASSKEYS_MAX = 10, /* of a user: phone, laptop, keys, spares */
	PASSKEY_S = 300,   /* time to touch an authenticator */
};

extern const char passkey_refused[];

/* The name that passkeys are for; NULL: they cannot work where the caller's
 * page is. It is the name of PUBLIC_URL, by https; or "localhost". */
const char *passkey_rp(struct call *c);
/* As passkey_rp(), of a Host header, by https or not. Pure: the length of the
 * name at the beginning of HOST, or 0. */
size_t passkey_rp_len(const char *public_url, const char *host, bool https);

/* To be signed: WHAT for is "create" (by USER) or "get" (USER is ""). */
const char *passkey_challenge(struct call *c, const char *what,
			      const char *user);
/* Does clientDataJSON (base64url) answer a challenge of ours that is not used
 * up, on a page of ours? *MARK is for passkey_spend(). */
bool passkey_answers(struct call *c, const char *client, const char *what,
		     const char *user, const char **mark);
/* Bytes of base64url TEXT, in the pool; NULL: it is none. */
const uint8_t *passkey_bytes(struct call *c, const char *text, size_t *len);

/* Whose passkey has this id (base64url); NULL: nobody's. */
struct doc *passkey_owner(struct call *c, const char *credential);
/* U's passkeys as PublicKeyCredentialDescriptor (5.8.3); a new reference. */
struct json_object *passkey_allowed(const struct doc *u);
/* Is the body's "passkey" a proof of U (NULL: of nobody)? If so U has changed:
 * save him, and use up the challenge *MARK in the same transaction. A counter
 * that went back raises an alarm. */
bool passkey_use(struct call *c, struct doc *u, const char **mark);
void passkey_spend(struct tx *t, struct call *c, const char *mark);

/* One of U's passkeys by what lists call it; NULL: none. */
struct json_object *passkey_of(struct call *c, const struct doc *u,
			       const char *id);
/* What lists call the passkey with this credential id. */
const char *passkey_handle(struct db *d, const char *credential);
/* Whose credentials are whose: what of it changes when a user who WAS one thing
 * is NOW another. NULL: he is not. Ids are unique over all accounts. */
void passkey_index(struct tx *t, const struct doc *now, const struct doc *was);
