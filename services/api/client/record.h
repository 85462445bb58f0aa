/*
 * record: uploaded session recordings (contract 7), as files in RECORD_DIR.
 *
 * A client sends neither token nor machine id with them: all there is are the
 * file's name, which says whose recording it is, and the address. So one is
 * taken from where that device has sent heartbeats lately, which do show its
 * machine id; each device has a quota of its own, and those that nobody has
 * vouched for (trust.h) leave half of all to the others.
 *
 *   api:here:{guid}:{address}  "1": a heartbeat of the device came from there
 *   api:recording:{file}       the name of the file that is being written
 *
 * An upload is begun by "new", grows by "part" and ends with "tail" or
 * "remove", or an hour after its last part. What has ended is never changed.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	RECORD_BODY_MAX = 8 << 20,
	RECORD_FILES_MAX = 10000,
	RECORD_FILES_EACH = 1000,
	RECORD_TAIL_MAX = 1024,
	RECORD_HERE_S = 120, /* eight heartbeats */
	RECORD_OPEN_S = 3600,
};

int record(struct call *c);
/* Before a body is taken; false: answered. */
bool record_wanted(struct call *c);
/* A heartbeat of the device GUID has come from this caller. */
void record_here(struct call *c, const char *guid);
