/*
 * config_text: reads "name = value" lines, for configuration files and .env.
 *
 * Empty lines, lines that start with '#' or ';', and [section] lines are
 * skipped; "export " in front of a name and one pair of quotes around a value
 * are taken off. A '#' later in a line belongs to the value. Pure.
 */
#pragma once

#include <stddef.h>

#include "common/base/attr.h"

struct config_text {
	char *at;      /* next line; the text is cut into strings in place */
	unsigned line; /* number of the line last read, from 1 */
};

/* Borrows TEXT, which is changed, until the last pair was used. */
void config_text_init(struct config_text *t, char *text);

/*
 * The next pair, as strings inside the text. Returns 1, 0 at the end, or
 * -EINVAL for a line that is none of the above (T->line says which).
 */
MUST_USE int config_text_next(struct config_text *t, const char **name,
			      const char **value);
