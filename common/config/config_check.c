#include "common/config/config_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/addr.h"
#include "common/base/hostport.h"
#include "common/base/log.h"
#include "common/proto/forwarded.h"
#include "common/redis/redis_url.h"

static bool bad(const char *text, const char *what, char *why, size_t size)
{
	snprintf(why, size, "'%s' %s", text, what);
	return false;
}

static bool check_redis(const char *text, char *why, size_t size)
{
	struct redis_url url;
	const char *what = "";
	bool ok = redis_url_parse(text, &url, &what) == 0;

	redis_url_wipe(&url);
	snprintf(why, size, "%s", what);
	return ok;
}

static bool check_networks(const char *text, char *why, size_t size)
{
	char entry[ADDR_TEXT_MAX];
	struct trusted nets;
	int err = trusted_parse(text, &nets);

	if (err == 0)
		return true;
	if (err == -E2BIG) {
		snprintf(why, size, "more than %d networks", TRUSTED_MAX);
		return false;
	}
	trusted_fault(text, entry);
	return bad(entry, "is not a network such as 10.0.0.0/8", why, size);
}

static bool check_hosts(const char *text, bool many, char *why, size_t size)
{
	const char *rest = text;
	struct hostport e;

	if (hostport_bad(text, &e))
		return bad(e.text, e.why, why, size);
	if (!many && hostport_next(&rest, &e) && *rest != '\0')
		return bad(text, "is more than one host", why, size);
	return true;
}

static bool check_address(const char *text, bool port, char *why, size_t size)
{
	struct hostport e;

	hostport_address(text, port, &e);
	return e.verdict == HOSTPORT_OK || bad(e.text, e.why, why, size);
}

bool config_check(enum opt_kind kind, const char *text, char *why, size_t size)
{
	enum log_format format;
	enum log_level level;
	struct cidr net;

	if (kind == OPT_LOG_LEVEL)
		return log_level_parse(text, &level) == 0 ||
		       bad(text, "is not debug, info, warn or error", why,
			   size);
	if (kind == OPT_LOG_FORMAT)
		return log_format_parse(text, &format) == 0 ||
		       bad(text, "is not text or json", why, size);
	if (text[0] == '\0')
		return true;
	if (kind == OPT_REDIS_URL)
		return check_redis(text, why, size);
	if (kind == OPT_NETWORK)
		return cidr_parse(text, &net) == 0 ||
		       bad(text, "is not a network such as 10.0.0.0/8", why,
			   size);
	if (kind == OPT_NETWORKS)
		return check_networks(text, why, size);
	if (kind == OPT_BIND || kind == OPT_ADDRESS)
		return check_address(text, kind == OPT_ADDRESS, why, size);
	if (kind == OPT_HOST || kind == OPT_HOSTS)
		return check_hosts(text, kind == OPT_HOSTS, why, size);
	return true;
}
