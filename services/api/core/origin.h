/*
 * origin: whose page makes a call. A page is signed in by a cookie, and a
 * change made by cookie counts only from a page of this server.
 */
#pragma once

#include "services/api/core/call.h"

/* Is HOST (a Host header) this machine itself? */
bool origin_loopback(const char *host);

/* May pages sign in over this connection? On https, and from the machine
 * itself: everywhere else the cookie would cross the network in clear. */
bool origin_secure(const struct call *c);

/* Name of the cookie that holds a page's session on this connection. Browsers
 * take __Host- only from https, so on plain loopback it has another name. */
const char *origin_cookie(const struct call *c);

/* "https://host" of the pages of this server, as the browser calls it. */
const char *origin_own(struct call *c);

/* Was the call made by a page of this server? */
bool origin_ours(struct call *c);

/* Answers with the session TOKEN as a cookie that lives LIFE_S seconds; an
 * empty one takes it away. */
void origin_set_cookie(struct call *c, const char *token, int64_t life_s);
