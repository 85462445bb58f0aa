/*
 * outside: what this process knows of the services that it asks: directories,
 * identity providers, mail servers, webhooks, storage.
 *
 * Whoever is about to wait for one asks first; whoever did not answer lately
 * is not waited for (breaker.h). The table is what GET /api/outside shows and
 * what the metrics count.
 */
#pragma once

#include "services/api/core/app.h"
#include "services/api/core/call.h"

enum outside_kind {
	OUTSIDE_LDAP,
	OUTSIDE_OIDC,
	OUTSIDE_SMTP,
	OUTSIDE_WEBHOOK,
	OUTSIDE_S3,
	OUTSIDE_KINDS,
};

enum {
	OUTSIDE_MAX = 128,     /* beyond: the one asked longest ago goes */
	OUTSIDE_NAME_MAX = 96, /* bytes of a name, cut */
	OUTSIDE_WHY_MAX = 256,
};

struct outside; /* the table */

struct outside *outside_open(void);
void outside_close(struct outside *o);

/* May NAME be asked? False: it is known not to answer. */
bool outside_ask(struct app *app, enum outside_kind kind, const char *name);
/* How a conversation that began at BEGAN_MS (app_tick_ms()) ended. WHY NULL:
 * it answered. */
void outside_note(struct app *app, enum outside_kind kind, const char *name,
		  uint64_t began_ms, const char *why);

/* GET /api/outside: kind, name, state, why, since. */
int outside_list(struct call *c);
