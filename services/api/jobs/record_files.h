/*
 * record_files: RECORD_DIR. A file is made anew, grows at its end, and gets
 * its header once; nothing that is there is ever shortened, replaced or
 * removed by an upload.
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

/* A recording as it lies there. */
struct record_file {
	const char *name;   /* without the mark of one that is to be sent */
	int64_t size;       /* bytes */
	int64_t changed_ns; /* Unix time of its last change */
	bool growing;       /* maybe: it has no mark */
};

/* Calls FN for every recording of the folder PATH, in no order, until it
 * returns false; NAME is valid during the call. 0 or -errno: PATH. */
MUST_USE int record_each(const char *path,
			 bool (*fn)(void *ctx, const struct record_file *f),
			 void *ctx);
/* Opens the recording NAME for reading and fills OUT, whose name is NAME. A
 * descriptor, or -errno: -ENOENT. */
MUST_USE int record_open(const char *path, const char *name,
			 struct record_file *out);
/* Removes it. 0 or -errno: -ENOENT. */
MUST_USE int record_remove(const char *path, const char *name);
/* May files of the folder be removed? */
bool record_removable(const char *path);

/* Removes files older than DAYS (0: keeps all). */
void record_purge(const char *path, int64_t days, int64_t now_s);
