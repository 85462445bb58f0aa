/*
 * settings: what an administrator changes at run time (core/options), shown
 * without secrets and changed.
 */
#pragma once

#include "services/api/core/call.h"

int settings_show(struct call *c);
int settings_change(struct call *c);
