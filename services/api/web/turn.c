#include "services/api/web/turn.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "common/base/log.h"
#include "services/api/base/seal.h"
#include "services/api/base/text.h"

enum {
	SECRET_MIN = 16,
	URL_MAX = 255,
	MAC = 20, /* SHA-1 */
	RANDOM = 12,
};

/* The next of TURN_URLS into OUT; false at the end, or if it is too long. */
static bool next(const char **urls, char out[URL_MAX + 1])
{
	*urls += strspn(*urls, ", ");
	size_t len = strcspn(*urls, ", ");

	if (len == 0 || len > URL_MAX)
		return false;
	memcpy(out, *urls, len);
	out[len] = '\0';
	*urls += len;
	return true;
}

/* What follows the scheme: a host, maybe a port, maybe "?transport=". */
static const char *place_of(const char *url, bool *relays)
{
	static const struct {
		const char *scheme;
		bool relays;
	} known[] = { { "turn:", true },
		      { "turns:", true },
		      { "stun:", false } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t len = strlen(known[i].scheme);

		if (strncmp(url, known[i].scheme, len) == 0 && url[len] &&
		    url[len] != '/') {
			*relays = known[i].relays;
			return url + len;
		}
	}
	return NULL;
}

int turn_check(const struct api_config *cfg)
{
	const char *urls = cfg->turn_urls;
	char url[URL_MAX + 1];
	bool relays, any = false;
	size_t n = 0;

	for (; next(&urls, url); n++) {
		if (n == TURN_URLS_MAX) {
			log_error("bad_option", "TURN_URLS: at most %d",
				  TURN_URLS_MAX);
			return -EINVAL;
		}
		if (!place_of(url, &relays)) {
			log_error("bad_option",
				  "TURN_URLS: '%s' is not turn:HOST:PORT, "
				  "turns:HOST:PORT or stun:HOST:PORT",
				  url);
			return -EINVAL;
		}
		any |= relays;
	}
	if (*urls) {
		log_error("bad_option",
			  "TURN_URLS: a server has at most %d "
			  "characters",
			  URL_MAX);
		return -EINVAL;
	}
	if (any && strlen(cfg->turn_secret) < SECRET_MIN) {
		log_error("bad_option",
			  "TURN_URLS needs TURN_SECRET, at least "
			  "%d characters, the same as the TURN server's",
			  SECRET_MIN);
		return -EINVAL;
	}
	return 0;
}

static struct json_object *server(const char *url)
{
	struct json_object *o = json_object_new_object();
	struct json_object *urls = json_object_new_array();

	js_push(urls, json_object_new_string(url));
	js_set(o, "urls", urls);
	return o;
}

static bool listed(struct json_object *list, const char *url)
{
	for (size_t i = 0; i < js_len(list); i++)
		if (strcmp(js_at(js_arr(js_item(list, i), "urls"), 0), url) ==
		    0)
			return true;
	return false;
}

/* A TURN server answers STUN on the same port. */
static void push_stun(struct call *c, struct json_object *list, const char *url)
{
	bool relays;
	const char *place = place_of(url, &relays);

	if (!place || strncmp(url, "turns:", 6) == 0)
		return;
	const char *stun =
		call_fmt(c, "stun:%.*s", (int)strcspn(place, "?"), place);
	/* Once, however many ways there are to it. */
	if (!listed(list, stun))
		js_push(list, server(stun));
}

struct json_object *turn_public(struct call *c)
{
	struct json_object *list = json_object_new_array();
	const char *urls = c->app->cfg->turn_urls;
	char url[URL_MAX + 1];

	while (next(&urls, url))
		push_stun(c, list, url);
	return list;
}

struct json_object *turn_session(struct call *c)
{
	struct json_object *list = turn_public(c);
	const struct api_config *cfg = c->app->cfg;
	const char *urls = cfg->turn_urls;
	char url[URL_MAX + 1], password[2 * MAC];
	char random[RANDOM + 1];
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	bool relays;

	/* Two sessions of one second are two users with a quota each. */
	seal_digits(RANDOM, random);
	uint64_t ends_s = app_now_ms() / 1000 + TURN_S;
	const char *name = call_fmt(c, "%" PRIu64 ":%s", ends_s, random);
	HMAC(EVP_sha1(), cfg->turn_secret, (int)strlen(cfg->turn_secret),
	     (const uint8_t *)name, strlen(name), mac, &len);
	text_base64(mac, len, password, sizeof(password));
	while (next(&urls, url)) {
		if (!place_of(url, &relays) || !relays)
			continue;
		struct json_object *o = server(url);
		js_set_str(o, "username", name);
		js_set_str(o, "credential", password);
		js_push(list, o);
	}
	return list;
}
