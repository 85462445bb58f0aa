/*
 * login: POST /api/login in its steps, and log-out.
 */
#pragma once

#include "services/api/core/call.h"

int login_options(struct call *c);
int login(struct call *c);
int logout(struct call *c);

/* Is this the lane in which the password of NAME is checked? If not, the caller
 * returns CALL_LATER; see call_lane(). */
bool login_lane(struct call *c, const char *name);
/* Answers with a new session of U (contract 2.2). */
int login_finish(struct call *c, struct doc *u);
/* Makes the session and returns the AuthBody; 0 or tx error. FIRST may be
 * NULL or adds to the transaction. */
MUST_USE int login_session(struct call *c, struct tx *t, struct doc *u,
			   struct json_object **out);
/* A user by name or e-mail address. */
struct doc *login_find(struct call *c, const char *name);
