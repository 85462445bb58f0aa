/*
 * groups: user groups and device groups, and the rules between them.
 *
 * A rule is stored with guids ({"type":0 user group|1 device group|2 user,
 * "guid"}) and shown with names, so renaming keeps it.
 */
#pragma once

#include "services/api/core/call.h"

int user_groups_list(struct call *c);
int user_groups_create(struct call *c);
int user_groups_update(struct call *c);
int user_groups_delete(struct call *c);
int user_groups_add(struct call *c); /* members */

int device_groups_list(struct call *c);
int device_groups_create(struct call *c);
int device_groups_update(struct call *c);
int device_groups_delete(struct call *c);
int device_groups_add(struct call *c);
int device_groups_remove(struct call *c);
