#include "common/site/fullness.h"

#include <stdlib.h>
#include <string.h>

/* The number of a line "NAME:123"; 0 without one. */
static uint64_t field(const char *info, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = info; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			return strtoull(line + len + 1, NULL, 10);
	}
	return 0;
}

struct fullness fullness_read(const char *info)
{
	return (struct fullness){
		.used = field(info, "used_memory"),
		.max = field(info, "maxmemory"),
	};
}

bool fullness_nearly(struct fullness f)
{
	return f.max > 0 && f.used / FULLNESS_STRANGERS >= f.max / 100;
}
