/*
 * copyset: a private copy of an SQLite database with its write-ahead log.
 */
#pragma once

#include <limits.h>
#include <stddef.h>

#include "common/base/attr.h"

struct copyset {
	char folder[PATH_MAX]; /* "": nothing was made */
	char path[PATH_MAX];   /* of the copied database */
};

/*
 * FROM is a database file, or a folder with db_v2.sqlite3. The copy goes to a
 * new folder under TMPDIR, or /tmp, or the working directory, whichever can
 * be written to. Fails if the source changes meanwhile. 0, or -1 with a
 * sentence in PROBLEM.
 */
MUST_USE int copyset_make(struct copyset *c, const char *from, char *problem,
			  size_t size);
void copyset_remove(struct copyset *c);
