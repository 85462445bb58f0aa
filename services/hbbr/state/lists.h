/*
 * lists: the block and throttle files (spec 6.5).
 */
#pragma once

#include "common/base/attr.h"
#include "services/hbbr/state/ipset.h"

/* Adds the entries of the file PATH, relative to DIR; a missing file is an
 * empty list, lines that are no address are counted in the log. 0 or -errno
 * (logged). */
MUST_USE int lists_load(const char *dir, const char *path, struct ipset *out);
