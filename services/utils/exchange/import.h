/*
 * import: what the sources of `rustdesk-utils import` have in common.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct import_settings {
	char *redis_url;
	char *data_dir;
	char *keys;
	int64_t max_peers;
	bool force;
	bool replace;
	bool dry_run;
	bool json;
};

/* Both print their report and return the exit code. */
int import_reference(const struct import_settings *s, const char *path);
int import_json(const struct import_settings *s, const char *path);
