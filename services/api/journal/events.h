/*
 * events: what happened, for webhooks and the event stream.
 *
 * An event is an entry of the Redis stream api:events (bounded), added in
 * the transaction that it reports. Webhook deliveries are made from it by
 * the worker.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	EVENTS_MAX = 10000,     /* entries kept: some hours of a busy site */
	EVENTS_TEXT_MAX = 1024, /* bytes of a member; the row has it whole */
};

/* KIND: console, conn, file, alarm. */
void events_add(struct tx *t, const char *kind, struct json_object *row);

/* GET /api/events?after=<id>: the entries after an id, at most 1000. */
int events_list(struct call *c);
