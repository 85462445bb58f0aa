/*
 * recovery: one-time codes for whoever has lost his second factor, or whose
 * mailed code cannot be sent.
 *
 * Six digits, since the clients' dialogs take nothing else; stored as an HMAC
 * under the api's key, so that Redis alone does not give them away.
 */
#pragma once

#include "services/api/core/call.h"

enum { RECOVERY_CODES = 10 };

/* Codes of U that were not used yet. */
size_t recovery_left(const struct doc *u);
/* True if CODE is one of them; it is used up (changes U, save it). */
bool recovery_use(struct call *c, struct doc *u, const char *code);
/* Gives U fresh codes; the old ones end. The plain ones, to be shown once. */
struct json_object *recovery_new(struct call *c, struct doc *u);
int recovery_answer(struct call *c, struct json_object *codes);

int recovery_renew(struct call *c); /* POST /api/tfa/recovery */
