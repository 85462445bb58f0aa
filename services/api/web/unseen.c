#include "services/api/web/unseen.h"

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "services/api/core/app.h"
#include "services/api/core/options.h"
#include "services/api/device/retire.h"
#include "services/api/jobs/purge.h"

enum { DAY_S = 86400 };

/* One without a presence was last seen when it was added. */
static bool retire_one(struct db *d, const char *guid, int64_t before_s,
		       int64_t now_s)
{
	struct doc *dev = doc_get(d, DOC_DEVICE, guid);
	struct tx t;

	if (!dev || doc_int(dev, ANY_CREATED_AT, 0) / 1000 >= before_s)
		return false;
	tx_init(&t, d);
	retire_add(&t, dev, "", now_s);
	if (tx_commit(&t) < 0)
		return false;
	log_info("device_retired", "%s", doc_text(dev, DEVICE_ID));
	return true;
}

void unseen_tick(struct db *d, struct index *ix, bool *more)
{
	uint64_t now_ms = app_now_ms();
	int64_t now_s = (int64_t)(now_ms / 1000);
	int64_t days = field_int(options_get(d, "general"),
				 GENERAL_RETIREMENT_DAYS, 0);
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

	if (days <= 0 ||
	    (!*more && !purge_claim_hour(d, KEY_RETIRE_HOUR, now_ms)))
		return;
	if (index_find(ix, &q, &found) < 0)
		return;
	for (size_t i = 0; i < found.n; i++)
		retired += retire_one(d, found.rows[i].guid, q.seen_before_s,
				      now_s);
	*more = retired > 0 && found.total > found.n;
	index_page_free(&found);
}
