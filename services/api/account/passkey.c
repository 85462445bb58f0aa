#include "services/api/account/passkey.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/proto/keys.h"
#include "common/site/keynames.h"
#include "services/api/account/webauthn.h"
#include "services/api/core/origin.h"
#include "services/api/jobs/alarms.h"

const char passkey_refused[] = "The passkey was refused";

/* ---- where ------------------------------------------------------------------
 */

/* Browsers take no address for a name. */
static bool is_name(const char *host, size_t len)
{
	const char *last = host;

	for (size_t i = 0; i < len; i++)
		if (host[i] == '.')
			last = host + i + 1;
	return len > 0 && *host != '[' &&
	       strspn(last, "0123456789") < (size_t)(host + len - last);
}

size_t passkey_rp_len(const char *public_url, const char *host, bool https)
{
	size_t len = strcspn(host, ":");

	if (!https)
		return len == 9 && strncasecmp(host, "localhost", 9) == 0 ? len
									  : 0;
	if (strncasecmp(public_url, "https://", 8) != 0 ||
	    strcspn(public_url + 8, "/") != strlen(host) ||
	    strncasecmp(public_url + 8, host, strlen(host)) != 0)
		return 0;
	return is_name(host, len) ? len : 0;
}

const char *passkey_rp(struct call *c)
{
	bool https = strncmp(origin_own(c), "https:", 6) == 0;
	size_t len = passkey_rp_len(c->app->cfg->public_url, c->host, https);

	if (len == 0)
		return NULL;
	char *name = pool_memdup(&c->pool, c->host, len);
	text_lower(name, len + 1, name);
	return name;
}

/* ---- challenges: WHAT.END.RANDOM.HMAC ---------------------------------------
 */

static const char *sealed(struct call *c, const char *what, const char *user,
			  const char *end, const char *token)
{
	char mac[SEAL_HASH];

	seal_hmac(&c->app->seal,
		  call_fmt(c, "passkey %s %s %s %s", what, user, end, token),
		  mac);
	return call_fmt(c, "%s.%s.%s.%s", what, end, token, mac);
}

const char *passkey_challenge(struct call *c, const char *what,
			      const char *user)
{
	char token[SEAL_TOKEN];

	seal_token(token);
	const char *text = sealed(
		c, what, user,
		call_fmt(c, "%" PRIu64, c->now_ms / 1000 + PASSKEY_S), token);
	size_t size = strlen(text) * 2;
	char *out = pool_alloc(&c->pool, size);
	text_base64url(text, strlen(text), out, size);
	return out;
}

/* Is TEXT one that was given for this, and not over? */
static bool ours(struct call *c, const char *text, const char *what,
		 const char *user)
{
	char *save = NULL;
	char *copy = pool_strdup(&c->pool, text);

	strtok_r(copy, ".", &save);
	const char *end = strtok_r(NULL, ".", &save);
	const char *token = strtok_r(NULL, ".", &save);
	if (!end || !token)
		return false;
	return keys_text_eq(text, sealed(c, what, user, end, token)) &&
	       strtoull(end, NULL, 10) > c->now_ms / 1000;
}

const uint8_t *passkey_bytes(struct call *c, const char *text, size_t *len)
{
	size_t n = strlen(text);
	const char *end = NULL;
	uint8_t *out = pool_alloc(&c->pool, n + 1);

	if (sodium_base642bin(out, n, text, n, NULL, len, &end,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    end != text + n || *len == 0)
		return NULL;
	return out;
}

static const char *plain(struct call *c, const char *base64url)
{
	size_t len;
	const uint8_t *text = passkey_bytes(c, base64url, &len);

	return text && !memchr(text, 0, len) ? (const char *)text : NULL;
}

static struct json_object *client_data(struct call *c, const char *client)
{
	const char *text = plain(c, client);
	bool ok;

	return text ? js_parse(&c->pool, text, strlen(text), &ok) : NULL;
}

/* The key that says that the challenge of CLIENT was used; NULL: none. */
static const char *mark_of(struct call *c, struct json_object *o)
{
	const char *text = plain(c, js_text(o, "challenge"));
	char hash[SEAL_HASH];

	if (!text)
		return NULL;
	seal_hash(text, hash);
	return call_fmt(c, KEY_PASSKEY, hash);
}

bool passkey_answers(struct call *c, const char *client, const char *what,
		     const char *user, const char **mark)
{
	struct json_object *o = client_data(c, client);
	const char *text = plain(c, js_text(o, "challenge"));

	*mark = mark_of(c, o);
	return text && ours(c, text, what, user) &&
	       strcmp(js_text(o, "type"), call_fmt(c, "webauthn.%s", what)) ==
		       0 &&
	       strcasecmp(js_text(o, "origin"), origin_own(c)) == 0 &&
	       !js_bool(o, "crossOrigin", false) &&
	       !db_text(db_do(&c->db, "GET", *mark, NULL));
}

void passkey_spend(struct tx *t, struct call *c, const char *mark)
{
	tx_expect_key(t, mark, NULL);
	tx_do(t, "SET", mark, "1", "EX", call_fmt(c, "%d", PASSKEY_S), NULL);
}

/* ---- whose ------------------------------------------------------------------
 */

const char *passkey_handle(struct db *d, const char *credential)
{
	char hash[SEAL_HASH];

	seal_hash(credential, hash);
	return pool_strdup(d->pool, hash);
}

struct json_object *passkey_of(struct call *c, const struct doc *u,
			       const char *handle)
{
	struct json_object *list = doc_list(u, USER_PASSKEYS);

	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *k = js_item(list, i);

		if (strcmp(passkey_handle(&c->db, field_text(k, PASSKEY_ID)),
			   handle) == 0)
			return k;
	}
	return NULL;
}

