#include "services/api/account/passkeys.h"

#include <string.h>

#include "services/api/account/passkey.h"
#include "services/api/account/users.h"
#include "services/api/account/webauthn.h"
#include "services/api/core/schema.h"
#include "services/api/journal/journal.h"

/* False: answered. */
static bool may_have(struct call *c)
{
	struct doc *u = c->who.user;

	/* auth_fresh() asks pages alone: a client's token must not become a
	 * key that outlives it. */
	if (c->who.api || !c->who.cookie)
		call_forbidden(c);
	else if (!passkey_rp(c))
		call_error(c, 400, "Passkeys do not work at this address");
	else if (strcmp(doc_text(u, USER_SOURCE), "local") != 0)
		call_error(c, 400,
			   "Accounts of a directory or provider have no "
			   "passkeys here");
	else if (js_len(doc_list(u, USER_PASSKEYS)) >= PASSKEYS_MAX)
		call_error(c, 400, "Remove one of the passkeys first");
	else
		return true;
	return false;
}

static struct json_object *view(struct call *c, struct json_object *k)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "id", passkey_handle(&c->db, field_text(k, PASSKEY_ID)));
	js_set_str(o, "name", field_text(k, PASSKEY_NAME));
	js_set_int(o, "created", field_int(k, PASSKEY_CREATED, 0));
	js_set_int(o, "used", field_int(k, PASSKEY_USED, 0));
	return o;
}

int passkeys_list(struct call *c)
{
	struct json_object *list = doc_list(c->who.user, USER_PASSKEYS);
	struct json_object *o = json_object_new_object();
	struct json_object *data = json_object_new_array();

	if (c->who.api)
		return call_forbidden(c);
	for (size_t i = 0; i < js_len(list); i++)
		js_push(data, view(c, js_item(list, i)));
	js_set(o, "data", data);
	return call_json(c, o);
}

static void add_person(struct call *c, struct json_object *o)
{
	const struct doc *u = c->who.user;
	const char *shown = doc_text(u, USER_DISPLAY_NAME);
	struct json_object *user = json_object_new_object();
	struct json_object *rp = json_object_new_object();
	char id[64];

	text_base64url(u->guid, strlen(u->guid), id, sizeof(id));
	js_set_str(user, "id", id);
	js_set_str(user, "name", doc_text(u, USER_NAME));
	js_set_str(user, "displayName",
		   *shown ? shown : doc_text(u, USER_NAME));
	js_set(o, "user", user);
	js_set_str(rp, "id", passkey_rp(c));
	js_set_str(rp, "name", passkey_rp(c));
	js_set(o, "rp", rp);
}

static struct json_object *kinds(void)
{
	static const int algs[] = { WEBAUTHN_ES256, WEBAUTHN_EDDSA,
				    WEBAUTHN_RS256 };
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
		struct json_object *o = json_object_new_object();

		js_set_str(o, "type", "public-key");
		js_set_int(o, "alg", algs[i]);
		js_push(out, o);
	}
	return out;
}

int passkeys_begin(struct call *c)
{
	struct json_object *o = json_object_new_object();
	struct json_object *which = json_object_new_object();

	pool_json(&c->pool, o);
	pool_json(&c->pool, which);
	if (!may_have(c))
		return 0;
	add_person(c, o);
	js_set_str(o, "challenge",
		   passkey_challenge(c, "create", call_self(c)));
	js_set(o, "pubKeyCredParams", kinds());
	js_set_int(o, "timeout", PASSKEY_S * 1000);
	js_set_str(o, "attestation", "none");
	js_set(o, "excludeCredentials", passkey_allowed(c->who.user));
	js_set_str(which, "residentKey", "required");
	js_set_bool(which, "requireResidentKey", true);
	js_set_str(which, "userVerification", "required");
	js_set(o, "authenticatorSelection", json_object_get(which));
	return call_json(c, json_object_get(o));
}

