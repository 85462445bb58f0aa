/*
 * device_admin: the console's view of the inventory.
 */
#pragma once

#include "services/api/core/call.h"

int devices_list(struct call *c);
int devices_show(struct call *c);
int devices_enable(struct call *c);
int devices_disable(struct call *c);
int devices_delete(struct call *c);
int devices_deleted(struct call *c);
int devices_restore(struct call *c);
