#include "services/api/account/api_tokens.h"

#include "services/api/journal/journal.h"

static struct json_object *view(const struct doc *tok, const struct doc *user)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", tok->guid);
	js_set_str(o, "name", doc_text(tok, TOKEN_TITLE));
	js_set_str(o, "user_name", doc_name(user));
	doc_show(o, tok, TOKEN_SCOPES.of);
	js_set_int(o, "expires_at", doc_int(tok, TOKEN_EXPIRES_AT, 0));
	js_set_int(o, "created_at", doc_int(tok, ANY_CREATED_AT, 0) / 1000);
	return o;
}

int api_tokens_list(struct call *c)
{
	struct page p;
	size_t n;

	page_init(c, &p);
	const char **guids =
		doc_page(&c->db, DOC_API_TOKEN, p.start, p.size, &n);
	struct doc **toks = doc_many(&c->db, DOC_API_TOKEN, guids, n, &n);
	struct doc **users = doc_named(&c->db, DOC_USER, toks, n, TOKEN_USER);
	for (size_t i = 0; i < n; i++)
		js_push(p.data, view(toks[i], users[i]));
	p.total = doc_total(&c->db, DOC_API_TOKEN);
	return page_answer(c, &p);
}

/* {"device": 0..2, ...}; NULL if something in it has no meaning. */
static struct json_object *read_scopes(struct call *c)
{
	struct json_object *in = js_obj(c->in, "scopes");
	struct json_object *out = call_object(c);
	size_t known = 0;

	for (enum area a = AREA_NONE + 1; a < AREAS; a++) {
		int64_t level = js_int(in, area_name(a), 0);

		if (level < 0 || level > 2)
			return NULL;
		known += js_has(in, area_name(a));
		js_set_int(out, area_name(a), level);
	}
	return known == js_size(in) ? out : NULL;
}

int api_tokens_create(struct call *c)
{
	struct doc *tok = doc_new(&c->db, DOC_API_TOKEN, c->now_ms);
	struct json_object *scopes = read_scopes(c);
	const char *name = js_text(c->in, "name");
	char text[SEAL_TOKEN], hash[SEAL_HASH];
	struct tx t;

	if (!scopes)
		return call_error(c, 400,
				  "Invalid format: scopes are 0 (none), "
				  "1 (read) or 2 (read and write)");
	if (!text_is_name(name, 1, 64))
		return call_error(c, 400, "Invalid format: name");
	if (doc_total(&c->db, DOC_API_TOKEN) >= API_TOKENS_MAX)
		return call_error(c, 400, "Too many tokens");
	seal_token(text);
	seal_hash(text, hash);
	doc_set_text(tok, TOKEN_TITLE, name);
	doc_set_text(tok, TOKEN_HASH, hash);
	doc_set_text(tok, TOKEN_USER, call_self(c));
	doc_set_obj(tok, TOKEN_SCOPES, json_object_get(scopes));
	doc_take(tok, c->in, TOKEN_EXPIRES_AT.of);
	tx_init(&t, &c->db);
	doc_save(&t, tok);
	journal_write(&t, c, CONSOLE_TOKEN, CONSOLE_CHANGE_TOKEN, name);
	int r = tx_commit(&t);
	if (r < 0)
		return r;
	struct json_object *o = view(tok, c->who.user);
	js_set_str(o, "token", text);
	return call_json(c, o);
}

int api_tokens_delete(struct call *c)
{
	struct doc *tok = doc_get(&c->db, DOC_API_TOKEN, c->param[0]);
	struct tx t;

	if (!tok)
		return call_missing(c);
	tx_init(&t, &c->db);
	doc_delete(&t, tok);
	journal_write(&t, c, CONSOLE_TOKEN, CONSOLE_CHANGE_TOKEN,
		      doc_text(tok, TOKEN_TITLE));
	return call_result(c, tx_commit(&t));
}
