#include "services/api/web/media.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *end, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".mjs", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".json", "application/json; charset=utf-8" },
	{ ".webmanifest", "application/manifest+json; charset=utf-8" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".svg", "image/svg+xml; charset=utf-8" },
	{ ".png", "image/png" },
	{ ".jpg", "image/jpeg" },
	{ ".webp", "image/webp" },
	{ ".ico", "image/x-icon" },
	{ ".woff2", "font/woff2" },
	{ ".wasm", "application/wasm" },
	{ ".webm", "video/webm" },
	{ ".mp4", "video/mp4" },
};

static bool ends(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len >= n && strcasecmp(s + len - n, end) == 0;
}

const char *media_type(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (ends(path, types[i].end))
			return types[i].type;
	return "application/octet-stream";
}

bool media_runs(const char *path)
{
	return ends(path, ".html") || ends(path, ".js") || ends(path, ".mjs");
}

/* "gzip;q=0" refuses, with any number of zeros. */
static bool refused(const char *params, size_t len)
{
	const char *q = memmem(params, len, "q=", 2);

	if (!q)
		return false;
	return strtod(q + 2, NULL) <= 0;
}

bool media_accepts(const char *header, const char *coding)
{
	size_t want = strlen(coding);

	for (const char *s = header; s && *s;) {
		s += strspn(s, ", \t");
		size_t len = strcspn(s, ",");
		size_t name = strcspn(s, ",; \t");

		if (name == want && strncasecmp(s, coding, name) == 0)
			return !refused(s + name, len - name);
		s += len;
	}
	return false;
}

bool media_unchanged(const char *header, const char *etag)
{
	return header && (strcmp(header, "*") == 0 || strstr(header, etag));
}

static bool number(const char **s, uint64_t *out)
{
	char *end;

	if (**s < '0' || **s > '9')
		return false;
	errno = 0;
	*out = strtoull(*s, &end, 10);
	*s = end;
	return errno == 0;
}

enum media_range media_range(const char *header, uint64_t size, uint64_t *first,
			     uint64_t *last)
{
	const char *s = header;
	uint64_t n;

	if (!s || strncasecmp(s, "bytes=", 6) != 0 || strchr(s, ','))
		return MEDIA_WHOLE;
	s += 6;
	if (*s == '-') {
		s++;
		*last = size - 1;
		if (!number(&s, &n) || *s)
			return MEDIA_WHOLE;
		*first = n < size ? size - n : 0;
		return n && size ? MEDIA_PART : MEDIA_OUTSIDE;
	}
	if (!number(&s, first) || *s++ != '-')
		return MEDIA_WHOLE;
	n = UINT64_MAX; /* "5-": to the end */
	if (*s && (!number(&s, &n) || *s || n < *first))
		return MEDIA_WHOLE;
	if (*first >= size)
		return MEDIA_OUTSIDE;
	*last = n < size ? n : size - 1;
	return MEDIA_PART;
}
