/*
 * outfile: a file that appears whole or not at all. It is written under a
 * temporary name beside it, with mode 0600, synced and renamed.
 */
#pragma once

#include <limits.h>
#include <stdio.h>

#include "common/base/attr.h"

struct outfile {
	FILE *f;
	const char *path;    /* borrowed */
	char temp[PATH_MAX]; /* "": standard output */
};

/* PATH "-" is standard output. 0 or -errno. */
MUST_USE int outfile_open(struct outfile *o, const char *path);

/* 0 or -errno; the file is gone then. */
MUST_USE int outfile_commit(struct outfile *o);

/* Gives up: nothing stays. */
void outfile_abort(struct outfile *o);
