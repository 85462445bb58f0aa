/*
 * report: the lists of addresses that this relay uses, told to the api through
 * Redis (lists:hbbr:{epoch}).
 *
 * They are told every REPORT_EVERY_MS, since the console changes them, and
 * live a little longer: what is shown is what a living relay does.
 */
#pragma once

#include "services/hbbr/edge/registry.h"
#include "services/hbbr/state/lists.h"

enum {
	REPORT_EVERY_MS = 5000,
	REPORT_SHOWN = 50, /* entries of a list: a look, not a copy */
	REPORT_PATH = 255, /* bytes of a path, its end */
	REPORT_MAX = 16384 /* two lists of 50 entries of 64 bytes, 8 lines */
};

struct report_list {
	const char *setting; /* BLACKLIST, BLOCKLIST */
	const struct list_file *file;
	const struct ipset *set; /* in use now */
};

/* Without Redis nothing happens. R may be NULL. */
void report_lists(struct registry *r, const struct report_list lists[static 2]);
