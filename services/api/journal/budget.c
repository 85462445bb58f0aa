#include "services/api/journal/budget.h"

#include <string.h>

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "services/api/core/audit_index.h"

enum { SAY_MS = 60000 }; /* between two lines about a full journal */

static void say(struct call *c, const struct doc *row, const char *what)
{
	static _Atomic uint64_t said_ms;
	uint64_t now_ms = app_tick_ms();

	metric_add(&c->app->metrics, M_AUDITS_DROPPED, 1);
	if (said_ms && now_ms - said_ms < SAY_MS)
		return;
	said_ms = now_ms;
	log_warn("audit_full", "device=%s kind=%s: rows are left out (%s)",
		 doc_text(row, AUDIT_DEVICE), doc_key(row->kind), what);
}

bool budget_take(struct tx *t, struct call *c, const struct doc *row)
{
	struct db *d = &c->db;
	const char *day =
		call_fmt(c, KEY_AUDIT_DAY, doc_text(row, AUDIT_DEVICE_GUID));
	const char *kinds[] = { audit_bytes_key(d, DOC_AUDIT_CONN),
				audit_bytes_key(d, DOC_AUDIT_FILE),
				audit_bytes_key(d, DOC_AUDIT_ALARM) };
	const struct redis_reply *r =
		db_do(d, "MGET", day, kinds[0], kinds[1], kinds[2], NULL);
	long long own = db_num(db_item(r, 0)), all = 0;
	long long len = (long long)strlen(js_dump(row->j));

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		all += db_num(db_item(r, i + 1));
	long long kind =
		db_num(db_item(r, 1 + (size_t)(row->kind - DOC_AUDIT_CONN)));
	const char *full = own + len > BUDGET_DEVICE_DAY ? "its day"
			   : kind + len > BUDGET_KIND    ? "its kind"
			   : all + len > BUDGET_ALL      ? "all kinds"
							 : NULL;
	if (full) {
		say(c, row, full);
		return false;
	}
	tx_do(t, "INCRBY", day, call_fmt(c, "%lld", len), NULL);
	if (own == 0)
		tx_do(t, "EXPIRE", day, call_fmt(c, "%d", BUDGET_DAY_S), NULL);
	return true;
}
