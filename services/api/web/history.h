/*
 * history: the site's numbers over time, in bounded space in Redis.
 *
 *   api:history:day   hash minute of the day -> row: a day by minute
 *   api:history:year  hash day of the year -> row: the highest of each day
 *   api:history:at    the minute that was written last: one node writes it
 *
 * A row is "unix_s online devices sessions relay_sessions relay_bits_per_s".
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/index/index.h"
#include "services/api/web/nodes.h"

enum { HISTORY_MINUTES = 1440, HISTORY_DAYS = 366 };

/* Once a minute, by whichever node is first: writes the row. */
void history_tick(struct app *app, struct db *d, const struct nodes *nodes,
		  struct index_sums sums);

/* Sums over the relays. */
struct relay_load {
	uint64_t sessions, bits_per_s;
};
struct relay_load history_relays(const struct nodes *nodes);

/* GET /api/web/history?span=day|year */
int web_history(struct call *c);
