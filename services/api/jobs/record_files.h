/*
 * record_files: RECORD_DIR. A file is made anew, grows at its end, and gets
 * its header once; nothing that is there is ever shortened, replaced or
 * removed by a call.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

struct record_usage {
	int64_t bytes;
	size_t files;
};

/* What the folder DIR holds, in all and of the device ID. */
void record_measure(int dir, const char *id, struct record_usage *all,
		    struct record_usage *own);

/* Is there a recording NAME, waiting to be sent to the storage or not? */
bool record_there(int dir, const char *name);

/* Makes the empty recording NAME. 0 or -errno: -EEXIST. */
MUST_USE int record_make(int dir, const char *name);
/* LEN bytes more; its size must be AT. 0 or -errno: -ENOENT, -ESPIPE if its
 * size is another. */
MUST_USE int record_append(int dir, const char *name, int64_t at,
			   const char *data, size_t len);
/* Writes the first LEN bytes anew, which must be there. 0 or -errno. */
MUST_USE int record_header(int dir, const char *name, const char *data,
			   size_t len);

/* Removes files older than DAYS (0: keeps all). */
void record_purge(const char *path, int64_t days, int64_t now_s);
