#include "services/api/account/oidc.h"

#include <sodium.h>
#include <string.h>

#include "common/base/log.h"
#include "common/proto/keys.h"
#include "common/site/keynames.h"
#include "services/api/account/guard.h"
#include "services/api/account/login.h"
#include "services/api/account/oidc_page.h"
#include "services/api/account/oidc_person.h"
#include "services/api/core/base_url.h"
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
	return call_fmt(c, KEY_OIDC, state);
}

struct json_object *oidc_options(struct call *c)
{
	struct json_object *list =
		field_list(options_get(&c->db, "oidc"), OIDC_PROVIDERS);
	struct json_object *out = json_object_new_array();
	struct json_object *common = call_array(c);

	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *p = js_item(list, i);
		struct json_object *o = json_object_new_object();

		js_set_str(o, "name", field_text(p, IDP_NAME));
		if (*field_text(p, IDP_ICON))
			js_copy(o, p, "icon");
		if (field_bool(p, IDP_ENABLED, true))
			js_push(common, o);
		else
			json_object_put(o);
	}
	if (js_len(common) == 0)
		return out;
	js_push_str(out, call_fmt(c, "common-oidc/%s", js_dump(common)));
	for (size_t i = 0; i < js_len(common); i++)
		js_push_str(out,
			    call_fmt(c, "oidc/%s",
				     field_text(js_item(common, i), IDP_NAME)));
	return out;
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
	const char *scopes = field_text(p->cfg, IDP_SCOPES);
	struct pool *pool = &c->pool;

	return call_fmt(
		c,
		"%s%cresponse_type=code&client_id=%s&redirect_uri=%s&scope=%s"
		"&state=%s&nonce=%s&code_challenge=%s"
		"&code_challenge_method=S256",
		p->authorize, strchr(p->authorize, '?') ? '&' : '?',
		httpc_escape(pool, field_text(p->cfg, IDP_CLIENT_ID)),
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

	const char *base = base_url(c);

	if (!guard_rate(c))
		return call_error(c, 429, "Too frequent");
	if (!base)
		return call_error(c, 200,
				  "The server does not know its own address: "
				  "PUBLIC_URL or PUBLIC_NAMES must be set");
	if (!provider_find(c, js_text(c->in, "op"), &p, &why))
		return c->wanted ? CALL_LATER : call_error(c, 200, why);
	seal_token(code);
	seal_token(nonce);
	seal_token(verifier);
	const char *state = state_of(c, code);
	const char *key = key_of(c, state);
	const char *redirect = call_fmt(c, "%s/api/oidc/callback", base);
	char from[ADDR_TEXT_MAX];
	tx_init(&t, &c->db);
	tx_do(&t, "HSET", key, OIDC_PROVIDER, js_text(c->in, "op"),
	      OIDC_VERIFIER, verifier, OIDC_NONCE, nonce, OIDC_REDIRECT,
	      redirect, OIDC_DEVICE,
	      call_fmt(c, "%s %s", js_text(c->in, "id"),
		       js_text(c->in, "uuid")),
	      NULL);
	tx_do(&t, "HSET", key, OIDC_INFO, info ? js_dump(info) : "{}", OIDC_ID,
	      js_text(c->in, "id"), OIDC_FROM, addr_format_ip(&c->client, from),
	      NULL);
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

	if (!u || doc_int(u, USER_STATUS, 1) == 0)
		return call_error(c, 200, "The account is disabled");
	fill_device(c, info);
	tx_init(&t, &c->db);
	tx_expect(&t, key, OIDC_USER, guid);
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
	const struct redis_reply *r =
		db_do(&c->db, "HMGET", key, OIDC_DEVICE, OIDC_USER, OIDC_ERROR,
		      OIDC_INFO, NULL);
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

/* The browser and the client both get the reason. */
static int fail(struct call *c, const char *key, const char *why)
{
	struct tx t;

	log_info("oidc_refused", "%s", why);
	tx_init(&t, &c->db);
	tx_expect(&t, key, OIDC_USER, NULL);
	tx_do(&t, "HSET", key, OIDC_ERROR, why, NULL);
	tx_do(&t, "EXPIRE", key, "60", NULL);
	int r = tx_commit(&t);
	return r ? r
		 : oidc_page(c, call_fmt(c,
					 "Signing in failed: %s. You may "
					 "close this page.",
					 why));
}

/* What the provider says instead of a code (RFC 6749 4.1.2.1). */
static const char *refusal(struct call *c)
{
	const char *error = call_query(c, "error");
	const char *more = call_query(c, "error_description");

	if (!error || !*error)
		return "The provider sent no code";
	return call_fmt(c, "The provider refused: %.200s%s%.300s", error,
			more && *more ? ": " : "", more ? more : "");
}

/* A log-in that waits for its browser. */
struct pending {
	const char *key, *state;
	const char *provider, *verifier, *nonce, *redirect, *info, *id, *from;
};

/* False: the link is not, or no longer, of use. */
static bool load(struct call *c, struct pending *w)
{
	w->state = call_query(c, "state");
	if (!w->state || strlen(w->state) != SEAL_HASH - 1)
		return false;
	w->key = key_of(c, w->state);
	const struct redis_reply *r = db_do(
		&c->db, "HMGET", w->key, OIDC_PROVIDER, OIDC_VERIFIER,
		OIDC_NONCE, OIDC_REDIRECT, OIDC_INFO, OIDC_ID, OIDC_FROM, NULL);
	const char **members[] = { &w->provider, &w->verifier, &w->nonce,
				   &w->redirect, &w->info,     &w->id,
				   &w->from };

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		*members[i] = db_text(db_item(r, i));
		if (!*members[i])
			return false;
	}
	return true;
}

