/*
 * budget: how many bytes of audit devices may leave here.
 *
 * Their posts need no account, so they are counted: by device and day, by
 * kind and in all. What is beyond is answered as stored and left out; the
 * audit of administrators is never counted against it.
 *
 *   api:audit:day:{device}  bytes of today, one day
 */
#pragma once

#include "services/api/core/call.h"

enum {
	BUDGET_DEVICE_DAY = 4 << 20, /* 1 000 file audits with full lists */
	BUDGET_KIND = 512 << 20,     /* 1 000 000 usual rows */
	BUDGET_ALL = 1 << 30,
	BUDGET_DAY_S = 86400,
};

/* Room for ROW of the device? Counts it with the transaction if so. */
bool budget_take(struct tx *t, struct call *c, const struct doc *row);
