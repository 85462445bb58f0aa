/*
 * files: a file of a folder, and never one outside of it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"

enum {
	FILES_DEPTH_MAX = 8,  /* folders of a path; ours have two */
	FILES_NAME_MAX = 128, /* bytes of one part of a path */
	FILES_SIZE_MAX = 64 << 20,
};

struct file {
	int fd;
	uint64_t size;
	int64_t changed_ns; /* Unix time of the last change */
};

/*
 * Opens the file PATH ("assets/page.js") below the folder ROOT for reading.
 * Every part is opened by itself and no link is followed, so no spelling leads
 * out; names that begin with a dot, folders, devices and files above
 * FILES_SIZE_MAX do not exist. 0, or -errno; out->fd is the caller's.
 */
MUST_USE int files_open(const char *root, const char *path, struct file *out);
