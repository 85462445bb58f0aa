/*
 * credentials: what a user proves himself with, and how it changes.
 */
#pragma once

#include "services/api/core/call.h"

/* NULL: may be a password; else what is wrong with it. */
const char *credentials_password_wrong(const char *password);
void credentials_set_password(struct doc *u, const char *password);
/* Takes away one-time codes and recovery codes. */
void credentials_drop_totp(struct doc *u);
void credentials_drop_passkeys(struct doc *u);

/* Is it the caller's own? Wrong ones count as log-ins do: a stolen session is
 * no way to guess. True: guard_passed() belongs into what is committed. False:
 * the handler returns *R. */
bool credentials_proved(struct call *c, const char *password, int *r);
int credentials_own_password(struct call *c); /* PUT /api/user/password */
