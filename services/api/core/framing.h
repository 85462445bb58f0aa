/*
 * framing: how a request tells the length of its body (RFC 9112, 6.3).
 *
 * Pure. More than one way, or one that is not plain, is a trick on whoever
 * stands before us: such a request is refused and its connection ended.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct framing {
	unsigned lengths, encodings; /* headers seen */
	bool malformed;
	uint64_t length; /* of Content-Length */
};

/* Takes one header; others than the two are ignored. VALUE may be NULL. */
void framing_header(struct framing *f, const char *name, const char *value);
bool framing_sound(const struct framing *f);
