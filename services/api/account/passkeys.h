/*
 * passkeys: what a user sees and does with his own; passkey.h has the proofs.
 */
#pragma once

#include "services/api/core/call.h"

int passkeys_list(struct call *c);
/* What navigator.credentials.create() wants (Level 3, 5.4; binary members in
 * base64url). */
int passkeys_begin(struct call *c);
int passkeys_add(struct call *c);
int passkeys_rename(struct call *c);
int passkeys_remove(struct call *c);
