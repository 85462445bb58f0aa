#include "services/api/core/route.h"

#include <string.h>

/* Is METHOD a word of LIST? HEAD is GET without a body. */
static bool has_method(const char *list, const char *method)
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	size_t len = strlen(method);

	for (const char *s = list; s; s = strchr(s, ' ')) {
		s += *s == ' ';
		if (strncmp(s, method, len) == 0 &&
		    (s[len] == 0 || s[len] == ' '))
			return true;
	}
	return false;
}

/* {path*} takes the rest; unknown paths of the API are not pages. */
static bool match_rest(struct call *c, size_t n, const char *path)
{
	if (strncmp(c->path, "/api/", 5) == 0 || strcmp(c->path, "/api") == 0)
		return false;
	c->param[n] = pool_strdup(&c->pool, path);
	return true;
}

/* Matches PATH against a pattern whose {x} segments take one segment each. */
static bool match(struct call *c, const char *pattern, const char *path)
{
	size_t n = 0;

	for (;;) {
		size_t plen = strcspn(pattern, "/"), len = strcspn(path, "/");

		if (plen > 2 && pattern[plen - 2] == '*' && n < 2)
			return match_rest(c, n, path);
		if (*pattern == '{') {
			if (len == 0 || n == 2)
				return false;
			c->param[n++] = pool_memdup(&c->pool, path, len);
		} else if (plen != len || memcmp(pattern, path, len) != 0) {
			return false;
		}
		pattern += plen;
		path += len;
		if (!*pattern || !*path)
			return !*pattern && !*path;
		pattern++;
		path++;
	}
}

bool route_lists(const struct route *r)
{
	return r->query && strstr(r->query, "pageSize");
}

unsigned route_find(struct call *c)
{
	unsigned why = 404;

	for (size_t i = 0; i < nroutes; i++) {
		const struct route *r = &routes[i];

		if (!match(c, r->path, c->path))
			continue;
		why = 405;
		if (!has_method(r->methods, c->method) ||
		    (r->with && !call_query(c, r->with)))
			continue;
		c->route = r;
		return 0;
	}
	return why;
}
