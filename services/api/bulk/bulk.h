/*
 * bulk: many things changed by one call, in steps.
 *
 * A call starts a job or goes on with it, works on it for a second and says
 * how far it is; whoever wants more calls again. It runs in a lane of its own,
 * so heartbeats wait for none of it. The rights are looked at for each row, as
 * the call for one thing does, and a row that is refused says why.
 */
#pragma once

#include "services/api/bulk/job.h"

enum {
	BULK_STEP_MS = 1000, /* of one call */
	BULK_TRIES = 8,      /* of a chunk that somebody else changed */
};

/* Decides about ROWS and adds to T what changes. T may be thrown away. */
typedef void bulk_plan(struct call *c, struct tx *t, const struct bulk_job *j,
		       struct bulk_row *rows, size_t n);

struct bulk_kind {
	const char *name;
	size_t chunk; /* rows of one transaction */
	bulk_plan *plan;
	bool undoes; /* its rows tell what was */
};

/* NULL: there is none of that name. */
const struct bulk_kind *bulk_kind(const char *name);

/* Starts J, or goes on if it is the caller's already; works and answers. */
int bulk_run(struct call *c, struct bulk_job *j,
	     struct json_object *const *rows, size_t n);
/* Is the call to go on with what it has started before? Then *R is what the
 * handler returns. Also when another job is under way, or this is not the lane.
 */
bool bulk_under_way(struct call *c, int *r);
/* The plans of chunks of ROWS, in one answer; nothing changes. */
int bulk_preview(struct call *c, struct bulk_job *j,
		 struct json_object *const *rows, size_t n);

int bulk_show(struct call *c);
int bulk_continue(struct call *c);
int bulk_undo(struct call *c);
int bulk_stop(struct call *c);
