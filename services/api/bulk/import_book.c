#include <string.h>

#include "services/api/book/books.h"
#include "services/api/book/entries.h"
#include "services/api/book/tags.h"
#include "services/api/bulk/import.h"
#include "services/api/core/schema.h"

/* As POST /api/ab/peer/add takes them. */
const struct schema_field import_book[] = { MUST_STR("id", 100),
					    STR("alias", 1024),
					    LIST("tags", 100, 128),
					    STR("note", SCHEMA_NOTE_MAX),
					    STR("username", 256),
					    STR("hostname", 256),
					    STR("platform", 64),
					    STR("password", 1024),
					    { 0 } };

struct filling {
	struct call *c;
	struct doc *book;
	const char *key;
	size_t room; /* for more entries */
};

/* The book gets the tags that it lacks. */
static const char *put_tags(struct filling *f, struct json_object *in)
{
	struct json_object *tags = js_arr(in, "tags");

	for (size_t i = 0; i < js_len(tags); i++) {
		const char *tag = js_at(tags, i);

		if (tag_find(f->book, tag))
			continue;
		if (js_len(doc_list(f->book, BOOK_TAGS)) >= BOOK_TAGS_MAX)
			return "The address book has too many tags";
		tag_put(f->book, tag, tag_color(tag));
	}
	return NULL;
}

/* As a cell of the file has it. */
static const char *text_of(struct filling *f, struct json_object *entry,
			   const char *member)
{
	struct json_object *list = js_arr(entry, member);
	const char *out = js_text(entry, member);

	for (size_t i = 0; i < js_len(list); i++)
		out = i ? call_fmt(f->c, "%s,%s", out, js_at(list, i))
			: js_at(list, i);
	return out;
}

static void tell(struct filling *f, struct bulk_row *r, struct json_object *was,
		 struct json_object *now)
{
	for (const struct schema_field *m = import_book; m->name; m++) {
		bool secret = strcmp(m->name, "password") == 0;
		const char *before = secret ? "" : text_of(f, was, m->name);
		const char *after = secret ? "" : text_of(f, now, m->name);

		if (!js_has(r->in, m->name) || strcmp(m->name, "id") == 0)
			continue;
		if (secret || strcmp(before, after) != 0)
			bulk_note(r, m->name, before, after);
	}
}

/* The entry of the row's id: HAVE, or a new one. */
static const char *take(struct filling *f, struct tx *t, struct bulk_row *r,
			struct entry *have)
{
	struct entry fresh = { .id = r->name, .j = call_object(f->c) };
	struct entry *e = have ? have : &fresh;
	struct json_object *was = js_clone(e->j);

	pool_json(&f->c->pool, was);
	if (!text_is_id(r->name))
		return "Invalid format: id";
	if (js_has(r->in, "password") &&
	    doc_bool(f->book, BOOK_PERSONAL, false))
		return "A personal address book has no passwords";
	if (!have && f->room == 0)
		return "exceed_max_devices";
	const char *bad = put_tags(f, r->in);
	if (!bad)
		bad = entry_take(f->c, f->book, e, r->in);
	if (bad)
		return bad;
	if (have && strcmp(have->raw, js_dump(e->j)) == 0)
		return NULL;
	f->room -= !have;
	r->result = have ? BULK_CHANGED : BULK_CREATED;
	tell(f, r, was, e->j);
	entry_save(t, f->key, e);
	return NULL;
}

static void refuse_all(struct bulk_row *rows, size_t n, const char *why)
{
	for (size_t i = 0; i < n; i++)
		bulk_refuse(&rows[i], why);
}

void import_book_plan(struct call *c, struct tx *t, const struct bulk_job *j,
		      struct bulk_row *rows, size_t n)
{
	struct filling f = { .c = c,
			     .book = doc_get(&c->db, DOC_BOOK, j->target) };
	struct json_object *ids = call_array(c);
	size_t found, at = 0;

	for (size_t i = 0; i < n; i++) {
		rows[i].name = js_text(rows[i].in, "id");
		js_push_str(ids, rows[i].name);
	}
	if (!f.book || book_level(c, f.book) < BOOK_WRITE) {
		refuse_all(rows, n, "Permission denied");
		return;
	}
	f.key = book_peers_key(&c->db, f.book->guid);
	f.room = entries_room(c, f.key);
	f.room -= j->created < f.room ? j->created : f.room;
	/* In the order of the rows, of which none is there twice. */
	struct entry *have = entries_of(&c->db, f.key, ids, &found);
	for (size_t i = 0; i < n; i++) {
		struct bulk_row *r = &rows[i];
		struct entry *e = NULL;

		if (at < found && strcmp(have[at].id, r->name) == 0)
			e = &have[at++];
		if (!bulk_refuse(r, schema_check(&c->pool, import_book, r->in,
						 true)))
			bulk_refuse(r, take(&f, t, r, e));
	}
	if (doc_changed(f.book))
		doc_save(t, f.book);
}
