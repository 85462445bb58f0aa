#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/log.h"
#include "common/redis/redis_sync.h"
#include "services/utils/doctor/check.h"
#include "services/utils/doctor/web.h"

enum {
	CLOCK_MAX_S = 20, /* a code of two factors lives for 30 s */
	DAY_S = 86400,
	RENEW_DAYS = 14,
};

/* Through HTTPS, or by the API's own port. */
static int ask_version(struct doctor *d, struct web_answer *t)
{
	struct web_ask ask = { .host = d->host,
			       .port = d->https_port,
			       .path = "/api/version",
			       .timeout_ms = (unsigned)d->timeout_ms,
			       .insecure = true };
	int r = web_get(&ask, t);

	if (r == 0 && !t->problem[0])
		return 0;
	ask.port = (uint16_t)(d->port - 2);
	ask.plain = true;
	return web_get(&ask, t);
}

static void check_clock(struct doctor *d, int64_t date_s)
{
	long long off = (long long)(date_s - (int64_t)time(NULL));

	if (date_s == 0)
		return;
	if (llabs(off) <= CLOCK_MAX_S)
		doctor_ok("clock", "the server's differs by %lld s", off);
	else
		doctor_fail(d, "clock",
			    "the server's differs from this machine's by %lld "
			    "s. Run a time service on both: codes of two "
			    "factors and certificates depend on it.",
			    off);
}

void check_api(struct doctor *d)
{
	struct web_answer t = { .status = 0 };
	int r = ask_version(d, &t);

	if (r < 0)
		doctor_fail(d, "accounts",
			    "no API through HTTPS on TCP %u nor on TCP %u "
			    "(%s). Start the api; without it there are no "
			    "accounts and address books.",
			    d->https_port, (unsigned)d->port - 2, strerror(-r));
	else if (t.problem[0])
		doctor_fail(d, "accounts",
			    "/api/version: %s. Look at the logs of the api, "
			    "and whether the web server passes /api to it.",
			    t.problem);
	else
		doctor_ok("accounts", "the API answers");
	check_clock(d, t.date_s);
}

void check_certificate(struct doctor *d)
{
	struct web_answer t = { .status = 0 };
	const struct web_ask ask = { .host = d->host,
				     .port = d->https_port,
				     .path = "/",
				     .timeout_ms = (unsigned)d->timeout_ms,
				     .insecure = true };

	if (web_get(&ask, &t) < 0 || t.expires_s == 0)
		return; /* the check of wss tells what is wrong */
	long long days = (long long)(t.expires_s - (int64_t)time(NULL)) / DAY_S;
	if (days >= RENEW_DAYS)
		doctor_ok("certificate", "valid for %lld days", days);
	else if (days < 0)
		doctor_fail(d, "certificate",
			    "it has expired: clients refuse it. Renew it.");
	else
		doctor_fail(d, "certificate",
			    "it expires in %lld days. Renew it: clients refuse "
			    "an expired one.",
			    days);
}

void check_redis(struct doctor *d)
{
	static const char *const ping[] = { "PING" };
	struct redis_sync *redis = NULL;
	struct redis_reply *r = NULL;

	if (!*d->redis_url)
		return;
	log_setup("utils", LOG_ERROR, LOG_TEXT);
	if (redis_sync_open(d->redis_url, "utils", (unsigned)d->timeout_ms,
			    &redis) == 0)
		r = redis_sync_command(redis, 1, ping, NULL);
	if (r && redis_kind(r) == REDIS_STRING)
		doctor_ok("redis", "it answers");
	else
		doctor_fail(d, "redis",
			    "no answer at REDIS_URL. Start Redis, and check "
			    "its name and password: without it no new device "
			    "and no log-in is accepted.");
	redis_reply_free(r);
	redis_sync_close(redis);
}
