#include "services/api/book/legacy.h"

#include <stdint.h>
#include <string.h>

#include "services/api/book/books.h"
#include "services/api/book/entries.h"
#include "services/api/book/tags.h"

enum { LEGACY_PEERS_MAX = 2000 }; /* replaced in one transaction */

/* {"name": color} as text, inside the text of the book (contract 4.7). */
static struct json_object *colors_of(struct json_object *tags)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < js_len(tags); i++) {
		struct json_object *t = js_item(tags, i);

		js_set_int(o, field_text(t, TAG_NAME),
			   field_int(t, TAG_COLOR, 0));
	}
	return o;
}

static struct json_object *inner(struct call *c, const struct doc *book)
{
	struct json_object *o = call_object(c);
	struct json_object *names = json_object_new_array();
	struct json_object *peers = json_object_new_array();
	struct json_object *tags = doc_list(book, BOOK_TAGS);
	struct json_object *colors = pool_json(&c->pool, colors_of(tags));
	size_t n;

	struct entry *all =
		entries_all(&c->db, book_peers_key(&c->db, book->guid), &n);
	for (size_t i = 0; i < n; i++)
		js_push(peers, entry_view(c, book, &all[i]));
	for (size_t i = 0; i < js_len(tags); i++)
		js_push_str(names, field_text(js_item(tags, i), TAG_NAME));
	js_set(o, "tags", names);
	js_set(o, "peers", peers);
	js_set_str(o, "tag_colors", js_dump(colors));
	return o;
}

int legacy_get(struct call *c)
{
	struct tx t;

	tx_init(&t, &c->db);
	struct doc *book = book_personal(c, &t);
	if (!book)
		return call_error(c, 400, "Address book is damaged");
	int r = book->raw ? 0 : tx_commit(&t);
	if (r < 0)
		return r;
	struct json_object *o = json_object_new_object();
	js_set_str(o, "data", js_dump(inner(c, book)));
	return call_json(c, o);
}

static struct json_object *parse(struct call *c, const char *text)
{
	bool ok;
	struct json_object *o = js_parse(&c->pool, text, strlen(text), &ok);

	return json_object_is_type(o, json_type_object) ? o : NULL;
}

/* Colours that are missing stay as they were, or are made. */
static void replace_tags(struct call *c, struct doc *book,
			 struct json_object *data)
{
	struct json_object *names = js_arr(data, "tags");
	struct json_object *colors = parse(c, js_text(data, "tag_colors"));
	struct json_object *old = js_clone(book->j);
	struct doc before = { .kind = DOC_BOOK, .j = pool_json(&c->pool, old) };

	doc_set_list(book, BOOK_TAGS, json_object_new_array());
	for (size_t i = 0; i < js_len(names) && i < BOOK_TAGS_MAX; i++) {
		const char *name = js_at(names, i);
		int64_t was = field_int(tag_find(&before, name), TAG_COLOR,
					tag_color(name));

		if (text_is_name(name, 1, 128))
			tag_put(book, name, js_int(colors, name, was));
	}
}

static const char *replace_peers(struct call *c, struct tx *t, struct doc *book,
				 struct json_object *peers)
{
	const char *key = book_peers_key(&c->db, book->guid);

	if (js_len(peers) > LEGACY_PEERS_MAX)
		return "exceed_max_devices";
	tx_do(t, "DEL", key, NULL);
	for (size_t i = 0; i < js_len(peers); i++) {
		struct json_object *in = js_item(peers, i);
		struct entry e = { .id = js_text(in, "id"),
				   .j = call_object(c) };

		if (!text_is_id(e.id))
			return "Invalid format: id";
		const char *bad = entry_take(c, book, &e, in);
		if (bad)
			return bad;
		tx_do(t, "HSET", key, e.id, js_dump(e.j), NULL);
	}
	return NULL;
}

int legacy_put(struct call *c)
{
	struct json_object *data = parse(c, js_text(c->in, "data"));
	struct tx t;

	if (!data)
		return call_error(c, 400, "Invalid format: data");
	tx_init(&t, &c->db);
	struct doc *book = book_personal(c, &t);
	if (!book)
		return call_error(c, 400, "Address book is damaged");
	replace_tags(c, book, data);
	const char *bad = replace_peers(c, &t, book, js_arr(data, "peers"));
	if (bad)
		return call_error(c, 400, bad);
	doc_save(&t, book);
	return call_result(c, tx_commit(&t));
}
