/*
 * ops: what can be done with many at once, as tables. Most set one member of
 * a document, which says what it was, so it can be undone.
 */
#pragma once

#include "services/api/bulk/job.h"
#include "services/api/journal/journal.h"

struct bulk_op {
	const char *name;
	enum perm perm;
	enum console_op iop;            /* in the audit */
	const struct field_text *field; /* that it sets; NULL: the status */
	enum doc_kind ref;              /* whose guid; DOC_KINDS: a text */
	const char *value;              /* that it sets; NULL: the caller's */
	bool removes;                   /* it sets nothing */
	bool drastic;                   /* pages need a fresh proof, auth.h */
};

const struct bulk_op *bulk_op_find(const struct bulk_op *ops, size_t n,
				   const char *name);
/* *VALUE as it is stored, for what the caller calls TEXT. NULL: ok. */
const char *bulk_op_value(struct call *c, const struct bulk_op *op,
			  const char *text, const char **value);
/* Is what J sets gone since? Then all ROWS are refused. */
bool bulk_op_gone(struct call *c, const struct bulk_op *op,
		  const struct bulk_job *j, struct bulk_row *rows, size_t n);
/* Sets the member of DOC, whose status is STATUS. True: it is to be saved. */
bool bulk_op_apply(struct call *c, const struct bulk_op *op,
		   const struct bulk_job *j, struct bulk_row *r,
		   struct doc *doc, struct field_int status);

/* The rows of the body's guids, each once; *N of them. */
struct json_object **bulk_guid_rows(struct call *c, size_t *n);
/* The guid of each row. */
const char **bulk_guids_of(struct call *c, const struct bulk_row *rows,
			   size_t n);
/* The body asks for OP, of the table that KIND has (NULL: for none of it), with
 * what ROWS_OF gives (NULL: it has answered): starts the job and answers. */
int bulk_op_run(struct call *c, const char *kind, const struct bulk_op *op,
		struct json_object **(*rows_of)(struct call *c, size_t *n));
