/*
 * oidc: single sign-on by OpenID Connect (authorization code with PKCE).
 *
 * The client polls with a secret code while the person signs in in a
 * browser. The browser only sees `state`, which is derived from the code one
 * way, so seeing the browser's address bar is not enough to take the session.
 *
 * When the provider has said who he is, a page names the device, its address
 * and the account, and asks; only then the client gets its token.
 *
 *   api:oidc:{state}  hash: provider, verifier, nonce, device, redirect, info,
 *                     id, from; then person and secret (of the page's answer);
 *                     then user or error; OIDC_S seconds
 */
#pragma once

#include "services/api/core/call.h"

enum { OIDC_S = 300 }; /* the client polls for 180 s */

/* The array of login-options; a new reference. */
struct json_object *oidc_options(struct call *c);

int oidc_auth(struct call *c);
int oidc_query(struct call *c);
int oidc_callback(struct call *c);
int oidc_confirm(struct call *c); /* the answer of the page */
