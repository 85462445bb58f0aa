/*
 * strategies: settings of the client that are fixed for many devices.
 */
#pragma once

#include "services/api/core/call.h"

/* As the API shows it; FULL: with the options. The caller owns it. */
struct json_object *strategies_view(const struct doc *s, bool full);

int strategies_list(struct call *c);
int strategies_show(struct call *c);
int strategies_create(struct call *c);
int strategies_update(struct call *c);
int strategies_status(struct call *c);
int strategies_delete(struct call *c);
int strategies_assign(struct call *c);