static const char *device_name(struct call *c, const struct pending *w)
{
	bool ok;
	struct json_object *o =
		js_parse(&c->pool, w->info, strlen(w->info), &ok);

	return js_text(o, "name");
}

/* He is who he is; whether he wants that device signed in, he has to say: a
 * stranger's log-in may have been put into his browser. */
static int ask(struct call *c, const struct pending *w, const struct doc *u)
{
	char secret[SEAL_TOKEN], hash[SEAL_HASH];
	struct tx t;

	seal_token(secret);
	seal_hash(secret, hash);
	tx_init(&t, &c->db);
	tx_expect(&t, w->key, OIDC_PROVIDER, w->provider);
	tx_do(&t, "HSET", w->key, OIDC_PERSON, u->guid, OIDC_SECRET, hash,
	      NULL);
	int r = tx_commit(&t);
	struct oidc_question q = {
		.account = doc_text(u, USER_NAME),
		.device = device_name(c, w),
		.id = w->id,
		.address = w->from,
		.state = w->state,
		.secret = secret,
	};
	return r ? r : oidc_page_ask(c, &q);
}

int oidc_callback(struct call *c)
{
	const char *code = call_query(c, "code");
	const char *why;
	struct provider p;
	struct pending w;
	struct tx t;

	if (!load(c, &w))
		return oidc_page(c, "This link has expired.");
	if (!code)
		return fail(c, w.key, refusal(c));
	if (!call_lane(c, LANE_WORLD, provider_lane(c, w.provider)))
		return CALL_LATER;
	if (!provider_find(c, w.provider, &p, &why))
		return fail(c, w.key, why);
	/* The verifier goes first: a code is redeemed once. */
	tx_init(&t, &c->db);
	tx_expect(&t, w.key, OIDC_VERIFIER, w.verifier);
	tx_do(&t, "HDEL", w.key, OIDC_VERIFIER, NULL);
	int e = tx_commit(&t);
	if (e < 0)
		return e;
	struct json_object *claims = provider_redeem(c, &p, code, w.verifier,
						     w.redirect, w.nonce, &why);
	struct doc *u = claims ? oidc_person(c, &p, claims, &why) : NULL;
	return u ? ask(c, &w, u) : fail(c, w.key, why);
}

int oidc_confirm(struct call *c)
{
	const char *state = call_query(c, "state");
	const char *secret = call_query(c, "secret");
	const char *answer = call_query(c, "answer");
	char hash[SEAL_HASH];
	struct tx t;

	if (!state || !secret || !answer || strlen(state) != SEAL_HASH - 1)
		return oidc_page(c, "This link is not valid.");
	const char *key = key_of(c, state);
	const struct redis_reply *r =
		db_do(&c->db, "HMGET", key, OIDC_SECRET, OIDC_PERSON, NULL);
	const char *want = db_text(db_item(r, 0));
	const char *guid = db_text(db_item(r, 1));
	seal_hash(secret, hash);
	if (!want || !guid || !keys_text_eq(want, hash))
		return oidc_page(c, "This link has expired.");
	if (strcmp(answer, "yes") != 0)
		return fail(c, key, "It was refused in the browser");
	tx_init(&t, &c->db);
	tx_expect(&t, key, OIDC_SECRET, want);
	tx_do(&t, "HDEL", key, OIDC_SECRET, NULL);
	tx_do(&t, "HSET", key, OIDC_USER, guid, NULL);
	int e = tx_commit(&t);
	return e ? e
		 : oidc_page(c, "You are signed in. You may close this "
				"page.");
}
