/*
 * overview: the site at a glance. Counters and leases only: no scan.
 */
#pragma once

#include "services/api/core/call.h"

int web_overview(struct call *c);
