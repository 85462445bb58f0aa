/*
 * users: many users enabled, disabled, put into a group, deleted.
 */
#pragma once

#include "services/api/bulk/bulk.h"

bulk_plan bulk_users_plan;

/* POST /api/users/bulk */
int bulk_users(struct call *c);
