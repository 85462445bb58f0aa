/*
 * auth: who is calling, and whether the route's requirement is met.
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/core/route.h"

enum { AUTH_RENEW_S = 3600 }; /* a session's life is extended this often */

/* Fills c->who from the bearer token. */
void auth_load(struct call *c);

/* 0, 401 or 403. */
unsigned auth_check(const struct call *c, const struct route *r);

/* Redis key of a session: also read by hbbs. */
const char *auth_token_key(struct db *d, const char *hash);

/* Fills WHO's grants from the user's administrator roles (or all). */
void auth_grants(struct db *d, struct who *who);
