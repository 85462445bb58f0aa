#include "common/site/fullness.h"

#include <stdlib.h>
#include <string.h>

const char *fullness_field(const char *info, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = info; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1;
	}
	return NULL;
}

static uint64_t number(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

/* One that gives up old keys is full all the time, and refuses nobody. */
static bool evicts(const char *policy)
{
	return policy && strncmp(policy, "noeviction", 10) != 0;
}

struct fullness fullness_read(const char *info)
{
	return (struct fullness){
		.used = number(fullness_field(info, "used_memory")),
		.max = evicts(fullness_field(info, "maxmemory_policy"))
			       ? 0
			       : number(fullness_field(info, "maxmemory")),
	};
}

bool fullness_nearly(struct fullness f)
{
	return f.max > 0 && f.used / FULLNESS_STRANGERS >= f.max / 100;
}
