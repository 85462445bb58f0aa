/*
 * legacy: the one address book of clients before books (GET and POST /api/ab).
 */
#pragma once

#include "services/api/core/call.h"

int legacy_get(struct call *c);
int legacy_put(struct call *c);
