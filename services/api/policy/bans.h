/*
 * bans: addresses, networks and devices that administrators keep out.
 *
 * Each ban is a document and a row for hbbs, hbbr and the apis
 * (common/site/bans.h), written together.
 */
#pragma once

#include "services/api/core/call.h"

int bans_list(struct call *c);
int bans_create(struct call *c);
int bans_end(struct call *c);

/* Removes bans whose time is over; cheap while there is none. */
void bans_tidy(struct app *app, struct db *d);
