#include "services/api/core/framing.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DIGITS_MAX = 18 }; /* fits 63 bits */

void framing_header(struct framing *f, const char *name, const char *value)
{
	size_t digits = value ? strspn(value, "0123456789") : 0;

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

bool framing_sound(const struct framing *f)
{
	return !f->malformed && f->lengths + f->encodings <= 1;
}
