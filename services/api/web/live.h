/*
 * live: connections that are open now, from their audit rows.
 *
 *   api:open:all  zset guid of the row by its beginning; written with the
 *                 row's other index, client/connections
 */
#pragma once

#include "services/api/core/call.h"

size_t live_count(struct db *d);

/* GET /api/web/sessions: those the caller may see, newest first. */
int web_sessions(struct call *c);
