/*
 * effective: which strategy applies to a device, what a heartbeat brings it,
 * and what each of its settings comes from.
 */
#pragma once

#include "services/api/core/call.h"

/* Adds "modified_at" and "strategy" to the reply to a heartbeat of DEV where
 * needed, and notes once that DEV has what applies. REPORTED: modified_at of
 * the heartbeat. */
void effective_reply(struct call *c, struct doc *dev, int64_t reported,
		     struct json_object *reply);

int effective_show(struct call *c);    /* settings of a device, one by one */
int effective_options(struct call *c); /* the catalogue */
