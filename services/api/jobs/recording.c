#include "services/api/jobs/recording.h"

#include <stdio.h>
#include <string.h>

#define NEW_PREFIX "incoming_"
#define OLD_PREFIX "s"

enum { TIME_DIGITS = 14 };

bool recording_name_ok(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-";
	size_t n = name ? strlen(name) : 0;

	return n > 0 && n <= RECORDING_NAME_MAX && *name != '.' &&
	       strspn(name, allowed) == n;
}

static const char *after(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 ? name + len : NULL;
}

bool recording_device(const char *name, char id[static RECORDING_ID])
{
	const char *from = after(name, NEW_PREFIX);

	if (!from)
		from = after(name, OLD_PREFIX);
	/* An id may have a "_" itself: it ends where the time begins. */
	for (const char *end = from ? strchr(from, '_') : NULL; end;
	     end = strchr(end + 1, '_')) {
		size_t len = (size_t)(end - from);
		if (len == 0 || len >= RECORDING_ID ||
		    strspn(end + 1, "0123456789") < TIME_DIGITS)
			continue;
		memcpy(id, from, len);
		id[len] = '\0';
		return true;
	}
	return false;
}

void recording_name(const char *name, unsigned n,
		    char out[static RECORDING_NAME])
{
	const char *dot = strrchr(name, '.');
	size_t stem = dot ? (size_t)(dot - name) : strlen(name);

	if (n <= 1)
		snprintf(out, RECORDING_NAME, "%s", name);
	else
		snprintf(out, RECORDING_NAME, "%.*s~%u%s", (int)stem, name, n,
			 name + stem);
}
