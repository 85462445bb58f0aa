/*
 * accessible: what the client's "accessible devices" panel shows: the users
 * and device groups that the access rules let the caller reach.
 */
#pragma once

#include "services/api/core/call.h"

int accessible_users(struct call *c);
int accessible_peers(struct call *c);
int accessible_device_groups(struct call *c);
