#include "services/api/core/auth.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/core/options.h"
#include "services/api/core/origin.h"

const char *auth_token_key(struct db *d, const char *hash)
{
	return pool_printf(d->pool, KEY_TOKEN, hash);
}

/* Slides the session's expiry, at most once an hour. Never brings back a
 * token that was revoked meanwhile. */
static void renew(struct call *c, const char *key, const char *user,
		  int64_t seen_s)
{
	int64_t now_s = (int64_t)(c->now_ms / 1000);
	int64_t life_s = options_session_s(&c->db);
	struct tx t;

	if (now_s - seen_s < AUTH_RENEW_S)
		return;
	tx_init(&t, &c->db);
	tx_expect(&t, key, SESSION_USER, user);
	tx_do(&t, "HSET", key, SESSION_SEEN, call_fmt(c, "%" PRId64, now_s),
	      NULL);
	if (life_s > 0)
		tx_do(&t, "EXPIRE", key, call_fmt(c, "%" PRId64, life_s), NULL);
	else
		tx_do(&t, "PERSIST", key, NULL);
	if (tx_commit(&t) < 0)
		c->who.user = NULL;
}

static void load_session(struct call *c)
{
	const char *key = auth_token_key(&c->db, c->who.token);
	const struct redis_reply *r =
		db_do(&c->db, "HMGET", key, SESSION_USER, SESSION_SEEN,
		      SESSION_CREATED, SESSION_PROVED, SESSION_DEVICE, NULL);
	const char *user = db_text(db_item(r, 0));

	/* A ticket for one device is for hbbs. */
	if (!user || db_text(db_item(r, 4)))
		return;
	c->who.created_s = db_num(db_item(r, 2));
	c->who.proved_s = db_num(db_item(r, 3));
	if (c->who.proved_s < c->who.created_s)
		c->who.proved_s = c->who.created_s;
	struct doc *doc = doc_get(&c->db, DOC_USER, user);
	if (!doc || doc_int(doc, USER_STATUS, 1) == 0)
		return;
	c->who.user = doc;
	renew(c, key, user, db_num(db_item(r, 1)));
	auth_grants(&c->db, &c->who);
}

/* An API token acts for the administrator who made it and ends with him. */
static void load_api_token(struct call *c)
{
	struct doc *tok = doc_by_name(&c->db, DOC_API_TOKEN, c->who.token);

	if (!tok)
		return;
	int64_t expires = doc_int(tok, TOKEN_EXPIRES_AT, 0);
	if (expires && expires * 1000 <= (int64_t)c->now_ms)
		return;
	struct doc *user = doc_get(&c->db, DOC_USER, doc_text(tok, TOKEN_USER));
	if (!user || doc_int(user, USER_STATUS, 1) == 0 ||
	    !doc_bool(user, USER_IS_ADMIN, false))
		return;

	struct grant *g = pool_alloc(&c->pool, sizeof(*g));
	struct json_object *scopes = doc_obj(tok, TOKEN_SCOPES);
	for (enum area a = AREA_NONE + 1; a < AREAS; a++)
		c->who.areas[a] = (uint8_t)js_int(scopes, area_name(a), 0);
	for (enum perm p = PERM_NONE + 1; p < PERM_ADMIN; p++)
		if (c->who.areas[perm_area(p)] >= 1 + perm_writes(p))
			g->perms |= UINT64_C(1) << p;
	c->who.user = user;
	c->who.api = true;
	c->who.grants = g;
	c->who.ngrants = 1;
}

static size_t guids(struct json_object *arr, const char **out)
{
	size_t n = js_len(arr);

	if (n > GRANT_GROUPS_MAX)
		n = GRANT_GROUPS_MAX;
	for (size_t i = 0; i < n; i++)
		out[i] = js_at(arr, i);
	return n;
}

static void grant_from(struct grant *g, const struct doc *role)
{
	const char *type = doc_text(role, AROLE_TYPE);
	struct json_object *perms = doc_list(role, AROLE_PERMS);
	uint64_t bits = 0;

	g->scope = strcmp(type, "global") == 0       ? SCOPE_GLOBAL
		   : strcmp(type, "individual") == 0 ? SCOPE_INDIVIDUAL
						     : SCOPE_GROUP;
	for (size_t i = 0; i < js_len(perms); i++) {
		enum perm p = perm_parse(js_at(perms, i));

		if (p < PERM_ADMIN)
			bits |= UINT64_C(1) << p;
	}
	g->perms = perm_effective(g->scope, bits);
	g->unassigned = doc_bool(role, AROLE_UNASSIGNED, false);
	g->nug = guids(doc_list(role, AROLE_USER_GROUPS), g->ug);
	g->ndg = guids(doc_list(role, AROLE_DEVICE_GROUPS), g->dg);
}

void auth_grants(struct db *d, struct who *who)
{
	assert(who->user);
	struct json_object *ids = doc_list(who->user, USER_ADMIN_ROLES);
	size_t n = js_len(ids), found;

	who->admin = doc_bool(who->user, USER_IS_ADMIN, false);
	if (who->admin) {
		who->grants = pool_alloc(d->pool, sizeof(struct grant));
		who->grants[0].perms = UINT64_MAX;
		who->ngrants = 1;
		return;
	}
	if (n == 0)
		return;
	const char **list = pool_alloc(d->pool, n * sizeof(char *));
	for (size_t i = 0; i < n; i++)
		list[i] = js_at(ids, i);
	struct doc **roles = doc_many(d, DOC_ADMIN_ROLE, list, n, &found);
	who->grants = pool_alloc(d->pool, (found + 1) * sizeof(struct grant));
	for (size_t i = 0; i < found; i++)
		if (doc_bool(roles[i], AROLE_ENABLED, true))
			grant_from(&who->grants[who->ngrants++], roles[i]);
}

/* A page's cookie goes with every request to this server, whoever's page
 * makes it; only our own may change something. */
static const char *presented(struct call *c)
{
	if (c->bearer || !c->cookie)
		return c->bearer;
	if (!call_reads(c) && !origin_ours(c)) {
		c->who.foreign = true;
		return NULL;
	}
	c->who.cookie = origin_secure(c);
	return c->who.cookie ? c->cookie : NULL;
}

void auth_load(struct call *c)
{
	c->who = (struct who){ 0 };
	const char *token = presented(c);

	if (!token || !*token)
		return;
	seal_hash(token, c->who.token);
	load_session(c);
	if (!c->who.user && !c->who.cookie)
		load_api_token(c);
}

bool auth_fresh(const struct call *c)
{
	return !c->who.cookie ||
	       (int64_t)(c->now_ms / 1000) - c->who.proved_s < AUTH_FRESH_S;
}

unsigned auth_check(const struct call *c, const struct route *r)
{
	const struct who *w = &c->who;
	uint8_t level = w->areas[r->area];
	bool writes = !call_reads(c);

	if (r->auth == AUTH_NONE)
		return 0;
	if (!w->user)
		return 401;
	switch (r->auth) {
	case AUTH_USER:
		return !w->api || level >= 1 + (writes &&
						!strstr(r->methods, "GET"))
			       ? 0
			       : 403;
	case AUTH_ROLE:
		return perm_any(w->grants, w->ngrants, r->perm) ? 0 : 403;
	case AUTH_TOKEN:
		return (w->api && level == 2) || w->admin ? 0 : 403;
	case AUTH_ADMIN:
		return w->admin ? 0 : 403;
	case AUTH_NONE:
		break;
	}
	return 0;
}
