/*
 * infile: a file that can be read twice. Standard input goes through a
 * temporary file without a name.
 */
#pragma once

#include <stdio.h>

#include "common/base/attr.h"

/* PATH "-" is standard input. 0 or -errno. */
MUST_USE int infile_open(const char *path, FILE **out);
