#include "services/api/base/html.h"

#include <string.h>

static const char *entity(char ch)
{
	switch (ch) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

const char *html_escape(struct pool *p, const char *text)
{
	char *out = pool_alloc(p, strlen(text) * 6 + 1), *o = out;

	for (; *text; text++) {
		const char *e = entity(*text);

		if (e)
			o = stpcpy(o, e);
		else
			*o++ = *text;
	}
	*o = 0;
	return out;
}
