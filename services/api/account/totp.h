/*
 * totp: time-based codes (liboath); a recovery code does in place of one.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	TOTP_STEP_S = 30,
	TOTP_WINDOW = 1, /* steps a clock may be off */
};

/* True if CODE is right; a code is good once (changes U, save it). */
bool totp_use(struct call *c, struct doc *u, const char *code);

int totp_setup(struct call *c);   /* secret for the authenticator app */
int totp_confirm(struct call *c); /* first code: switches it on */
int totp_disable(struct call *c); /* own account, with a code */
