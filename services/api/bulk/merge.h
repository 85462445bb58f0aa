/*
 * merge: several devices of the inventory are one machine.
 *
 * What the one that is kept lacks it gets from the others: owner, group,
 * strategy, names, note, and their entries in address books. The others are
 * retired, so each can be taken back as it was; what was in a book is in the
 * book's recycle bin.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	MERGE_MAX = 20,      /* devices that go, at a time */
	MERGE_BOOKS = 5000,  /* the oldest are looked at, as for a new id */
	MERGE_ENTRIES = 500, /* that change: one transaction */
};

/* POST /api/devices/merge; with `preview` it says what would change. */
int merge_devices(struct call *c);
