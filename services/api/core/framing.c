#include "services/api/core/framing.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DIGITS_MAX = 18 }; /* fits 63 bits */

/* Of a name (RFC 9110, 5.6.2). */
static const char token[] = "!#$%&'*+-.^_`|~0123456789"
			    "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* microhttpd takes a line that begins with a space for a part of the name of
 * the header before it, and copies that name to behind everything it read. */
static bool plain(const char *name, const char *value)
{
	size_t len = strspn(name, token);

	if (len == 0 || name[len])
		return false;
	return !value ||
	       ((uintptr_t)name < (uintptr_t)value && !strchr(value, '\r'));
}

void framing_header(struct framing *f, const char *name, const char *value)
{
	size_t digits = value ? strspn(value, "0123456789") : 0;

	f->no_header |= !plain(name, value);
	if (strcasecmp(name, "Transfer-Encoding") == 0) {
		f->encodings++;
		f->malformed |= !value || strcasecmp(value, "chunked") != 0;
	} else if (strcasecmp(name, "Content-Length") == 0) {
		f->lengths++;
		if (digits == 0 || digits > DIGITS_MAX || value[digits])
			f->malformed = true;
		else
			f->length = strtoull(value, NULL, 10);
	}
}

bool framing_line_fits(const char *uri, size_t max, size_t args)
{
	const char *at = strchr(uri, '?');
	size_t n = 0;

	for (; at; at = strchr(at + 1, '&'))
		n++;
	return n <= args && strlen(uri) <= max;
}

const char *framing_fault(const struct framing *f)
{
	if (f->no_header)
		return "Invalid format: header";
	if (f->malformed || f->lengths + f->encodings > 1)
		return "Invalid format: length of the body";
	return NULL;
}
