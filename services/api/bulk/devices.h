/*
 * devices: many devices enabled, disabled, assigned, retired, deleted.
 */
#pragma once

#include "services/api/bulk/bulk.h"
#include "services/api/bulk/ops.h"

bulk_plan bulk_devices_plan;

/* What can be done with devices by that name, or NULL. */
const struct bulk_op *bulk_devices_op(const char *name);

/* POST /api/devices/bulk: those that are named, or all that match. */
int bulk_devices(struct call *c);
