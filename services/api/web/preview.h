/*
 * preview: who would gain and who would lose access by a change of groups,
 * rules, members, control roles, users or devices. The change is the call that
 * would make it, or several that change different things, run up to their
 * commit.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	PREVIEW_BODY_MAX = 256 << 10, /* as of the calls themselves */
	PREVIEW_CALLS_MAX = 1000,     /* about a millisecond each */
	PREVIEW_WRITES_MAX = 20000,   /* of all calls together: their memory */
};

int web_preview(struct call *c);
