#include "services/api/account/provider.h"

#include <sodium.h>
#include <string.h>

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "services/api/core/options.h"
#include "services/api/core/outside.h"

static const char silent[] = "The identity provider does not answer";

static struct json_object *parse(struct call *c, const char *text, size_t len)
{
	bool ok;
	struct json_object *o = js_parse(&c->pool, text, len, &ok);

	return json_object_is_type(o, json_type_object) ? o : NULL;
}

/* One request; a provider that did not answer lately is not asked. */
static struct json_object *ask(struct call *c, struct json_object *cfg,
			       struct httpc *rq, const char **why)
{
	const char *name = field_text(cfg, IDP_ISSUER);
	uint64_t began = app_tick_ms();

	*why = silent;
	if (!outside_ask(c->app, OUTSIDE_OIDC, name))
		return NULL;
	struct json_object *o = httpc_json(&c->pool, rq, why);
	outside_note(c->app, OUTSIDE_OIDC, name, began,
		     rq->silent ? *why : NULL);
	if (!o)
		log_info("oidc_provider", "%s: %s", field_text(cfg, IDP_NAME),
			 *why);
	if (rq->silent)
		*why = silent;
	return o;
}

const char *provider_lane(struct call *c, const char *name)
{
	return call_fmt(c, "oidc:%s", name);
}

static const char *discovery_key(struct call *c, struct json_object *cfg)
{
	char hash[SEAL_HASH];

	seal_hash(field_text(cfg, IDP_ISSUER), hash);
	return call_fmt(c, KEY_OIDC_DISCOVERY, hash);
}

/* The discovery document, kept for an hour: every log-in needs it. */
static struct json_object *discover(struct call *c, struct json_object *cfg,
				    const char **why)
{
	const char *issuer = field_text(cfg, IDP_ISSUER);
	size_t len = strlen(issuer);
	const char *key = discovery_key(c, cfg);
	const char *kept = db_text(db_do(&c->db, "GET", key, NULL));
	struct json_object *doc = kept ? parse(c, kept, strlen(kept)) : NULL;
	if (doc || !call_lane(c, LANE_WORLD,
			      provider_lane(c, field_text(cfg, IDP_NAME))))
		return doc;
	while (len && issuer[len - 1] == '/')
		len--;
	struct httpc rq = {
		.url = call_fmt(c, "%.*s/.well-known/openid-configuration",
				(int)len, issuer),
		.ca = field_text(cfg, IDP_CA),
	};
	doc = ask(c, cfg, &rq, why);
	if (doc)
		db_do(&c->db, "SET", key, js_dump(doc), "EX",
		      call_fmt(c, "%d", PROVIDER_CACHE_S), NULL);
	return doc;
}

static struct json_object *config_of(struct call *c, const char *name)
{
	struct json_object *list =
		field_list(options_get(&c->db, "oidc"), OIDC_PROVIDERS);

	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *p = js_item(list, i);

		if (strcmp(field_text(p, IDP_NAME), name) == 0)
			return p;
	}
	return NULL;
}

/* What the provider of CFG says of itself. */
static bool describe(struct call *c, struct json_object *cfg,
		     struct provider *p, const char **why)
{
	struct json_object *doc = discover(c, cfg, why);
	if (!doc)
		return false;
	*p = (struct provider){
		.cfg = cfg,
		.issuer = js_text(doc, "issuer"),
		.authorize = js_text(doc, "authorization_endpoint"),
		.token = js_text(doc, "token_endpoint"),
		.userinfo = js_text(doc, "userinfo_endpoint"),
		.methods = js_arr(doc, "token_endpoint_auth_methods_supported"),
	};
	*why = "The provider's discovery document is incomplete";
	if (!*p->issuer || !*p->authorize || !*p->token)
		return false;
	*why = call_fmt(c,
			"The provider calls itself \"%s\", the setting "
			"\"issuer\" says \"%s\"",
			p->issuer, field_text(cfg, IDP_ISSUER));
	return provider_same_issuer(p->issuer, field_text(cfg, IDP_ISSUER));
}

bool provider_find(struct call *c, const char *name, struct provider *p,
		   const char **why)
{
	struct json_object *cfg = config_of(c, name);

	*why = "Unknown provider";
	return cfg && field_bool(cfg, IDP_ENABLED, true) &&
	       describe(c, cfg, p, why);
}

int provider_test(struct call *c)
{
	struct json_object *cfg = config_of(c, js_text(c->in, "name"));
	struct provider p;
	const char *why = NULL;

	if (!cfg)
		return call_missing(c);
	/* What it said an hour ago proves nothing. */
	db_do(&c->db, "DEL", discovery_key(c, cfg), NULL);
	if (describe(c, cfg, &p, &why))
		return call_empty(c);
	return c->wanted ? CALL_LATER : call_error(c, 400, why);
}

bool provider_same_issuer(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	n -= n > 0 && a[n - 1] == '/';
	m -= m > 0 && b[m - 1] == '/';
	return n == m && memcmp(a, b, n) == 0;
}

static struct json_object *claims_of(struct call *c, const char *token)
{
	const char *body = strchr(token, '.');
	size_t len, out_len;

