/*
 * export: devices, users and address books as CSV, as import takes it.
 *
 * What matches is looked up at once; the rows are made by and by, as the
 * reader takes them, a hundred at a time, so a slow one costs no thread and
 * little memory.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	EXPORT_ROWS_MAX = 100000, /* 150 bytes each while it is sent */
	EXPORTS_MAX = 4,          /* at a time */
	EXPORT_CHUNK = 100,       /* rows of one look into Redis */
};

int export_devices(struct call *c); /* GET /api/devices/export */
int export_users(struct call *c);   /* GET /api/users/export */
int export_entries(struct call *c); /* GET /api/ab/export/{guid} */
