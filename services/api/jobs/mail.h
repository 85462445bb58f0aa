/*
 * mail: templates and the queue of outgoing mail; jobs.c delivers.
 */
#pragma once

#include "services/api/core/call.h"

bool mail_enabled(struct db *d);
/* TEMPLATE: code, invite, alarm, totp, reset, moved, test. VALUE replaces
 * {value} in it. */
void mail_queue(struct tx *t, struct call *c, const char *to,
		const char *template, const char *value);
/* Sends now: 0; -EINVAL: this mail was refused for good; -EIO: the server does
 * not take mail now. *WHY, in D's pool, has the server's own words. */
MUST_USE int mail_send(struct app *app, struct db *d, const char *to,
		       const char *subject, const char *body, const char **why);

int mail_test(struct call *c); /* POST /api/settings/smtp/test */
