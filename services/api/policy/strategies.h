/*
 * strategies: options pushed to devices.
 */
#pragma once

#include "services/api/core/call.h"

/* The strategy that applies to DEV, or NULL. */
struct doc *strategy_effective(struct db *d, const struct doc *dev);
/* Adds "modified_at" and "strategy" to a heartbeat reply where needed. */
void strategy_reply(struct db *d, const struct doc *dev, int64_t reported,
		    struct json_object *reply);

int strategies_list(struct call *c);
int strategies_show(struct call *c);
int strategies_create(struct call *c);
int strategies_update(struct call *c);
int strategies_status(struct call *c);
int strategies_delete(struct call *c);
int strategies_assign(struct call *c);
int strategies_effect(struct call *c); /* what one device gets, and why */
