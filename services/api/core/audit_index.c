#include "services/api/core/audit_index.h"
#include "common/site/keynames.h"
#include "services/api/core/audit_drop.lua.h"
#include "services/api/core/audit_index.lua.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { INDEX_BATCH = 500 }; /* rows of one script: some milliseconds */

const char *audit_bytes_key(struct db *d, enum doc_kind kind)
{
	return pool_printf(d->pool, "%s:bytes", doc_key(kind));
}

const char *audit_of_key(struct db *d, enum doc_kind kind, const char *device)
{
	return pool_printf(d->pool, "%s:of:%s", doc_key(kind), device);
}

const char *audit_by_key(struct db *d, enum doc_kind kind, const char *user)
{
	return pool_printf(d->pool, "%s:by:%s", doc_key(kind), user);
}

static void add_bytes(struct tx *t, enum doc_kind kind, long by)
{
	tx_do(t, "INCRBY", audit_bytes_key(t->db, kind),
	      pool_printf(t->pool, "%ld", by), NULL);
}

void audit_index_save(struct tx *t, const struct doc *row)
{
	const char *device = doc_text(row, AUDIT_DEVICE_GUID);
	const char *user = doc_text(row, AUDIT_USER);
	const char *score = pool_printf(t->pool, "%" PRId64,
					doc_int(row, ANY_CREATED_AT, 0));

	add_bytes(t, row->kind,
		  (long)strlen(js_dump(row->j)) -
			  (long)(row->raw ? strlen(row->raw) : 0));
	if (*device)
		tx_do(t, "ZADD", audit_of_key(t->db, row->kind, device), score,
		      row->guid, NULL);
	if (*user)
		tx_do(t, "ZADD", audit_by_key(t->db, row->kind, user), score,
		      row->guid, NULL);
}

void audit_index_delete(struct tx *t, const struct doc *row)
{
	add_bytes(t, row->kind, -(long)strlen(row->raw));
	tx_do(t, "ZREM",
	      audit_of_key(t->db, row->kind, doc_text(row, AUDIT_DEVICE_GUID)),
	      row->guid, NULL);
	tx_do(t, "ZREM",
	      audit_by_key(t->db, row->kind, doc_text(row, AUDIT_USER)),
	      row->guid, NULL);
}

bool audit_drop(struct db *d, enum doc_kind kind, const char *before, int batch,
		int most)
{
	char batch_text[16], most_text[16];

	snprintf(batch_text, sizeof(batch_text), "%d", batch);
	snprintf(most_text, sizeof(most_text), "%d", most);
	return db_num(db_eval(d, &audit_drop_lua, 2, doc_key(kind),
			      doc_order_key(kind), before, batch_text,
			      most_text, NULL)) == batch;
}

bool audit_indexed(struct db *d)
{
	return db_text(db_do(d, "GET", KEY_AUDIT_INDEXED, NULL));
}

/* Rows that are written meanwhile index themselves, and twice is as once;
 * their bytes are counted anew at the end of each kind. */
static bool index_batch(struct db *d, enum doc_kind kind)
{
	char batch[16];

	snprintf(batch, sizeof(batch), "%d", INDEX_BATCH);
	return db_num(db_eval(d, &audit_index_lua, 2, doc_key(kind),
			      doc_order_key(kind), KEY_AUDIT_INDEXING, batch,
			      NULL)) > 0;
}

bool audit_index_all(struct db *d)
{
	if (audit_indexed(d))
		return true;
	for (enum doc_kind k = DOC_AUDIT_CONN; k <= DOC_AUDIT_CONSOLE; k++)
		if (index_batch(d, k))
			return false;
	if (d->away)
		return false;
	db_do(d, "SET", KEY_AUDIT_INDEXED, "1", NULL);
	db_do(d, "DEL", KEY_AUDIT_INDEXING, NULL);
	return true;
}
