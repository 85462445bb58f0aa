/*
 * auth: who is calling, and whether the route's requirement is met.
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/core/route.h"

enum {
	AUTH_RENEW_S = 3600, /* a session's life is extended this often */
	AUTH_FRESH_S = 600,  /* a proof counts so long for dangerous acts */
};

/* Fills c->who from the bearer token or a page's cookie. */
void auth_load(struct call *c);
/* May the caller do what asks for a fresh proof? Only pages are asked: who
 * walks up to an open browser has no token. */
bool auth_fresh(const struct call *c);

/* 0, 401 or 403. */
unsigned auth_check(const struct call *c, const struct route *r);

/* Redis key of a session: also read by hbbs. */
const char *auth_token_key(struct db *d, const char *hash);

/* Fills WHO's grants from the user's administrator roles (or all). */
void auth_grants(struct db *d, struct who *who);
