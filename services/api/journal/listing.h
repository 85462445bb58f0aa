/*
 * listing: reading the audits, as pages or CSV.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	LISTING_CSV_MAX = 1000,
	LISTING_SCAN_MAX = 200000,
	LISTING_TEXT_MAX = 8192, /* bytes of a member that are shown */
};

/* May the caller do P (view, edit) with this row? */
bool listing_may(struct call *c, enum perm p, const struct doc *row);
/* May he know what happened with him and with his devices? */
bool listing_tells_own(struct call *c);
/* Which of N rows he may see; those of his own too, if OWN. */
const bool *listing_visible(struct call *c, struct doc *const *rows, size_t n,
			    bool own);

int listing_conn(struct call *c);
int listing_file(struct call *c);
int listing_alarm(struct call *c);
int listing_console(struct call *c);
