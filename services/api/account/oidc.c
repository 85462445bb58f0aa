#include "services/api/account/oidc.h"

#include <sodium.h>
#include <string.h>

#include "common/base/log.h"
#include "services/api/account/directory.h"
#include "services/api/account/guard.h"
#include "services/api/account/login.h"
#include "services/api/account/provider.h"
#include "services/api/core/options.h"

static const char pending[] = "No authed oidc is found";

static const char *state_of(struct call *c, const char *code)
{
	char mac[SEAL_HASH];

	seal_hmac(&c->app->seal, call_fmt(c, "oidc %s", code), mac);
	return pool_strdup(&c->pool, mac);
}

static const char *key_of(struct call *c, const char *state)
{
	return call_fmt(c, "api:oidc:%s", state);
}

struct json_object *oidc_options(struct call *c)
{
	struct json_object *list =
		js_arr(options_get(&c->db, "oidc"), "providers");
	struct json_object *out = json_object_new_array();
	struct json_object *common = call_array(c);

	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *p = js_item(list, i);
		struct json_object *o = json_object_new_object();

		js_set_str(o, "name", js_text(p, "name"));
		if (*js_text(p, "icon"))
			js_copy(o, p, "icon");
		if (js_bool(p, "enabled", true))
			js_push(common, o);
		else
			json_object_put(o);
	}
	if (js_len(common) == 0)
		return out;
	js_push_str(out, call_fmt(c, "common-oidc/%s", js_dump(common)));
	for (size_t i = 0; i < js_len(common); i++)
		js_push_str(out, call_fmt(c, "oidc/%s",
					  js_text(js_item(common, i), "name")));
	return out;
}

static const char *redirect_uri(struct call *c)
{
	const char *url = c->app->cfg->public_url;
	size_t len = strlen(url);

	if (len && url[len - 1] == '/')
		len--;
	return len ? call_fmt(c, "%.*s/api/oidc/callback", (int)len, url)
		   : call_fmt(c, "%s://%s/api/oidc/callback",
			      c->https ? "https" : "http", c->host);
}

/* S256 of RFC 7636. */
static const char *pkce(struct call *c, const char *verifier)
{
	uint8_t h[crypto_hash_sha256_BYTES];
	char out[64];

	crypto_hash_sha256(h, (const uint8_t *)verifier, strlen(verifier));
	text_base64url(h, sizeof(h), out, sizeof(out));
	return pool_strdup(&c->pool, out);
}

static const char *browser_url(struct call *c, const struct provider *p,
			       const char *state, const char *nonce,
			       const char *verifier, const char *redirect)
{
	const char *scopes = js_text(p->cfg, "scopes");
	struct pool *pool = &c->pool;

	return call_fmt(
		c,
		"%s%cresponse_type=code&client_id=%s&redirect_uri=%s&scope=%s"
		"&state=%s&nonce=%s&code_challenge=%s"
		"&code_challenge_method=S256",
		p->authorize, strchr(p->authorize, '?') ? '&' : '?',
		httpc_escape(pool, js_text(p->cfg, "client_id")),
		httpc_escape(pool, redirect),
		httpc_escape(pool, *scopes ? scopes : "openid profile email"),
		state, nonce, pkce(c, verifier));
}

int oidc_auth(struct call *c)
{
	char code[SEAL_TOKEN], nonce[SEAL_TOKEN], verifier[SEAL_TOKEN];
	struct json_object *info = js_obj(c->in, "deviceInfo");
	struct provider p;
	const char *why;
	struct tx t;

	if (!guard_rate(c))
		return call_error(c, 429, "Too frequent");
	if (!provider_find(c, js_text(c->in, "op"), &p, &why))
		return call_error(c, 200, why);
	seal_token(code);
	seal_token(nonce);
	seal_token(verifier);
	const char *state = state_of(c, code);
	const char *key = key_of(c, state);
	const char *redirect = redirect_uri(c);
	tx_init(&t, &c->db);
	tx_do(&t, "HSET", key, "provider", js_text(c->in, "op"), "verifier",
	      verifier, "nonce", nonce, "redirect", redirect, "device",
	      call_fmt(c, "%s %s", js_text(c->in, "id"),
		       js_text(c->in, "uuid")),
	      NULL);
	tx_do(&t, "HSET", key, "info", info ? js_dump(info) : "{}", NULL);
	tx_do(&t, "EXPIRE", key, call_fmt(c, "%d", OIDC_S), NULL);
	int r = tx_commit(&t);
	if (r < 0)
		return r;
	struct json_object *o = json_object_new_object();
	js_set_str(o, "code", code);
	js_set_str(o, "url",
		   browser_url(c, &p, state, nonce, verifier, redirect));
	return call_json(c, o);
}

/* What the session remembers about the device comes from step A. */
static void fill_device(struct call *c, const char *info)
{
	bool ok;

	c->in = call_object(c);
	js_set_str(c->in, "id", call_query(c, "id"));
	js_set_str(c->in, "uuid", call_query(c, "uuid"));
	struct json_object *o =
		info ? js_parse(&c->pool, info, strlen(info), &ok) : NULL;
	if (o)
		js_set(c->in, "deviceInfo", json_object_get(o));
}

