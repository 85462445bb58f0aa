/*
 * csv: rows as a spreadsheet takes them (RFC 4180), and back.
 *
 * A cell that a spreadsheet would take for a formula gets an apostrophe in
 * front, which reading takes away again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "services/api/base/pool.h"

enum { CSV_CELLS_MAX = 64 }; /* of a row that is read */

/* Appends a cell, with a comma before it unless it is the FIRST. 0, or as
 * buf_append(). */
MUST_USE int csv_put(struct buf *b, const char *text, bool first);
MUST_USE int csv_end_row(struct buf *b);

struct csv {
	const char *at; /* what is left */
	char separator;
	struct pool *pool;
	const char *cells[CSV_CELLS_MAX]; /* of the row read last */
	size_t n;
	size_t line; /* where it began, from 1 */
	size_t lines;
	const char *wrong; /* what ended the reading too early, or NULL */
};

/* A semicolon separates where the first line has more of them than commas. A
 * byte order mark is skipped. TEXT outlives it. */
void csv_open(struct csv *v, struct pool *pool, const char *text);
/* The next row that is not empty; false: the end, or WRONG says what is. */
bool csv_row(struct csv *v);
