/*
 * job: one change of many things on its way, kept in Redis.
 *
 *   api:bulk:{user}         hash: what it does, how far it is
 *   api:bulk:rows:{user}:{guid}  list of what is to be done, sealed; until
 *                                its end
 *   api:bulk:report:{user}  list of what came of each row
 *
 * A chunk of rows is one transaction, which also says how far the job is: each
 * row is done once, whoever goes on with it, and after whatever ended. A user
 * has one job at a time; what came of the last one is kept for an hour.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	BULK_ROWS_MAX = 10000, /* of one job */
	BULK_KEEP_S = 3600,    /* after its last step */
};

enum bulk_result { BULK_SAME, BULK_REFUSED, BULK_CHANGED, BULK_CREATED };

/* One thing that is to change. */
struct bulk_row {
	struct json_object *in; /* what is to be done */
	enum bulk_result result;
	const char *guid;      /* of what it is about; "": none yet */
	const char *name;      /* what people call it */
	const char *why;       /* it was refused */
	const char *was, *now; /* the member before and after; NULL: no undo */
	struct json_object *changes; /* member, before, after; NULL: not told */
};

/* Refuses the row for WHY, unless that is NULL: false. */
bool bulk_refuse(struct bulk_row *r, const char *why);
/* Notes for the preview that MEMBER changes. */
void bulk_note(struct bulk_row *r, const char *member, const char *before,
	       const char *after);

struct bulk_job {
	const char *key, *rows_key, *report_key;
	const char *id;     /* the caller's own */
	const char *kind;   /* of bulk.c's table */
	const char *op;     /* what is done with each; "": what the row says */
	const char *value;  /* as it is stored */
	const char *target; /* the book */
	const char *state;  /* running, done, stopped */
	const char *rows;   /* guid of their list */
	bool undo;
	size_t total, done, changed, refused;
	size_t created; /* by the parts of a preview before this one */
};

/* The caller's job; false: he has none (or Redis is away). */
bool bulk_job_load(struct call *c, struct bulk_job *j);
/* Writes a new job of N rows over an OLD one (NULL: there is none) that does
 * not run any more. 0, -EAGAIN, -EIO. */
MUST_USE int bulk_job_start(struct call *c, struct bulk_job *j,
			    const struct bulk_job *old,
			    struct json_object *const *rows, size_t n);
/* The next rows, up to MOST; *N of them. */
struct bulk_row *bulk_job_rows(struct call *c, const struct bulk_job *j,
			       size_t most, size_t *n);
/* Adds to T that these rows are done; J is what it will be then. */
void bulk_job_step(struct tx *t, struct bulk_job *j,
		   const struct bulk_row *rows, size_t n);
/* Ends it where it is. */
MUST_USE int bulk_job_stop(struct call *c, struct bulk_job *j);

/* How far it is; a new reference. */
struct json_object *bulk_job_view(const struct bulk_job *j);
/* What came of a row; a new reference. */
struct json_object *bulk_row_view(const struct bulk_row *r);
