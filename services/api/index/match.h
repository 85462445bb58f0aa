/*
 * match: which devices a query means. Pure.
 *
 * What can be decided once per user, group or system is decided before the
 * devices are looked at, into one table of flags per kind.
 */
#pragma once

#include "services/api/index/index_impl.h"

struct match {
	const struct index *ix;
	const struct index_query *q;
	char low[8][INDEX_TEXT_MAX]; /* lower case of what is searched */
	const char *id, *name, *username, *note, *address, *text;
	bool text_is_address;
	uint8_t *passes[INDEX_KINDS]; /* by handle; NULL: all pass */
	uint8_t *has_text[INDEX_KINDS];
	uint8_t *may_user, *may_group; /* NULL: everything may be seen */
	bool may_unassigned;
};

/* 0 or -ENOMEM; match_end() in either case. */
MUST_USE int match_begin(struct match *m, const struct index *ix,
			 const struct index_query *q);
bool match_device(const struct match *m, const struct device *d);
void match_end(struct match *m);
