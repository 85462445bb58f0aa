/*
 * webhooks: events delivered by HTTP POST, signed with HMAC-SHA256.
 *
 * Header X-Signature: sha256=<hex of HMAC(secret, body)>. The worker of one
 * node at a time turns new entries of the event stream into jobs.
 */
#pragma once

#include "services/api/core/call.h"

enum { WEBHOOKS_MAX = 20 }; /* each event becomes that many deliveries */

void webhooks_collect(struct app *app, struct db *d);
struct doc **webhooks_all(struct db *d, size_t *n);
/* 0; -EINVAL: the target refuses this one; -EIO: it does not answer. */
MUST_USE int webhook_deliver(struct app *app, struct db *d,
			     struct json_object *job, const char **why);

int webhooks_list(struct call *c);
int webhooks_create(struct call *c);
int webhooks_update(struct call *c);
int webhooks_delete(struct call *c);
int webhooks_test(struct call *c);
