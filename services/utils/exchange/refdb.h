/*
 * refdb: the reference server's database db_v2.sqlite3 (spec 6.7).
 *
 * Older releases of it use write-ahead logging, and a server that was killed
 * leaves committed peers in the -wal file alone. So the set of files is
 * copied to a temporary folder and SQLite opens the copy: what it does to
 * read it, recovery included, never touches the original.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/site/record.h"

enum {
	REFDB_ID_MIN = 6, /* spec 6.7: shorter ones cannot register */
	REFDB_PROBLEM_MAX = 512,
};

/* What becomes of a row. */
enum refdb_row {
	REFDB_PEER,     /* ID, RECORD */
	REFDB_SHORT_ID, /* the others are not imported */
	REFDB_LONG_ID,
	REFDB_LONG_UUID,
	REFDB_NO_TEXT, /* the id has bytes that no id has */
};
enum { REFDB_ROWS = REFDB_NO_TEXT + 1 };

struct refdb_peer {
	enum refdb_row kind;
	const char *id; /* valid until the next step */
	size_t id_len;
	struct record record;
	bool odd_info; /* no address in it; imported without */
	bool odd_pk;   /* neither empty nor a key; imported without */
	bool odd_time; /* creation is not a time; now is taken */
};

struct refdb;

/*
 * PATH is the file or its folder. Copies, opens and checks it as a whole. 0,
 * or -1 with a sentence in PROBLEM.
 */
MUST_USE int refdb_open(const char *path, struct refdb **out,
			char problem[static REFDB_PROBLEM_MAX]);

/* Rows in it. */
uint64_t refdb_count(const struct refdb *db);

/* 1 and the next row, 0 after the last, -1 with PROBLEM. NOW_S is for rows
 * without a time. */
MUST_USE int refdb_next(struct refdb *db, int64_t now_s, struct refdb_peer *out,
			char problem[static REFDB_PROBLEM_MAX]);

void refdb_close(struct refdb *db); /* accepts NULL; removes the copy */
