/*
 * audit_index: what is kept beside the audit rows, so that a listing costs
 * what it shows and the rows have a size.
 *
 *   api:{kind}:bytes       bytes of all rows of the kind
 *   api:{kind}:of:{guid}   zset of the rows of one device, score = created
 *   api:{kind}:by:{guid}   zset of the rows with one user
 *   api:audit:indexed      "1": rows from before this index are in it
 */
#pragma once

#include "services/api/core/doc.h"

/* With the row's own write in the transaction. */
void audit_index_save(struct tx *t, const struct doc *row);
void audit_index_delete(struct tx *t, const struct doc *row);

const char *audit_of_key(struct db *d, enum doc_kind kind, const char *device);
const char *audit_by_key(struct db *d, enum doc_kind kind, const char *user);
const char *audit_bytes_key(struct db *d, enum doc_kind kind);

/* Removes up to BATCH rows older than BEFORE (ms, as text), or the oldest
 * beyond MOST; true if there may be more. */
bool audit_drop(struct db *d, enum doc_kind kind, const char *before, int batch,
		int most);

bool audit_indexed(struct db *d);
/* Indexes old rows, a batch at a time; true when all are. */
bool audit_index_all(struct db *d);
