/*
 * signin: pages sign in with the steps of login.h and oidc.h and get a cookie
 * where a client gets an access token, so no script ever sees it.
 */
#pragma once

#include "services/api/core/call.h"

int web_login(struct call *c);
int web_oidc_auth(struct call *c);
int web_oidc_query(struct call *c);
/* What navigator.credentials.get() wants (Level 3, 5.5). With the "secret" of a
 * second step: for that account's passkeys. */
int web_passkey_challenge(struct call *c);
/* Signs in with a passkey alone, or as that second step. */
int web_passkey_login(struct call *c);
/* Ends this session, or with "everywhere" all of the user's. */
int web_logout(struct call *c);
/* Password, one-time code or passkey once more: makes the session fresh
 * (auth.h). */
int web_reauth(struct call *c);
