/*
 * fullness: how much of its maxmemory Redis uses.
 *
 * With noeviction a full Redis refuses every write, of everybody. So before
 * that, writes of strangers are refused: the rest is for those who are known.
 * Pure; both services that let strangers write ask INFO memory and judge here.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { FULLNESS_STRANGERS = 95 }; /* percent from which they are refused */

struct fullness {
	uint64_t used; /* bytes */
	uint64_t max;  /* bytes; 0: no limit, unknown, or it evicts */
};

/* What follows "NAME:" in a reply to INFO, to the line's end and beyond, or
 * NULL. */
const char *fullness_field(const char *info, const char *name);
/* From the reply to INFO memory. NULL, or without the fields: zeros. */
struct fullness fullness_read(const char *info);

/* Is what is left only for those who are known? */
bool fullness_nearly(struct fullness f);
