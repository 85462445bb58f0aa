/*
 * Input: lines of JSON, what an identity provider answers in turn: its
 * discovery document, the token, userinfo. An ID token is given as its claims
 * ("claims": {...}) and encoded here, so that the fuzzer need not know base64.
 * What comes of it goes on to the accounts, in a Redis that knows nobody.
 */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/redis/redis_resp.h"
#include "common/redis/redis_sync.h"
#include "services/api/account/oidc_person.h"
#include "services/api/account/provider.h"
#include "services/api/core/outside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *at, *end; /* what was not answered yet */

/* --- the provider --------------------------------------------------------- */

static void encode_claims(struct pool *p, struct json_object *o)
{
	struct json_object *claims = js_get(o, "claims");

	if (!claims)
		return;
	const char *text = js_dump(claims);
	size_t max = sodium_base64_encoded_len(
		strlen(text), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *token = pool_alloc(p, 2 + max + 2);
	token[0] = 'h';
	token[1] = '.';
	sodium_bin2base64(token + 2, max, (const uint8_t *)text, strlen(text),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	strcat(token, ".");
	js_set_str(o, "id_token", token);
}

struct json_object *httpc_json(struct pool *p, struct httpc *rq,
			       const char **why)
{
	const char *nl = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
	size_t len = (size_t)((nl ? nl : end) - at);
	bool ok;
	struct json_object *o = js_parse(p, pool_memdup(p, at, len), len, &ok);

	at = nl ? nl + 1 : end;
	*why = "it said nothing";
	rq->error = "invalid_client";
	if (!json_object_is_type(o, json_type_object))
		return NULL;
	encode_claims(p, o);
	return o;
}

const char *httpc_escape(struct pool *p, const char *text)
{
	return pool_strdup(p, text);
}

/* --- a Redis with nothing but a provider in the settings -------------------
 */

struct redis_sync {
	int unused;
};

int redis_sync_open(const char *url, const char *name, unsigned timeout_ms,
		    struct redis_sync **out)
{
	(void)url, (void)name, (void)timeout_ms;
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -1;
}

void redis_sync_close(struct redis_sync *r)
{
	free(r);
}

const char *redis_sync_code(const struct redis_sync *r)
{
	(void)r;
	return "";
}

struct redis_reply *redis_sync_command(struct redis_sync *r, int argc,
				       const char *const *argv,
				       const size_t *lens)
{
	static const char settings[] =
		"{\"providers\":[{\"name\":\"p\",\"issuer\":\"i\","
		"\"client_id\":\"c\",\"audiences\":[\"b\"],"
		"\"admin_group\":\"g\",\"groups\":{\"g\":\"x\"}}]}";
	struct redis_reader reader;
	struct redis_reply *reply = NULL;
	char text[sizeof(settings) + 32];
	bool asked = argc > 2 && strcmp(argv[1], "api:settings") == 0 &&
		     strcmp(argv[2], "oidc") == 0;
	int n = asked ? snprintf(text, sizeof(text), "$%zu\r\n%s\r\n",
				 sizeof(settings) - 1, settings)
		      : snprintf(text, sizeof(text), "$-1\r\n");

	(void)r, (void)lens;
	assert(redis_reader_init(&reader, REDIS_REPLY_MAX) == 0);
	assert(redis_reader_feed(&reader, (const uint8_t *)text, (size_t)n) ==
	       0);
	assert(redis_reader_next(&reader, &reply) == 1);
	redis_reader_fini(&reader);
	return reply;
}

struct redis_reply *redis_sync_eval(struct redis_sync *r,
				    const struct redis_script *s, int nkeys,
				    int argc, const char *const *argv,
				    const size_t *lens)
{
	(void)s, (void)nkeys, (void)argc, (void)argv;
	return redis_sync_command(r, 0, NULL, lens);
}

static struct app *shared(void)
{
	static char empty[] = "";
	static struct api_config cfg;
	static struct app app;
	static const struct metric_def defs[API_METRICS];

	if (app.cfg)
		return &app;
	log_setup("fuzz", LOG_ERROR, LOG_TEXT);
	for (size_t i = 0; i < api_config_spec.nopts; i++) {
		const struct opt *o = &api_config_spec.opts[i];

		if (o->kind == OPT_STRING || o->kind == OPT_SECRET)
			*(char **)(void *)((char *)&cfg + o->offset) = empty;
	}
	app.cfg = &cfg;
	app.metrics = (struct metric_set){ defs, app.values, API_METRICS };
	app.outside = outside_open();
	assert(app.outside && db_pool_open("redis://x", 2, 1, &app.db) == 0);
	return &app;
}

static void sign_in(struct call *c)
{
	const char *why = NULL;
	struct provider p;

	if (!provider_find(c, "p", &p, &why)) {
		assert(why && *why);
		return;
	}
	struct json_object *claims = provider_redeem(c, &p, "code", "verifier",
						     "https://x/", "n", &why);
	assert(claims || (why && *why));
	if (claims && !oidc_person(c, &p, claims, &why))
		assert(why && *why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call c = { .app = shared(),
			  .now_ms = 1700000000000,
			  .lane = LANE_WORLD };

	at = (const char *)data;
	end = at + size;
	c.host = c.origin = "";
	c.db = db_take(c.app->db, &c.pool);
	sign_in(&c);
	db_put(c.app->db, &c.db);
	pool_fini(&c.pool);
	return 0;
}
