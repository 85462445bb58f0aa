/*
 * unseen: retires devices that nobody has seen for as many days as the
 * setting device_retirement_days says, every hour, by whichever node comes
 * first.
 */
#pragma once

#include <stdbool.h>

#include "services/api/core/db.h"
#include "services/api/index/index.h"

enum { UNSEEN_BATCH = 100 }; /* retired in one round of web/watch, 2 s */

/* MORE is the node's own: it has begun this hour and is not done. */
void unseen_tick(struct db *d, struct index *ix, bool *more);
