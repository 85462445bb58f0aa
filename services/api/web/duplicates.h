/*
 * duplicates: devices that are probably one machine, from the index.
 */
#pragma once

#include "services/api/core/call.h"

enum { DUPLICATES_PAGE = 50 }; /* groups, of INDEX_TWINS_SHOWN devices each */

/* GET /api/devices/duplicates; 503 while the index is built. */
int web_duplicates(struct call *c);
