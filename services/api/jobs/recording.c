#include "services/api/jobs/recording.h"

#include <stdio.h>
#include <string.h>

#define NEW_PREFIX "incoming_"
#define OLD_PREFIX "s"

enum { TIME_DIGITS = 14 };

#define SENT_IN                                                                \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define KEPT_IN SENT_IN "~"

static bool plain(const char *name, const char *allowed, size_t max)
{
	size_t n = name ? strlen(name) : 0;

	return n > 0 && n <= max && *name != '.' && strspn(name, allowed) == n;
}

bool recording_name_ok(const char *name)
{
	return plain(name, SENT_IN, RECORDING_NAME_MAX);
}

bool recording_kept_ok(const char *name)
{
	return plain(name, KEPT_IN, RECORDING_NAME - 1);
}

void recording_sent_as(const char *name, char out[static RECORDING_NAME])
{
	const char *mark = strchr(name, '~');
	size_t stem = mark ? (size_t)(mark - name) : strlen(name);
	const char *rest =
		mark ? mark + 1 + strspn(mark + 1, "0123456789") : "";

	snprintf(out, RECORDING_NAME, "%.*s%s", (int)stem, name, rest);
}

static const char *after(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 ? name + len : NULL;
}

/* The length of the id, which begins at *FROM; 0: NAME has none. */
static size_t find_id(const char *name, const char **from)
{
	const char *begin = after(name, NEW_PREFIX);

	if (!begin)
		begin = after(name, OLD_PREFIX);
	*from = begin;
	/* An id may have a "_" itself: it ends where the time begins. */
	for (const char *end = begin ? strchr(begin, '_') : NULL; end;
	     end = strchr(end + 1, '_')) {
		size_t len = (size_t)(end - begin);
		if (len > 0 && len < RECORDING_ID &&
		    strspn(end + 1, "0123456789") >= TIME_DIGITS)
			return len;
	}
	return 0;
}

bool recording_device(const char *name, char id[static RECORDING_ID])
{
	const char *from;
	size_t len = find_id(name, &from);

	if (len == 0)
		return false;
	memcpy(id, from, len);
	id[len] = '\0';
	return true;
}

bool recording_began(const char *name, char out[static RECORDING_TIME])
{
	const char *from;
	size_t len = find_id(name, &from);

	if (len == 0)
		return false;
	const char *t = from + len + 1;
	snprintf(out, RECORDING_TIME, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", t, t + 4,
		 t + 6, t + 8, t + 10, t + 12);
	return true;
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
