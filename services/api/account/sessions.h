/*
 * sessions: access tokens of signed-in users.
 *
 *   token:{sha256}            hash: user, seen, id, uuid, os, name, ip
 *   api:user:sessions:{guid}  set of the hashes, for ending them all
 */
#pragma once

#include "services/api/core/call.h"

enum { SESSIONS_MAX = 50 }; /* per user: one per device he signs in on */

/* Adds a new session of USER; TOKEN gets the text to hand out. */
void session_add(struct tx *t, struct call *c, const struct doc *user,
		 char token[static SEAL_TOKEN]);
void session_end(struct tx *t, const char *user, const char *hash);
/* The sessions of USER, at most SESSIONS_MAX of them, in one round trip: in
 * turn the hash of one and the values of its N MEMBERS; nil in all of them: it
 * has expired. */
const struct redis_reply *sessions_read(struct db *d, const char *user,
					const char *const *members, size_t n);
/* Key of the set of USER's token hashes. */
const char *sessions_key(struct db *d, const char *user);
void sessions_end_all(struct tx *t, const char *user);
