#include "services/api/account/provider.h"

#include <sodium.h>
#include <string.h>

#include "services/api/core/options.h"

static struct json_object *parse(struct call *c, const char *text)
{
	bool ok;
	struct json_object *o =
		text ? js_parse(&c->pool, text, strlen(text), &ok) : NULL;

	return json_object_is_type(o, json_type_object) ? o : NULL;
}

/* The discovery document, kept for an hour: every log-in needs it. */
static struct json_object *discover(struct call *c, struct json_object *cfg,
				    const char **why)
{
	const char *issuer = js_text(cfg, "issuer");
	size_t len = strlen(issuer);
	char hash[SEAL_HASH];

	seal_hash(issuer, hash);
	const char *key = call_fmt(c, "api:oidc:discovery:%s", hash);
	struct json_object *doc =
		parse(c, db_text(db_do(&c->db, "GET", key, NULL)));
	if (doc)
		return doc;
	while (len && issuer[len - 1] == '/')
		len--;
	struct httpc rq = {
		.url = call_fmt(c, "%.*s/.well-known/openid-configuration",
				(int)len, issuer),
		.ca = js_text(cfg, "ca"),
	};
	const char *text = httpc_do(&c->pool, &rq, why);
	doc = parse(c, text);
	if (doc)
		db_do(&c->db, "SET", key, text, "EX",
		      call_fmt(c, "%d", PROVIDER_CACHE_S), NULL);
	return doc;
}

static struct json_object *config_of(struct call *c, const char *name)
{
	struct json_object *list =
		js_arr(options_get(&c->db, "oidc"), "providers");

	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *p = js_item(list, i);

		if (strcmp(js_text(p, "name"), name) == 0 &&
		    js_bool(p, "enabled", true))
			return p;
	}
	return NULL;
}

bool provider_find(struct call *c, const char *name, struct provider *p,
		   const char **why)
{
	struct json_object *cfg = config_of(c, name);

	*why = "Unknown provider";
	if (!cfg)
		return false;
	struct json_object *doc = discover(c, cfg, why);
	if (!doc)
		return false;
	*p = (struct provider){
		.cfg = cfg,
		.issuer = js_text(doc, "issuer"),
		.authorize = js_text(doc, "authorization_endpoint"),
		.token = js_text(doc, "token_endpoint"),
		.userinfo = js_text(doc, "userinfo_endpoint"),
	};
	*why = "The provider's discovery document is incomplete";
	if (!*p->issuer || !*p->authorize || !*p->token)
		return false;
	*why = "The provider calls itself by another name than its issuer";
	size_t len = strlen(p->issuer);
	return strncmp(p->issuer, js_text(cfg, "issuer"), len) == 0 &&
	       strlen(js_text(cfg, "issuer")) <= len + 1;
}

/*
 * The claims of an ID token. It came from the token endpoint itself, which
 * we asked (OpenID Connect Core 3.1.3.7, 6): its signature adds nothing.
 */
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
	return parse(c, out);
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

const char *provider_check(struct json_object *claims, const char *issuer,
			   const char *client_id, struct json_object *audiences,
			   const char *nonce, int64_t now_s)
{
	if (strcmp(js_text(claims, "iss"), issuer) != 0)
		return "The ID token has another issuer";
	if (!audience_ok(claims, client_id, audiences))
		return "The ID token is for somebody else";
	if (js_int(claims, "exp", 0) + PROVIDER_SKEW_S < now_s)
		return "The ID token has expired";
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
			    .ca = js_text(p->cfg, "ca") };
	const char *why;

	if (!*p->userinfo || !*access)
		return;
	struct json_object *info = parse(c, httpc_do(&c->pool, &rq, &why));
	if (!info || strcmp(js_text(info, "sub"), js_text(claims, "sub")) != 0)
		return;
	for (struct js_each m = js_each(info); js_next(&m);)
		if (!js_has(claims, m.key))
			js_set(claims, m.key, json_object_get(m.value));
}

struct json_object *provider_redeem(struct call *c, const struct provider *p,
				    const char *code, const char *verifier,
				    const char *redirect, const char *nonce,
				    const char **why)
{
	const char *client = js_text(p->cfg, "client_id");
	const char *secret = seal_open(&c->app->seal, &c->pool,
				       js_text(p->cfg, "client_secret"));
	struct pool *pool = &c->pool;
	struct httpc rq = {
		.url = p->token,
		.ca = js_text(p->cfg, "ca"),
		.form = call_fmt(
			c,
			"grant_type=authorization_code&code=%s"
			"&redirect_uri=%s&client_id=%s"
			"&client_secret=%s&code_verifier=%s",
			httpc_escape(pool, code), httpc_escape(pool, redirect),
			httpc_escape(pool, client),
			httpc_escape(pool, secret ? secret : ""), verifier),
	};

	struct json_object *answer = parse(c, httpc_do(pool, &rq, why));
	if (!answer)
		return NULL;
	struct json_object *claims = claims_of(c, js_text(answer, "id_token"));
	*why = "The provider sent no ID token";
	if (!claims)
		return NULL;
	*why = provider_check(claims, p->issuer, client,
			      js_arr(p->cfg, "audiences"), nonce,
			      (int64_t)(c->now_ms / 1000));
	if (*why)
		return NULL;
	complete(c, p, js_text(answer, "access_token"), claims);
	return claims;
}
