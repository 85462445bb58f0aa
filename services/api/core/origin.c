#include "services/api/core/origin.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* Browsers keep no cookie longer. */
static const int64_t cookie_life_max_s = 400 * 86400;

bool origin_loopback(const char *host)
{
	size_t len = strcspn(host, ":");
	bool v4 = strspn(host, "0123456789.") == len &&
		  strncmp(host, "127.", 4) == 0;

	return v4 || (len == 9 && strncasecmp(host, "localhost", 9) == 0) ||
	       strcmp(host, "[::1]") == 0 || strncmp(host, "[::1]:", 6) == 0;
}

/* PUBLIC_URL names this very host with https: a proxy that is not in
 * TRUSTED_PROXIES ends its TLS. */
static bool public_https(const struct call *c)
{
	const char *url = c->app->cfg->public_url;

	if (strncmp(url, "https://", 8) != 0)
		return false;
	size_t len = strcspn(url + 8, "/");
	return *c->host && strlen(c->host) == len &&
	       strncasecmp(url + 8, c->host, len) == 0;
}

static bool over_https(const struct call *c)
{
	return c->https || public_https(c);
}

bool origin_secure(const struct call *c)
{
	return over_https(c) || origin_loopback(c->host);
}

const char *origin_cookie(const struct call *c)
{
	return over_https(c) ? "__Host-session" : "session";
}

const char *origin_own(struct call *c)
{
	return call_fmt(c, "%s://%s", over_https(c) ? "https" : "http",
			c->host);
}

bool origin_ours(struct call *c)
{
	return *c->origin && strcasecmp(c->origin, origin_own(c)) == 0;
}

void origin_set_cookie(struct call *c, const char *token, int64_t life_s)
{
	int64_t age_s = life_s > 0 && life_s < cookie_life_max_s
				? life_s
				: cookie_life_max_s;

	call_header(c, "Set-Cookie",
		    call_fmt(c,
			     "%s=%s; Path=/; Max-Age=%" PRId64
			     "; HttpOnly; SameSite=Lax%s",
			     origin_cookie(c), token, *token ? age_s : 0,
			     over_https(c) ? "; Secure" : ""));
}