static bool verified(struct call *c, struct webauthn_key *k, const char **mark)
{
	const char *text = js_text(c->in, "clientDataJSON");
	struct webauthn_bytes object = { 0 }, client = { 0 };

	object.data = passkey_bytes(c, js_text(c->in, "attestationObject"),
				    &object.len);
	client.data = passkey_bytes(c, text, &client.len);
	return object.data && client.data &&
	       passkey_answers(c, text, "create", call_self(c), mark) &&
	       webauthn_register(passkey_rp(c), object, client, k) == 0;
}

static const char *base64url(struct call *c, const uint8_t *data, size_t len)
{
	size_t size = len * 2 + 8;
	char *out = pool_alloc(&c->pool, size);

	text_base64url(data, len, out, size);
	return out;
}

/* A fresh list: the document's own is as it was read. */
static void add(struct call *c, struct doc *u, const struct webauthn_key *k)
{
	struct json_object *list = js_clone(doc_list(u, USER_PASSKEYS));
	struct json_object *o = json_object_new_object();

	field_set_text(o, PASSKEY_ID, base64url(c, k->id, k->id_len));
	field_set_text(o, PASSKEY_KEY, base64url(c, k->key, k->key_len));
	field_set_int(o, PASSKEY_ALG, k->alg);
	field_set_int(o, PASSKEY_COUNT, k->count);
	field_set_text(o, PASSKEY_NAME, js_text(c->in, "name"));
	field_set_int(o, PASSKEY_CREATED, (int64_t)(c->now_ms / 1000));
	field_set_int(o, PASSKEY_USED, 0);
	if (!list)
		list = json_object_new_array();
	js_push(list, o);
	doc_set_list(u, USER_PASSKEYS, list);
}

static bool name_ok(struct call *c)
{
	if (text_is_name(js_text(c->in, "name"), 1, SCHEMA_NAME_MAX))
		return true;
	call_error(c, 400, "Invalid format: name");
	return false;
}

static void save(struct tx *t, struct call *c)
{
	struct doc *u = c->who.user;

	tx_init(t, &c->db);
	user_save(t, u);
	journal_write(t, c, CONSOLE_USER, CONSOLE_UPDATE_USER,
		      doc_text(u, USER_NAME));
}

int passkeys_add(struct call *c)
{
	struct webauthn_key k = { 0 };
	const char *mark = NULL;
	struct tx t;

	if (!may_have(c) || !name_ok(c))
		return 0;
	if (!verified(c, &k, &mark))
		return call_error(c, 400, passkey_refused);
	if (passkey_owner(c, base64url(c, k.id, k.id_len)))
		return call_error(c, 400, "This passkey is known already");
	add(c, c->who.user, &k);
	save(&t, c);
	passkey_spend(&t, c, mark);
	return call_result(c, tx_commit(&t));
}

int passkeys_rename(struct call *c)
{
	struct json_object *k = passkey_of(c, c->who.user, c->param[0]);
	struct tx t;

	if (c->who.api)
		return call_forbidden(c);
	if (!k)
		return call_missing(c);
	if (!name_ok(c))
		return 0;
	field_set_text(k, PASSKEY_NAME, js_text(c->in, "name"));
	save(&t, c);
	return call_result(c, tx_commit(&t));
}

int passkeys_remove(struct call *c)
{
	struct doc *u = c->who.user;
	struct json_object *gone = passkey_of(c, u, c->param[0]);
	struct json_object *list = doc_list(u, USER_PASSKEYS);
	struct json_object *rest = json_object_new_array();
	struct tx t;

	pool_json(&c->pool, rest);
	if (c->who.api || !c->who.cookie)
		return call_forbidden(c);
	if (!gone)
		return call_missing(c);
	for (size_t i = 0; i < js_len(list); i++)
		if (js_item(list, i) != gone)
			js_push(rest, json_object_get(js_item(list, i)));
	doc_set_list(u, USER_PASSKEYS, json_object_get(rest));
	save(&t, c);
	return call_result(c, tx_commit(&t));
}
