#include "services/api/web/unseen.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "services/api/core/app.h"
#include "services/api/core/options.h"
#include "services/api/device/retire.h"

enum { DAY_S = 86400, HOUR_MS = 3600000 };

/* One node an hour; what it does not finish waits for the next. */
static bool claim(struct db *d, uint64_t now_ms)
{
	const char *last = db_text(db_do(d, "GET", KEY_RETIRE_HOUR, NULL));
	char hour[24];
	struct tx t;

	snprintf(hour, sizeof(hour), "%" PRIu64, now_ms / HOUR_MS);
	if (d->away || (last && strcmp(last, hour) == 0))
		return false;
	tx_init(&t, d);
	tx_expect_key(&t, KEY_RETIRE_HOUR, last);
	tx_do(&t, "SET", KEY_RETIRE_HOUR, hour, NULL);
	return tx_commit(&t) == 0;
}

/* One without a presence was last seen when it was added. */
static bool retire_one(struct db *d, const char *guid, int64_t before_s,
		       int64_t now_s)
{
	struct doc *dev = doc_get(d, DOC_DEVICE, guid);
	struct tx t;

	if (!dev || js_int(dev->j, "created_at", 0) / 1000 >= before_s)
		return false;
	tx_init(&t, d);
	retire_add(&t, dev, "", now_s);
	if (tx_commit(&t) < 0)
		return false;
	log_info("device_retired", "%s", js_text(dev->j, "id"));
	return true;
}

void unseen_tick(struct db *d, struct index *ix, bool *more)
{
	uint64_t now_ms = app_now_ms();
	int64_t now_s = (int64_t)(now_ms / 1000);
	int64_t days =
		js_int(options_get(d, "general"), "device_retirement_days", 0);
	static const struct grant everything = { .scope = SCOPE_GLOBAL,
						 .perms = UINT64_MAX };
	struct index_query q = {
		.grants = &everything,
		.ngrants = 1,
		.perm = PERM_DEVICE_VIEW,
		.self = "",
		.online = 0,
		.status = -1,
		.seen_before_s = now_s - days * DAY_S,
		.sort = INDEX_BY_SEEN,
		.size = UNSEEN_BATCH,
	};
	struct index_page found;
	size_t retired = 0;

	if (days <= 0 || (!*more && !claim(d, now_ms)))
		return;
	if (index_find(ix, &q, &found) < 0)
		return;
	for (size_t i = 0; i < found.n; i++)
		retired += retire_one(d, found.rows[i].guid, q.seen_before_s,
				      now_s);
	*more = retired > 0 && found.total > found.n;
	index_page_free(&found);
}
