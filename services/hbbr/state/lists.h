/*
 * lists: the block and throttle files (spec 6.5).
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/ipset.h"

/* What was read, for people to look at. */
struct list_file {
	char path[PATH_MAX]; /* "" if there is no setting */
	bool missing;
	int64_t loaded_s; /* Unix time */
	struct ipset_bad bad;
};

/* Adds the entries of the file PATH, relative to DIR, to SET; a missing file
 * is an empty list, lines that are no address are counted in the log. Fills
 * the zeroed OUT. 0 or -errno (logged). */
MUST_USE int lists_load(const char *dir, const char *path, struct ipset *set,
			struct list_file *out);
