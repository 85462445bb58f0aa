/*
 * framing: how a request tells the length of its body (RFC 9112, 6.3), and
 * whether its headers are what they seem (RFC 9112, 5).
 *
 * Pure. More than one way, or one that is not plain, is a trick on whoever
 * stands before us: such a request is refused and its connection ended.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct framing {
	unsigned lengths, encodings; /* headers seen */
	bool malformed;              /* one of these */
	bool no_header;              /* a line that others read differently */
	uint64_t length;             /* of Content-Length */
};

/* Takes one header. VALUE may be NULL; it and NAME are where the request's
 * line was, which shows a line that goes on in the next one. */
void framing_header(struct framing *f, const char *name, const char *value);
/* URI, as in the request line, has at most MAX bytes and ARGS parameters. */
bool framing_line_fits(const char *uri, size_t max, size_t args);
/* NULL, or what is wrong, for people. */
const char *framing_fault(const struct framing *f);
