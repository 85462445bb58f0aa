/*
 * ticket: a token that hbbs takes for one device and a minute (ARCHITECTURE.md,
 * "Policy"). Pages ask for one when they connect.
 */
#pragma once

#include "services/api/core/call.h"

enum { TICKET_S = 60 };

/* For whom it is. */
struct ticket_of {
	const char *device; /* id */
	const char *user;   /* guid; of a guest: of who lets him in ... */
	const char *guest;  /* ... by this link; NULL: he is that user */
	int64_t life_s;     /* at most TICKET_S */
};

/* Makes it and answers with it. 0, or tx error. */
int ticket_answer(struct call *c, const struct ticket_of *of);

/* POST /api/web/ticket */
int web_ticket(struct call *c);
