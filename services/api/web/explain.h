/*
 * explain: may this user reach this device, by which rule, with which
 * permissions? Decided by the code that decides in signalling.
 */
#pragma once

#include "services/api/core/call.h"

int web_explain(struct call *c);
