/*
 * clones: ids of several machines, found, shown and resolved (clone.h).
 *
 * When a device reports other facts than before, its heartbeats are asked for
 * more for a while (api:clone:watch:{guid}), so that each machine that uses
 * the id shows itself. What is found is a document with the device's guid. A
 * device whose facts stay costs nothing.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	CLONES_MAX = 1000,     /* found ids; people read the list */
	CLONES_LEAVE_MAX = 64, /* copies being sent away at a time */
	CLONES_LEAVE_S = 300,  /* a copy that is online is there within 30 s */
};

/* DEV, which is going to be saved, has reported its facts. */
void clones_note(struct tx *t, struct call *c, const struct doc *dev);
/* The device is gone. */
void clones_forget(struct tx *t, const char *guid);
/* Ids that want a decision: CLONES_MAX are looked at, at most. */
size_t clones_open(struct db *d);

/* GET /api/devices/clones */
int clones_list(struct call *c);
/* POST /api/devices/{guid}/clone/keep: the other machines take another id. */
int clones_keep(struct call *c);
/* POST .../clone/ignore: it is one machine, until another shows up. */
int clones_ignore(struct call *c);
/* POST .../clone/check: forget what was found, and look again. */
int clones_check(struct call *c);
