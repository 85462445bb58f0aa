/*
 * client_options: the client's settings that a strategy can fix, by group.
 *
 * The client knows about 110 of them; any other name is let through as it is,
 * with any text. Pure.
 */
#pragma once

#include <stddef.h>

enum option_kind {
	OPTION_SWITCH, /* Y or N */
	OPTION_CHOICE, /* one of values */
	OPTION_NUMBER, /* digits */
	OPTION_TEXT,
};

struct client_option {
	const char *group; /* where the console shows it */
	const char *name;
	enum option_kind kind;
	const char *fallback; /* what the client does without it */
	const char *values;   /* of a choice, with blanks between */
	const char *text;     /* what it means, in English */
};

/* The I-th of the catalogue, or NULL behind the last. */
const struct client_option *client_option_at(size_t i);
/* NULL: not in the catalogue. */
const struct client_option *client_option_find(const char *name);

/* "switch", "choice", "number", "text". */
const char *client_option_kind(const struct client_option *o);

/* May NAME be fixed to VALUE? NULL: yes ("" is the client's own default), else
 * what it must be, as the end of "NAME must be ...". */
const char *client_option_refuses(const char *name, const char *value);
