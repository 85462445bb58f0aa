/*
 * admin_roles: delegation of administration (rules/perm.h says what a role
 * allows). Only full administrators edit them.
 */
#pragma once

#include "services/api/core/call.h"

int admin_roles_list(struct call *c);
int admin_roles_create(struct call *c);
int admin_roles_update(struct call *c);
int admin_roles_delete(struct call *c);
