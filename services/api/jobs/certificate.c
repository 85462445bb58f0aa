#include "services/api/jobs/certificate.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/log.h"
#include "common/site/keynames.h"

enum { ROUND_MS = 2000, DAY_S = 86400 };

/* --- where ---------------------------------------------------------------- */

/* "https://name:port" into OUT, or "". */
static void public_url(const struct api_config *cfg, char *out, size_t size)
{
	static const char https[] = "https://";
	const char *name = cfg->public_url;

	if (strncasecmp(name, https, sizeof(https) - 1) == 0)
		name += sizeof(https) - 1;
	else if (*name)
		name = ""; /* without TLS, as its owner wants it */
	else
		name = cfg->public_names + strspn(cfg->public_names, ", ");
	int len = (int)strcspn(name, "/?#, ");

	if (len == 0 ||
	    snprintf(out, size, "%s%.*s", https, len, name) >= (int)size)
		*out = '\0';
}

/* --- the look ------------------------------------------------------------- */

struct found {
	const char *state;
	int64_t expires_s;
	char why[CERTIFICATE_WHY_MAX];
};

static int64_t end_of(CURL *h)
{
	static const char label[] = "Expire date:";
	struct curl_certinfo *info = NULL;

	if (curl_easy_getinfo(h, CURLINFO_CERTINFO, &info) != CURLE_OK ||
	    !info || info->num_of_certs < 1)
		return 0;
	for (struct curl_slist *i = info->certinfo[0]; i; i = i->next)
		if (strncmp(i->data, label, sizeof(label) - 1) == 0)
			return (int64_t)curl_getdate(
				i->data + sizeof(label) - 1, NULL);
	return 0;
}

/* One handshake and no request. */
static CURLcode shake_hands(const char *url, bool any_authority,
			    struct found *out)
{
	const char *ca = getenv("SSL_CERT_FILE"); /* as OpenSSL has it */
	CURL *h = curl_easy_init();

	if (!h)
		return CURLE_OUT_OF_MEMORY;
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_PROXY, ""); /* clients take none */
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(h, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)CERTIFICATE_MS);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, any_authority ? 0L : 1L);
	if (ca && *ca)
		curl_easy_setopt(h, CURLOPT_CAINFO, ca);
	CURLcode rc = curl_easy_perform(h);
	int64_t end_s = end_of(h);
	if (end_s > 0)
		out->expires_s = end_s;
	curl_easy_cleanup(h);
	return rc;
}

/* With any authority only the name counts, and an end in the past is seen. */
static void look_at(const char *url, struct found *out)
{
	*out = (struct found){ .state = "trusted" };
	CURLcode rc = shake_hands(url, false, out);

	if (rc == CURLE_PEER_FAILED_VERIFICATION) {
		out->state = "private";
		rc = shake_hands(url, true, out);
	}
	if (out->expires_s > 0 &&
	    out->expires_s < (int64_t)(app_now_ms() / 1000))
		out->state = "expired";
	else if (rc == CURLE_PEER_FAILED_VERIFICATION)
		out->state = "wrong_name";
	else if (rc != CURLE_OK || out->expires_s == 0)
		out->state = "unknown";
	if (rc != CURLE_OK)
		snprintf(out->why, sizeof(out->why), "%s",
			 curl_easy_strerror(rc));
}

/* --- one at a time -------------------------------------------------------- */

static struct look {
	struct lane_task task;
	struct app *app;
	char url[CERTIFICATE_URL_MAX];
	_Atomic bool busy;
} look;

static void tell(struct db *d, const char *url, const struct found *f)
{
	bool well = strcmp(f->state, "trusted") == 0 ||
		    strcmp(f->state, "private") == 0;
	const char *now = pool_printf(d->pool, "%" PRIu64, app_now_ms() / 1000);

	db_do(d, "HSET", KEY_CERTIFICATE, CERTIFICATE_URL, url,
	      CERTIFICATE_STATE, f->state, CERTIFICATE_EXPIRES,
	      pool_printf(d->pool, "%" PRId64, f->expires_s), CERTIFICATE_ASKED,
	      now, CERTIFICATE_WHY, f->why, NULL);
	db_do(d, "SET", KEY_CERTIFICATE_ASKED, url, "EX",
	      pool_printf(d->pool, "%d",
			  well ? CERTIFICATE_EVERY_S : CERTIFICATE_SOON_S),
	      NULL);
}

static void run(struct lane_task *t, bool late)
{
	struct pool pool = { 0 };
	struct found found;

	(void)t;
	if (!late) {
		look_at(look.url, &found);
		struct db d = db_take(look.app->db, &pool);
		tell(&d, look.url, &found);
		db_put(look.app->db, &d);
		pool_fini(&pool);
		log_debug("certificate", "%s: %s", look.url, found.state);
	}
	look.busy = false;
}

/* Two nodes that come at once both look, which does no harm. */
static bool is_time(struct db *d, const char *url)
{
	const char *asked =
		db_text(db_do(d, "GET", KEY_CERTIFICATE_ASKED, NULL));

	if (d->away || (asked && strcmp(asked, url) == 0))
		return false;
	db_do(d, "SET", KEY_CERTIFICATE_ASKED, url, "EX",
	      pool_printf(d->pool, "%d", CERTIFICATE_SOON_S), NULL);
	return !d->away;
}

void certificate_tick(struct app *app, struct db *d)
{
	static uint64_t next_ms; /* the worker's; spares Redis a question */
	char url[CERTIFICATE_URL_MAX];

	if (look.busy || app_tick_ms() < next_ms)
		return;
	next_ms = app_tick_ms() + ROUND_MS;
	public_url(app->cfg, url, sizeof(url));
	if (!*url || !is_time(d, url))
		return;
	look.task = (struct lane_task){ .run = run, .key = "certificate" };
	look.app = app;
	strcpy(look.url, url);
	look.busy = true;
	if (lanes_put(app->lanes, LANE_DELIVERY, &look.task) < 0)
		look.busy = false;
}

/* --- what is known -------------------------------------------------------- */

static const char *text(const struct redis_reply *r)
{
	const char *t = db_text(r);

	return t ? t : "";
}

struct certificate certificate_read(struct db *d, const struct api_config *cfg)
{
	struct certificate c = { .state = "none", .name = "", .why = "" };
	char url[CERTIFICATE_URL_MAX];

	public_url(cfg, url, sizeof(url));
	if (!*url)
		return c;
	c.state = "unknown";
	c.name = pool_strdup(d->pool, url + strlen("https://"));
	const struct redis_reply *r = db_do(
		d, "HMGET", KEY_CERTIFICATE, CERTIFICATE_URL, CERTIFICATE_STATE,
		CERTIFICATE_EXPIRES, CERTIFICATE_ASKED, CERTIFICATE_WHY, NULL);
	if (strcmp(text(db_item(r, 0)), url) != 0)
		return c; /* of a former name */
	c.state = text(db_item(r, 1));
	c.expires_s = db_num(db_item(r, 2));
	c.asked_s = db_num(db_item(r, 3));
	c.why = text(db_item(r, 4));
	return c;
}

bool certificate_ends(const struct certificate *c, int64_t now_s)
{
	return c->expires_s > 0 &&
	       c->expires_s - now_s < CERTIFICATE_RENEW_DAYS * DAY_S;
}
