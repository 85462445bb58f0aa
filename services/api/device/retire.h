/*
 * retire: takes devices out of the inventory, and back (retired.h).
 */
#pragma once

#include "services/api/core/call.h"

/* BY: who does it, "" for the server itself. */
void retire_add(struct tx *t, struct doc *dev, const char *by, int64_t now_s);

/* The caller does it, with its row in the audit. */
void retire_now(struct tx *t, struct call *c, struct doc *dev);
/* Takes back DEV, of retired_take(). NULL, or what is wrong: T is as it was. */
const char *retire_back(struct tx *t, struct call *c, struct doc *dev);

int retire_device(struct call *c);
int retire_list(struct call *c);
int retire_restore(struct call *c);
