/*
 * accessible: what the client's "accessible devices" panel shows: the users
 * and device groups that the access rules let the caller reach.
 */
#pragma once

#include "services/api/core/call.h"

int users_accessible(struct call *c);
int peers_accessible(struct call *c);
int device_groups_accessible(struct call *c);
