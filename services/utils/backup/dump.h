/*
 * dump: what is durable in Redis, as records of a backup.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/utils/backup/backupfile.h"
#include "services/utils/db.h"

struct dump_counts {
	uint64_t keys;
	uint64_t foreign; /* keys that are not this stack's */
	bool file_failed; /* the file could not be written: FILE_ERROR */
	int file_error;
	bool moved; /* accounts or devices changed meanwhile */
};

/* Writes all of it to FILE. False after printing why, as COMMAND; a failure
 * to write the file is left to the caller to print. */
MUST_USE bool dump_redis(struct redis_sync *r, const char *command,
			 struct backup_file *file, struct dump_counts *counts);
