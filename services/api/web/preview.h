/*
 * preview: who would gain and who would lose access by a change of groups,
 * rules, members or control roles. The change is the call that would make it,
 * run up to its commit.
 */
#pragma once

#include "services/api/core/call.h"

enum { PREVIEW_BODY_MAX = 256 << 10 }; /* as of the calls themselves */

int web_preview(struct call *c);
