/*
 * purge: audit rows past their retention, every hour, by whichever node
 * claims the hour first.
 */
#pragma once

#include "services/api/core/app.h"

enum {
	PURGE_ROWS_MAX = 1000000, /* audit rows kept per kind in any case */
	PURGE_BATCH = 1000,
};

/* True for one node an hour, which then does what KEY stands for. */
bool purge_claim_hour(struct db *d, const char *key, uint64_t now_ms);
/* Each node purges the recordings of its own folder in the hours it claims. */
void purge_run(struct app *app, struct db *d, uint64_t now_ms);
