/*
 * deliver: one mail or one webhook call, and what it came to.
 */
#pragma once

#include "services/api/core/call.h"

enum delivery {
	DELIVERY_DONE,
	DELIVERY_REFUSED, /* by a target that answers */
	DELIVERY_SILENT,  /* the target does not answer */
};

/* *WHY, in D's pool, unless done. */
enum delivery deliver(struct app *app, struct db *d, struct json_object *job,
		      const char **why);
