/*
 * delivery_log: what came of the last calls of each webhook.
 *
 *   api:webhook:log:{guid}  list of JSON rows, the newest first
 */
#pragma once

#include "services/api/core/call.h"

enum {
	DELIVERY_LOG_MAX = 50, /* rows of a webhook */
	DELIVERY_LOG_LIFE_S =
		90 * 86400, /* of a log that nothing is added to */
};

/* RESULT: done, refused (not tried again), silent. */
struct delivery_row {
	const char *event, *kind, *result, *why;
	long status;
	uint64_t ms;
};

/* Adds a row; a Redis that is away forgets it. */
void delivery_log_add(struct db *d, const char *hook,
		      const struct delivery_row *row);
void delivery_log_drop(struct tx *t, const char *hook);

/* GET /api/webhooks/{guid}/deliveries */
int delivery_log_list(struct call *c);
