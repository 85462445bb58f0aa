#include "services/api/core/base_url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Bytes of "name", "1.2.3.4" or "[::1]" in "name:port"; 0 if HOST is none. */
static size_t name_len(const char *host)
{
	size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	const char *port = host + (n <= strlen(host) ? n : 0);

	if (*port == ':')
		port++;
	for (; *port; port++)
		if (port == host || !isdigit((unsigned char)*port))
			return 0;
	return n;
}

static bool is(const char *host, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(host, name, len) == 0;
}

static bool listed(const char *names, const char *host, size_t len)
{
	while (*names) {
		names += strspn(names, ", ");
		size_t n = strcspn(names, ", ");

		if (n > 0 && (n == len || n == strlen(host)) &&
		    strncasecmp(names, host, n) == 0)
			return true;
		names += n;
	}
	return false;
}

bool base_url_known(const char *names, const char *host)
{
	size_t len = name_len(host);

	return len > 0 &&
	       (is(host, len, "localhost") || is(host, len, "127.0.0.1") ||
		is(host, len, "[::1]") || listed(names, host, len));
}

const char *base_url(struct call *c)
{
	const char *url = c->app->cfg->public_url;
	size_t len = strlen(url);

	while (len && url[len - 1] == '/')
		len--;
	if (len)
		return call_fmt(c, "%.*s", (int)len, url);
	if (!base_url_known(c->app->cfg->public_names, c->host))
		return NULL;
	return call_fmt(c, "%s://%s", c->https ? "https" : "http", c->host);
}
