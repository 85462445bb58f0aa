/*
 * twins: devices of the index that are probably one machine.
 */
#pragma once

#include "services/api/index/index.h"

/* What devices that are probably one machine have in common. */
enum index_twin {
	INDEX_TWIN_MACHINE, /* the machine id */
	INDEX_TWIN_HOST,    /* host name, user and system */
};

enum { INDEX_TWINS_SHOWN = 20 }; /* devices of a group that are in a page */

/* Groups of two devices or more. PAGE has the rows of one group behind the
 * other, the online and the last seen first; its total is the number of all
 * groups. */
struct index_twins {
	size_t n;       /* groups in the page */
	size_t *counts; /* devices of each, shown or not */
	struct index_page page;
};

/* Q chooses the devices and the page; its order means nothing. 0 or -ENOMEM;
 * index_twins_free() ends it. */
MUST_USE int index_twins(struct index *ix, const struct index_query *q,
			 enum index_twin by, struct index_twins *out);
void index_twins_free(struct index_twins *t);
