#include "services/api/jobs/purge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/core/audit_index.h"
#include "services/api/core/options.h"
#include "services/api/jobs/record_files.h"
#include "services/api/jobs/ship.h"

static void purge_recordings(struct app *app, struct db *d, uint64_t now_ms)
{
	int64_t days =
		field_int(options_get(d, "general"), GENERAL_RECORDING_DAYS, 0);
	int64_t now_s = (int64_t)(now_ms / 1000);

	if (*app->cfg->record_dir)
		record_purge(app->cfg->record_dir, days, now_s);
	if (ship_wanted(app->cfg) && days > 0)
		ship_purge(d, now_s - days * 86400);
}

bool purge_claim_hour(struct db *d, const char *key, uint64_t now_ms)
{
	const char *last = db_text(db_do(d, "GET", key, NULL));
	char hour[24];
	struct tx t;

	snprintf(hour, sizeof(hour), "%" PRIu64, now_ms / 3600000);
	if (d->away || (last && strcmp(last, hour) == 0))
		return false;
	tx_init(&t, d);
	tx_expect_key(&t, key, last);
	tx_do(&t, "SET", key, hour, NULL);
	return tx_commit(&t) == 0;
}

void purge_run(struct app *app, struct db *d, uint64_t now_ms)
{
	if (!audit_index_all(d))
		return; /* the next round goes on */
	char before[24];

	if (!purge_claim_hour(d, KEY_PURGE_HOUR, now_ms))
		return;
	int64_t days =
		field_int(options_get(d, "general"), GENERAL_LOG_DAYS, 0);
	snprintf(before, sizeof(before), "%" PRIu64,
		 days ? now_ms - (uint64_t)days * 86400000 : 0);
	purge_recordings(app, d, now_ms);
	for (enum doc_kind k = DOC_AUDIT_CONN; k <= DOC_AUDIT_CONSOLE; k++)
		while (audit_drop(d, k, before, PURGE_BATCH, PURGE_ROWS_MAX))
			;
}
