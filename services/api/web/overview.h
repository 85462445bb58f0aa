/*
 * overview: the site at a glance. Counters and leases only: no scan.
 */
#pragma once

#include "services/api/core/call.h"

/* Who may see the site and its servers. */
bool overview_may(const struct call *c);
int web_overview(struct call *c);
