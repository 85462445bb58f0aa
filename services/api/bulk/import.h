/*
 * import: devices, users and entries of address books from a CSV file.
 *
 * The first line names the columns, as the export does. An empty cell leaves
 * a member as it is, "-" empties it. With "preview" nothing is written, and the
 * answer says row by row what would be: the same plans decide.
 */
#pragma once

#include "services/api/bulk/bulk.h"
#include "services/api/core/schema.h"

enum {
	IMPORT_MAX = 4 << 20, /* bytes of a file */
	IMPORT_BODY = 8 << 20 /* as JSON has it */
};

/* What a row of each kind may have: names of columns and members. */
extern const struct schema_field import_device[], import_user[], import_book[];

bulk_plan import_devices_plan, import_users_plan, import_book_plan;

int import_devices(struct call *c); /* POST /api/devices/import */
int import_users(struct call *c);   /* POST /api/users/import */
int import_entries(struct call *c); /* POST /api/ab/import/{guid} */
