/*
 * bootstrap: what an empty Redis needs before anybody can sign in: the first
 * administrator and the two built-in control roles.
 */
#pragma once

#include "common/base/attr.h"
#include "services/api/core/app.h"

/* 0 when everything is there, whoever made it; else try again later. */
MUST_USE int bootstrap(struct app *app, struct db *d);
/* Removes the file with the first password once nobody needs it any more. */
void bootstrap_tidy(struct app *app, struct db *d);
