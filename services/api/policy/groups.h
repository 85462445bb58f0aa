/*
 * groups: user groups and device groups, and the rules between them.
 *
 * A rule is stored with guids ({"type":0 user group|1 device group|2 user,
 * "guid"}) and shown with names, so renaming keeps it.
 */
#pragma once

#include "services/api/core/call.h"

int groups_user_list(struct call *c);
int groups_user_create(struct call *c);
int groups_user_update(struct call *c);
int groups_user_delete(struct call *c);
int groups_user_add(struct call *c); /* members */

int groups_device_list(struct call *c);
int groups_device_create(struct call *c);
int groups_device_update(struct call *c);
int groups_device_delete(struct call *c);
int groups_device_add(struct call *c);
int groups_device_remove(struct call *c);
