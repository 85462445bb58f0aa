#include "services/api/book/tags.h"

#include <stdint.h>
#include <string.h>

#include "services/api/book/books.h"
#include "services/api/book/entries.h"

static struct json_object *list_of(struct doc *book)
{
	struct json_object *tags = doc_list(book, BOOK_TAGS);

	if (tags)
		return tags;
	doc_set_list(book, BOOK_TAGS, json_object_new_array());
	return doc_list(book, BOOK_TAGS);
}

struct json_object *tag_find(const struct doc *book, const char *name)
{
	struct json_object *tags = doc_list(book, BOOK_TAGS);

	for (size_t i = 0; i < js_len(tags); i++) {
		struct json_object *t = js_item(tags, i);

		if (strcmp(field_text(t, TAG_NAME), name) == 0)
			return t;
	}
	return NULL;
}

void tag_put(struct doc *book, const char *name, int64_t color)
{
	struct json_object *t = tag_find(book, name);

	if (!t) {
		t = json_object_new_object();
		field_set_text(t, TAG_NAME, name);
		js_push(list_of(book), t);
	}
	field_set_int(t, TAG_COLOR, color & UINT32_MAX);
}

int64_t tag_color(const char *name)
{
	static const uint32_t colors[] = { 0xFFFF0000, 0xFF008000, 0xFF0000FF,
					   0xFFFF9800, 0xFF9C27B0, 0xFF9E9E9E,
					   0xFF00BCD4, 0xFFCDDC39, 0xFF009688,
					   0xFFF48FB1, 0xFF3F51B5, 0xFF795548 };
	unsigned sum = 0;

	while (*name)
		sum += (unsigned char)*name++;
	return colors[sum % ARRAY_LEN(colors)];
}

int tags_list(struct call *c)
{
	struct doc *book = book_open(c, c->param[0], BOOK_READ);

	return book ? call_json(c, json_object_get(list_of(book))) : 0;
}

static bool name_ok(const char *name)
{
	return text_is_name(name, 1, 128);
}

static int put(struct call *c, bool add)
{
	struct doc *book = book_open(c, c->param[0], BOOK_WRITE);
	const char *name = js_text(c->in, "name");
	struct tx t;

	if (!book)
		return 0;
	bool known = tag_find(book, name);
	if (!name_ok(name))
		return call_error(c, 400, "Invalid format: name");
	if (!add && !known)
		return call_missing(c);
	if (!known && js_len(list_of(book)) >= BOOK_TAGS_MAX)
		return call_error(c, 400, "Too many tags");
	tag_put(book, name, js_int(c->in, "color", tag_color(name)));
	tx_init(&t, &c->db);
	doc_save(&t, book);
	return call_result(c, tx_commit(&t));
}

int tags_add(struct call *c)
{
	return put(c, true);
}

int tags_update(struct call *c)
{
	return put(c, false);
}

/* Replaces tag OLD by NOW ("" drops it) in every entry that has it. */
static void change_entries(struct call *c, struct tx *t, const struct doc *book,
			   const char *old, const char *now)
{
	const char *key = book_peers_key(&c->db, book->guid);
	size_t n;
	struct entry *all = entries_all(&c->db, key, &n);

	for (size_t i = 0; i < n; i++) {
		struct json_object *tags = field_list(all[i].j, ENTRY_TAGS);

		if (!js_arr_has(tags, old))
			continue;
		struct json_object *out = js_without(tags, old);
		if (*now && !js_arr_has(out, now))
			js_push_str(out, now);
		field_set_list(all[i].j, ENTRY_TAGS, out);
		entry_save(t, key, &all[i]);
	}
}

int tags_rename(struct call *c)
{
	struct doc *book = book_open(c, c->param[0], BOOK_WRITE);
	const char *old = js_text(c->in, "old"), *now = js_text(c->in, "new");
	struct tx t;

	if (!book)
		return 0;
	struct json_object *tag = tag_find(book, old);
	if (!tag)
		return call_missing(c);
	if (!name_ok(now) || (tag_find(book, now) && strcmp(old, now) != 0))
		return call_error(c, 400, "Invalid format: new");
	tx_init(&t, &c->db);
	change_entries(c, &t, book, old, now);
	field_set_text(tag, TAG_NAME, now);
	doc_save(&t, book);
	return call_result(c, tx_commit(&t));
}

static void drop(struct doc *book, const char *name)
{
	struct json_object *tags = list_of(book);
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < js_len(tags); i++) {
		struct json_object *t = js_item(tags, i);

		if (strcmp(field_text(t, TAG_NAME), name) != 0)
			js_push(out, json_object_get(t));
	}
	doc_set_list(book, BOOK_TAGS, out);
}

int tags_delete(struct call *c)
{
	struct doc *book = book_open(c, c->param[0], BOOK_WRITE);
	struct tx t;

	if (!book)
		return 0;
	for (size_t i = 0; i < js_len(c->in); i++) {
		/* One tag per transaction: each rewrites the same entries. */
		tx_init(&t, &c->db);
		change_entries(c, &t, book, js_at(c->in, i), "");
		drop(book, js_at(c->in, i));
		doc_save(&t, book);
		int r = tx_commit(&t);
		if (r < 0)
			return r;
		book = book_open(c, c->param[0], BOOK_WRITE);
		if (!book)
			return 0;
	}
	return call_empty(c);
}