	if (!body)
		return NULL;
	body++;
	len = strcspn(body, ".");
	char *out = pool_alloc(&c->pool, len + 1);
	if (sodium_base642bin((uint8_t *)out, len, body, len, "=", &out_len,
			      NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return NULL;
	out[out_len] = 0;
	return parse(c, out, out_len);
}

static bool audience_ok(struct json_object *claims, const char *client_id,
			struct json_object *trusted)
{
	struct json_object *aud = js_get(claims, "aud");

	if (json_object_is_type(aud, json_type_string))
		return strcmp(json_object_get_string(aud), client_id) == 0;
	if (!js_arr_has(aud, client_id))
		return false;
	for (size_t i = 0; i < js_len(aud); i++)
		if (strcmp(js_at(aud, i), client_id) != 0 &&
		    !js_arr_has(trusted, js_at(aud, i)))
			return false;
	return true;
}

/* A NumericDate (RFC 7519 2) is any JSON number. */
static double seconds(struct json_object *claims, const char *name, double def)
{
	struct json_object *v = js_get(claims, name);

	return json_object_is_type(v, json_type_int) ||
			       json_object_is_type(v, json_type_double)
		       ? json_object_get_double(v)
		       : def;
}

const char *provider_check(struct json_object *claims, const char *issuer,
			   const char *client_id, struct json_object *audiences,
			   const char *nonce, int64_t now_s)
{
	if (!provider_same_issuer(js_text(claims, "iss"), issuer))
		return "The ID token has another issuer";
	if (!audience_ok(claims, client_id, audiences))
		return "The ID token is for somebody else";
	if (seconds(claims, "exp", 0) + PROVIDER_SKEW_S < (double)now_s)
		return "The ID token has expired";
	if (seconds(claims, "nbf", 0) - PROVIDER_SKEW_S > (double)now_s)
		return "The ID token is not valid yet: are the clocks right?";
	if (strcmp(js_text(claims, "nonce"), nonce) != 0)
		return "The ID token belongs to another log-in";
	if (!*js_text(claims, "sub"))
		return "The ID token names nobody";
	return NULL;
}

/* Claims that only userinfo has are added; the subject must be the same. */
static void complete(struct call *c, const struct provider *p,
		     const char *access, struct json_object *claims)
{
	struct httpc rq = { .url = p->userinfo,
			    .bearer = access,
			    .ca = field_text(p->cfg, IDP_CA) };
	const char *why;

	if (!*p->userinfo || !*access)
		return;
	struct json_object *info = ask(c, p->cfg, &rq, &why);
	if (!info || strcmp(js_text(info, "sub"), js_text(claims, "sub")) != 0)
		return;
	for (struct js_each m = js_each(info); js_next(&m);)
		if (!js_has(claims, m.key))
			js_set(claims, m.key, json_object_get(m.value));
}

struct redeem {
	const char *client, *secret, *form;
};

static struct json_object *
redeem_with_post(struct call *c, const struct provider *p,
		 const struct redeem *r, const char **error, const char **why)
{
	struct pool *pool = &c->pool;
	struct httpc rq = {
		.url = p->token,
		.ca = field_text(p->cfg, IDP_CA),
		.form = call_fmt(c, "%s&client_secret=%s", r->form,
				 httpc_escape(pool, r->secret)),
	};
	struct json_object *o = ask(c, p->cfg, &rq, why);

	*error = rq.error ? rq.error : "";
	return o;
}

/* RFC 6749 2.3.1: name and secret are escaped before they are encoded. */
static struct json_object *redeem_with_basic(struct call *c,
					     const struct provider *p,
					     const struct redeem *r,
					     const char **why)
{
	struct httpc rq = {
		.url = p->token,
		.ca = field_text(p->cfg, IDP_CA),
		.form = r->form,
		.user = httpc_escape(&c->pool, r->client),
		.password = httpc_escape(&c->pool, r->secret),
	};

	return ask(c, p->cfg, &rq, why);
}

/* By what discovery offers. A provider that offers nothing takes basic by
 * definition (Discovery 3), but some take only the other. */
static struct json_object *redeem(struct call *c, const struct provider *p,
				  const struct redeem *r, const char **why)
{
	bool post = js_arr_has(p->methods, "client_secret_post");
	bool basic = js_arr_has(p->methods, "client_secret_basic");
	const char *error;

	if (p->methods && !post && !basic && *r->secret) {
		*why = "The provider takes no client secret that we can send";
		return NULL;
	}
	if (basic && !post && *r->secret)
		return redeem_with_basic(c, p, r, why);
	struct json_object *o = redeem_with_post(c, p, r, &error, why);
	if (!o && !p->methods && strcmp(error, "invalid_client") == 0)
		o = redeem_with_basic(c, p, r, why);
	return o;
}

struct json_object *provider_redeem(struct call *c, const struct provider *p,
				    const char *code, const char *verifier,
				    const char *redirect, const char *nonce,
				    const char **why)
{
	const char *secret = seal_open(&c->app->seal, &c->pool,
				       field_text(p->cfg, IDP_CLIENT_SECRET));
	struct pool *pool = &c->pool;
	struct redeem r = { .client = field_text(p->cfg, IDP_CLIENT_ID),
			    .secret = secret ? secret : "" };

	r.form =
		call_fmt(c,
			 "grant_type=authorization_code&code=%s"
			 "&redirect_uri=%s&client_id=%s&code_verifier=%s",
			 httpc_escape(pool, code), httpc_escape(pool, redirect),
			 httpc_escape(pool, r.client), verifier);
	struct json_object *answer = redeem(c, p, &r, why);
	if (!answer)
		return NULL;
	struct json_object *claims = claims_of(c, js_text(answer, "id_token"));
	*why = "The provider sent no ID token";
	if (!claims)
		return NULL;
	*why = provider_check(claims, p->issuer, r.client,
			      field_list(p->cfg, IDP_AUDIENCES), nonce,
			      (int64_t)(c->now_ms / 1000));
	if (*why)
		return NULL;
	complete(c, p, js_text(answer, "access_token"), claims);
	return claims;
}
