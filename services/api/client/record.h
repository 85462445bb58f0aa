/*
 * record: uploaded session recordings (contract 7), as files in RECORD_DIR.
 *
 * The calls are unauthenticated, so a name is a plain file name, nothing is
 * written outside the folder, and the quota counts.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	RECORD_BODY_MAX = 8 << 20,
	RECORD_FILES_MAX = 10000,
	RECORD_TAIL_MAX = 1024,
};

int record(struct call *c);
/* Before a body is taken; false: answered. */
bool record_wanted(struct call *c);
