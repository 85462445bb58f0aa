/*
 * recordings: the sessions that devices have recorded, in the folder and in
 * the storage, to those with the right to see what is on a device's screen.
 *
 *   api:recording:seen:{who}:{file}  "1": who looks at it is in the audit
 *
 * A right that does not reach all devices reaches what was recorded since the
 * device is in the inventory: before, its id may have been another's.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	RECORDINGS_LISTED = 100000, /* the newest of the storage; 12 MB */
	RECORDINGS_SEEN_S = 3600,   /* of one look at a recording */
};

/* One of them, wherever it is. */
struct recording_row {
	const char *name;
	int64_t size;   /* bytes */
	int64_t at_ns;  /* Unix time of its last change, or of its sending */
	bool in_folder; /* else in the storage */
	bool growing;   /* still being uploaded */
};

/* False: there is none of this name. *FD is open where it is in the folder,
 * unless FD is NULL. */
bool recordings_find(struct call *c, const char *name,
		     struct recording_row *out, int *fd);
/* May the caller do P with it? */
bool recordings_may(struct call *c, enum perm p,
		    const struct recording_row *row);

/* GET /api/recordings: those the caller may see. */
int recordings_list(struct call *c);
/* GET /api/recordings/{file}: its bytes, or a part of them. */
int recordings_send(struct call *c);
/* DELETE /api/recordings/{file} */
int recordings_delete(struct call *c);