struct json_object *passkey_allowed(const struct doc *u)
{
	struct json_object *list = doc_list(u, USER_PASSKEYS);
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *o = json_object_new_object();

		js_set_str(o, "type", "public-key");
		js_set_str(o, "id", field_text(js_item(list, i), PASSKEY_ID));
		js_push(out, o);
	}
	return out;
}

static bool has(const struct doc *u, const char *credential)
{
	struct json_object *list = doc_list(u, USER_PASSKEYS);

	for (size_t i = 0; i < js_len(list); i++)
		if (strcmp(field_text(js_item(list, i), PASSKEY_ID),
			   credential) == 0)
			return true;
	return false;
}

/* Calls for what A has and B has not. */
static void differ(struct tx *t, const struct doc *a, const struct doc *b,
		   bool add)
{
	struct json_object *list = doc_list(a, USER_PASSKEYS);

	for (size_t i = 0; i < js_len(list); i++) {
		const char *id = field_text(js_item(list, i), PASSKEY_ID);
		const char *handle = passkey_handle(t->db, id);

		if (has(b, id))
			continue;
		if (!add) {
			tx_do(t, "HDEL", KEY_USER_PASSKEY, handle, NULL);
			continue;
		}
		tx_expect(t, KEY_USER_PASSKEY, handle, NULL);
		tx_do(t, "HSET", KEY_USER_PASSKEY, handle, a->guid, NULL);
	}
}

void passkey_index(struct tx *t, const struct doc *now, const struct doc *was)
{
	differ(t, was, now, false);
	differ(t, now, was, true);
}

struct doc *passkey_owner(struct call *c, const char *credential)
{
	const char *handle = passkey_handle(&c->db, credential);

	return doc_get(
		&c->db, DOC_USER,
		db_text(db_do(&c->db, "HGET", KEY_USER_PASSKEY, handle, NULL)));
}

/* ---- a proof ----------------------------------------------------------------
 */

static bool key_of(struct call *c, struct json_object *k,
		   struct webauthn_key *out)
{
	size_t len;
	const uint8_t *key = passkey_bytes(c, field_text(k, PASSKEY_KEY), &len);

	if (!key || len > sizeof(out->key))
		return false;
	memcpy(out->key, key, len);
	out->key_len = len;
	out->alg = (int)field_int(k, PASSKEY_ALG, 0);
	out->count = (uint32_t)field_int(k, PASSKEY_COUNT, 0);
	return true;
}

static bool signed_by(struct call *c, struct json_object *in,
		      const struct webauthn_key *k, uint32_t *count)
{
	const char *rp = passkey_rp(c);
	struct webauthn_bytes client = { 0 }, data = { 0 }, sig = { 0 };

	client.data =
		passkey_bytes(c, js_text(in, "clientDataJSON"), &client.len);
	data.data =
		passkey_bytes(c, js_text(in, "authenticatorData"), &data.len);
	sig.data = passkey_bytes(c, js_text(in, "signature"), &sig.len);
	return rp && client.data && data.data && sig.data &&
	       webauthn_verify(rp, k, data, client, sig, count) == 0;
}

/* The user handle is given by passkeys that know whose they are. */
static bool handle_ok(struct call *c, struct json_object *in,
		      const struct doc *u)
{
	const char *given = js_text(in, "userHandle");
	const char *guid = *given ? plain(c, given) : u->guid;

	return guid && strcmp(guid, u->guid) == 0;
}

static void alarm(struct call *c, const struct doc *u)
{
	struct tx t;

	tx_init(&t, &c->db);
	alarm_login(&t, c, ALARM_PASSKEY, doc_text(u, USER_NAME));
	if (tx_commit(&t) < 0)
		c->db.away = true;
}

/* Wrong ones use up the challenge too. */
static void waste(struct call *c, const char *mark)
{
	struct tx t;

	if (!mark)
		return;
	tx_init(&t, &c->db);
	tx_do(&t, "SET", mark, "1", "EX", call_fmt(c, "%d", PASSKEY_S), NULL);
	if (tx_commit(&t) < 0)
		c->db.away = true;
}

static bool right(struct call *c, struct doc *u, struct json_object *in)
{
	struct json_object *k =
		passkey_of(c, u, passkey_handle(&c->db, js_text(in, "id")));
	struct webauthn_key key = { 0 };
	uint32_t count = 0;

	/* A directory or provider that takes somebody out takes him out. */
	if (!k || strcmp(doc_text(u, USER_SOURCE), "local") != 0 ||
	    !handle_ok(c, in, u) || !key_of(c, k, &key) ||
	    !signed_by(c, in, &key, &count))
		return false;
	if (!webauthn_count_ok(key.count, count)) {
		alarm(c, u);
		return false;
	}
	field_set_int(k, PASSKEY_COUNT, count);
	field_set_int(k, PASSKEY_USED, (int64_t)(c->now_ms / 1000));
	return true;
}

bool passkey_use(struct call *c, struct doc *u, const char **mark)
{
	struct json_object *in = js_obj(c->in, "passkey");

	if (!passkey_answers(c, js_text(in, "clientDataJSON"), "get", "", mark))
		return false;
	if (u && right(c, u, in))
		return true;
	waste(c, *mark);
	return false;
}
