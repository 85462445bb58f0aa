/*
 * challenge: the second step of a log-in, by mailed code or TOTP.
 *
 *   api:challenge:{sha256 of secret}  hash: user, kind, code, device, tries
 */
#pragma once

#include "services/api/core/call.h"

enum challenge_kind { CHALLENGE_EMAIL, CHALLENGE_TOTP };

enum {
	CHALLENGE_S = 600,    /* time to read a mail */
	CHALLENGE_TRIES = 5,  /* wrong codes per challenge */
	CHALLENGE_DIGITS = 6, /* the client's dialogs take exactly six */
};

int challenge_start(struct call *c, struct doc *u, enum challenge_kind kind);
int challenge_answer(struct call *c);
/* Whose challenge the body's "secret" is; NULL: it is over, or another
 * device's. */
struct doc *challenge_user(struct call *c);
/* Uses it up. */
void challenge_end(struct tx *t, struct call *c, const struct doc *u);
