/*
 * control_roles: what a controlling user may do in a session, three-valued
 * per permission. Two are built in: "not_logged" for sessions without an
 * account and "default" for users without a role.
 */
#pragma once

#include "services/api/core/call.h"

void control_roles_builtin(struct tx *t, uint64_t now_ms);

int control_roles_list(struct call *c);
int control_roles_show(struct call *c);
int control_roles_create(struct call *c);
int control_roles_update(struct call *c);
int control_roles_delete(struct call *c);
