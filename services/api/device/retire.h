/*
 * retire: takes devices out of the inventory, and back (retired.h).
 */
#pragma once

#include "services/api/core/call.h"

/* BY: who does it, "" for the server itself. */
void retire_add(struct tx *t, struct doc *dev, const char *by, int64_t now_s);

int retire_device(struct call *c);
int retire_list(struct call *c);
int retire_restore(struct call *c);
