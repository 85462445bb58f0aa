/*
 * login: POST /api/login in its steps, and log-out.
 */
#pragma once

#include "services/api/account/guard.h"
#include "services/api/core/call.h"

int login_options(struct call *c);
int login(struct call *c);
int login_logout(struct call *c);

/* Is this the lane in which the password of NAME is checked? If not, the caller
 * returns CALL_LATER; see call_lane(). */
bool login_lane(struct call *c, const char *name, enum guard who);
/* Answers with a new session of U (contract 2.2). */
int login_finish(struct call *c, struct doc *u);
/* Makes the session and returns the AuthBody; 0 or tx error. FIRST may be
 * NULL or adds to the transaction. */
MUST_USE int login_session(struct call *c, struct tx *t, struct doc *u,
			   struct json_object **out);
/* The one name under which failures of NAME count, however it is written. */
const char *login_account(struct call *c, const char *name);
/* The user of NAME if PASSWORD is his, checked where the account lives; else
 * NULL. Costs the same whether or not the name exists. *WHY, for the user: it
 * could not be checked, and does not count as wrong. */
struct doc *login_check(struct call *c, const char *name, const char *password,
			const char **why);
/* A user by name or e-mail address. */
struct doc *login_find(struct call *c, const char *name);