static int finish(struct call *c, const char *key, const char *guid,
		  const char *info)
{
	struct doc *u = doc_get(&c->db, DOC_USER, guid);
	struct json_object *o;
	struct tx t;

	if (!u || js_int(u->j, "status", 1) == 0)
		return call_error(c, 200, "The account is disabled");
	fill_device(c, info);
	tx_init(&t, &c->db);
	tx_expect(&t, key, "user", guid);
	tx_do(&t, "DEL", key, NULL);
	int r = login_session(c, &t, u, &o);
	return r ? r : call_json(c, json_object_get(o));
}

int oidc_query(struct call *c)
{
	const char *code = call_query(c, "code");
	const char *id = call_query(c, "id"), *uuid = call_query(c, "uuid");

	if (!code || !id || !uuid)
		return call_error(c, 200, "Invalid format");
	const char *key = key_of(c, state_of(c, code));
	const struct redis_reply *r = db_do(&c->db, "HMGET", key, "device",
					    "user", "error", "info", NULL);
	const char *device = db_text(db_item(r, 0));
	const char *user = db_text(db_item(r, 1));
	const char *error = db_text(db_item(r, 2));
	if (!device || strcmp(device, call_fmt(c, "%s %s", id, uuid)) != 0)
		return call_error(c, 200, "The log-in has expired");
	if (error)
		return call_error(c, 200, error);
	if (!user)
		return call_error(c, 200, pending);
	return finish(c, key, user, db_text(db_item(r, 3)));
}

static int page(struct call *c, const char *text)
{
	return call_html(c, call_fmt(c,
				     "<!doctype html><meta charset=\"utf-8\">"
				     "<title>Sign in</title><p>%s</p>\n",
				     text));
}

/* The browser gets a plain sentence; the client gets the reason. */
static int fail(struct call *c, const char *key, const char *why)
{
	struct tx t;

	log_info("oidc_refused", "%s", why);
	tx_init(&t, &c->db);
	tx_do(&t, "HSET", key, "error", why, NULL);
	tx_do(&t, "EXPIRE", key, "60", NULL);
	int r = tx_commit(&t);
	return r ? r : page(c, "Signing in failed. You may close this page.");
}

static struct doc *person_of(struct call *c, const struct provider *p,
			     struct json_object *claims, const char **why)
{
	const char *claim = js_text(p->cfg, "name_claim");
	const char *name =
		js_text(claims, *claim ? claim : "preferred_username");
	const char *group_claim = js_text(p->cfg, "group_claim");
	struct person who = {
		.source = "oidc",
		.ext = call_fmt(c, "oidc:%s:%s", p->issuer,
				js_text(claims, "sub")),
		.name = *name ? name : js_text(claims, "email"),
		.email = js_text(claims, "email"),
		.display_name = js_text(claims, "name"),
		.groups = js_arr(claims, *group_claim ? group_claim : "groups"),
		.mapping = js_obj(p->cfg, "groups"),
		.admin_group = js_text(p->cfg, "admin_group"),
		.create = js_bool(p->cfg, "auto_create", true),
	};

	return directory_user(c, &who, why);
}

int oidc_callback(struct call *c)
{
	const char *state = call_query(c, "state");
	const char *code = call_query(c, "code");
	const char *why = "The provider refused";
	struct provider p;
	struct tx t;

	if (!state || strlen(state) != SEAL_HASH - 1)
		return page(c, "This link is not valid.");
	const char *key = key_of(c, state);
	const struct redis_reply *r =
		db_do(&c->db, "HMGET", key, "provider", "verifier", "nonce",
		      "redirect", "user", NULL);
	const char *name = db_text(db_item(r, 0));
	const char *verifier = db_text(db_item(r, 1));
	if (!name || !verifier || db_text(db_item(r, 4)))
		return page(c, "This link has expired.");
	if (!code || !provider_find(c, name, &p, &why))
		return fail(c, key, why);
	/* The verifier goes first: a code is redeemed once. */
	tx_init(&t, &c->db);
	tx_expect(&t, key, "verifier", verifier);
	tx_do(&t, "HDEL", key, "verifier", NULL);
	int e = tx_commit(&t);
	if (e < 0)
		return e;
	struct json_object *claims =
		provider_redeem(c, &p, code, verifier, db_text(db_item(r, 3)),
				db_text(db_item(r, 2)), &why);
	struct doc *u = claims ? person_of(c, &p, claims, &why) : NULL;
	if (!u)
		return fail(c, key, why);
	tx_init(&t, &c->db);
	tx_expect(&t, key, "provider", name);
	tx_do(&t, "HSET", key, "user", u->guid, NULL);
	e = tx_commit(&t);
	return e ? e : page(c, "You are signed in. You may close this page.");
}
