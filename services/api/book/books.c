#include "services/api/book/books.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/site/keynames.h"
#include "services/api/book/entries.h"
#include "services/api/book/shares.h"
#include "services/api/core/options.h"
#include "services/api/journal/journal.h"

static const char *owned_key(struct db *d, const char *user)
{
	return pool_printf(d->pool, KEY_BOOK_OWNED, user);
}

const char *book_peers_key(struct db *d, const char *book)
{
	return pool_printf(d->pool, KEY_BOOK_PEERS, book);
}

const char *book_bin_key(struct db *d, const char *book)
{
	return pool_printf(d->pool, KEY_BOOK_BIN, book);
}

const char *book_rules_key(struct db *d, const char *book)
{
	return pool_printf(d->pool, KEY_BOOK_RULES, book);
}

struct doc **book_rules(struct db *d, const char *book, size_t *n)
{
	const struct redis_reply *r =
		db_do(d, "SMEMBERS", book_rules_key(d, book), NULL);
	size_t count = db_count(r);
	const char **guids = pool_alloc(d->pool, (count + 1) * sizeof(char *));

	for (size_t i = 0; i < count; i++)
		guids[i] = db_text(db_item(r, i));
	return doc_many(d, DOC_RULE, guids, count, n);
}

enum book_level book_level(struct call *c, const struct doc *book)
{
	const char *self = call_self(c);
	size_t n;

	if (strcmp(doc_text(book, BOOK_OWNER), self) == 0)
		return BOOK_FULL;
	if (doc_bool(book, BOOK_PERSONAL, false))
		return BOOK_NONE;
	if (c->who.admin)
		return BOOK_FULL;
	if (c->who.api)
		return c->who.areas[AREA_BOOK] == 2 ? BOOK_FULL : BOOK_READ;
	struct doc **docs = book_rules(&c->db, book->guid, &n);
	struct book_rule *rules =
		pool_alloc(&c->pool, (n + 1) * sizeof(*rules));
	for (size_t i = 0; i < n; i++)
		rules[i] = (struct book_rule){
			.subject = (enum book_subject)doc_int(docs[i],
							      RULE_SUBJECT, 0),
			.guid = doc_text(docs[i], RULE_TARGET),
			.level = (enum book_level)doc_int(docs[i], RULE_LEVEL,
							  0),
		};
	return book_level_of(rules, n, self, doc_text(c->who.user, USER_GROUP));
}

struct doc *book_open(struct call *c, const char *guid, enum book_level level)
{
	struct doc *book = doc_get(&c->db, DOC_BOOK, guid);
	enum book_level have = book ? book_level(c, book) : BOOK_NONE;

	/* Who may not see it does not learn that it exists. */
	if (have == BOOK_NONE)
		call_missing(c);
	else if (have < level)
		call_forbidden(c);
	return have >= level ? book : NULL;
}

struct doc *book_personal(struct call *c, struct tx *t)
{
	const char *self = call_self(c);
	const char *guid =
		db_text(db_do(&c->db, "HGET", KEY_BOOK_PERSONAL, self, NULL));

	if (guid)
		return doc_get(&c->db, DOC_BOOK, guid);
	struct doc *book = doc_new(&c->db, DOC_BOOK, c->now_ms);
	doc_set_text(book, BOOK_NAME, "");
	doc_set_text(book, BOOK_OWNER, self);
	doc_set_bool(book, BOOK_PERSONAL, true);
	doc_set_list(book, BOOK_TAGS, json_object_new_array());
	tx_expect(t, KEY_BOOK_PERSONAL, self, NULL);
	tx_do(t, "HSET", KEY_BOOK_PERSONAL, self, book->guid, NULL);
	doc_save(t, book);
	return book;
}

int books_show_personal(struct call *c)
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
	js_set_str(o, "guid", book->guid);
	js_set_str(o, "name", "My address book");
	js_set_str(o, "owner", doc_text(c->who.user, USER_NAME));
	js_set_int(o, "rule", BOOK_FULL);
	return call_json(c, o);
}

int books_settings(struct call *c)
{
	struct json_object *o = json_object_new_object();

	field_copy(o, options_get(&c->db, "general"), GENERAL_PEERS_MAX.of);
	return call_json(c, o);
}

static struct json_object *profile(struct call *c, const struct doc *book,
				   const struct doc *owner,
				   enum book_level level)
{
	struct json_object *o = json_object_new_object();
	struct json_object *info = json_object_new_object();
	const char *password = seal_open(&c->app->seal, &c->pool,
					 doc_text(book, BOOK_PASSWORD));

	js_set_str(o, "guid", book->guid);
	js_set_str(o, "name", doc_text(book, BOOK_NAME));
	js_set_str(o, "owner", doc_name(owner));
	js_set_str(o, "note", doc_text(book, BOOK_NOTE));
	js_set_int(o, "rule", level);
	if (password && *password)
		js_set_str(info, "password", password);
	js_set(o, "info", info);
	return o;
}

/* A client sees what it owns or is shared with it; an API token all. */
static const char **visible(struct call *c, size_t *n)
{
	struct db *d = &c->db;
	const char *self = call_self(c);

	if (c->who.api) {
		*n = doc_total(d, DOC_BOOK);
		return doc_page(d, DOC_BOOK, 0, *n + 1, n);
	}
	const struct redis_reply *r = db_do(
		d, "SUNION", owned_key(d, self), share_key(d, BOOK_USER, self),
		share_key(d, BOOK_GROUP, doc_text(c->who.user, USER_GROUP)),
		share_key(d, BOOK_EVERYONE, ""), NULL);
	*n = db_count(r);
	const char **out = pool_alloc(&c->pool, (*n + 1) * sizeof(char *));
	for (size_t i = 0; i < *n; i++)
		out[i] = db_text(db_item(r, i));
	return out;
}

static int by_name(const void *a, const void *b)
{
	const struct doc *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

int books_profiles(struct call *c)
{
	size_t n;
	struct page p;

	page_init(c, &p);
	const char **guids = visible(c, &n);
	struct doc **books = doc_many(&c->db, DOC_BOOK, guids, n, &n);
	qsort(books, n, sizeof(struct doc *), by_name);
	struct doc **owners = doc_named(&c->db, DOC_USER, books, n, BOOK_OWNER);
	for (size_t i = 0; i < n; i++) {
		enum book_level level = book_level(c, books[i]);

		if (doc_bool(books[i], BOOK_PERSONAL, false) ||
		    level == BOOK_NONE ||
		    !text_like(call_query(c, "name"),
			       doc_text(books[i], BOOK_NAME)))
			continue;
		if (page_take(&p))
			js_push(p.data, profile(c, books[i], owners[i], level));
	}
	return page_answer(c, &p);
}

/* The client keys books by name, and these two are its own. */
static const char *check_name(struct call *c, const struct doc *book,
			      const char *name)
{
	if (strcasecmp(name, "My address book") == 0 ||
	    strcasecmp(name, "Legacy address book") == 0)
		return "Invalid format: name";
	return doc_rename(&c->db, book, name,
			  "An address book with this name exists");
}

static void set_password(struct call *c, struct doc *book)
{
	struct json_object *info = js_obj(c->in, "info");
	const char *password = js_str(info, "password");

	if (password)
		doc_set_text(book, BOOK_PASSWORD,
			     seal_close(&c->app->seal, &c->pool, password));
}

int books_shared_add(struct call *c)
{
	const char *name = js_text(c->in, "name");
	const char *self = call_self(c);
	struct doc *book = doc_new(&c->db, DOC_BOOK, c->now_ms);
	const char *bad = check_name(c, book, name);
	struct tx t;

	if (bad)
		return call_error(c, 400, bad);
	if (db_num(db_do(&c->db, "SCARD", owned_key(&c->db, self), NULL)) >=
	    BOOKS_OWNED_MAX)
		return call_error(c, 400, "Too many address books");
	doc_set_text(book, BOOK_NAME, name);
	doc_set_text(book, BOOK_NOTE, js_text(c->in, "note"));
	doc_set_text(book, BOOK_OWNER, self);
	doc_set_list(book, BOOK_TAGS, json_object_new_array());
	set_password(c, book);
	tx_init(&t, &c->db);
	doc_save(&t, book);
	tx_do(&t, "SADD", owned_key(&c->db, self), book->guid, NULL);
	journal_write(&t, c, CONSOLE_BOOK, CONSOLE_ADD_BOOK, name);
	int r = tx_commit(&t);
	if (r < 0)
		return r;
	struct json_object *o = json_object_new_object();
	js_set_str(o, "guid", book->guid);
	return call_json(c, o);
}

static const char *set_owner(struct call *c, struct tx *t, struct doc *book)
{
	const char *name = js_str(c->in, "owner");
	const char *was = doc_text(book, BOOK_OWNER);

	if (!name)
		return NULL;
	const char *guid = doc_guid_by_name(&c->db, DOC_USER, name);
	if (!guid)
		return "User does not exist";
	tx_do(t, "SREM", owned_key(&c->db, was), book->guid, NULL);
	tx_do(t, "SADD", owned_key(&c->db, guid), book->guid, NULL);
	doc_set_text(book, BOOK_OWNER, guid);
	return NULL;
}

int books_shared_update(struct call *c)
{
	struct doc *book = book_open(c, js_text(c->in, "guid"), BOOK_FULL);
	const char *name = js_str(c->in, "name");
	const char *bad = NULL;
	struct tx t;

	if (!book)
		return 0;
	if (doc_bool(book, BOOK_PERSONAL, false))
		return call_error(c, 400, "This is a personal address book");
	if (name)
		bad = check_name(c, book, name);
	tx_init(&t, &c->db);
	if (!bad)
		bad = set_owner(c, &t, book);
	if (bad)
		return call_error(c, 400, bad);
	doc_take(book, c->in, BOOK_NAME.of);
	doc_take(book, c->in, BOOK_NOTE.of);
	set_password(c, book);
	doc_save(&t, book);
	journal_write(&t, c, CONSOLE_BOOK, CONSOLE_RENAME_BOOK,
		      doc_text(book, BOOK_NAME));
	return call_result(c, tx_commit(&t));
}

static void remove_book(struct call *c, struct tx *t, struct doc *book)
{
	size_t n;
	struct doc **rules = book_rules(&c->db, book->guid, &n);

	for (size_t i = 0; i < n; i++)
		share_remove(t, rules[i]);
	doc_delete(t, book);
	tx_do(t, "DEL", book_peers_key(&c->db, book->guid), NULL);
	tx_do(t, "DEL", book_bin_key(&c->db, book->guid), NULL);
	tx_do(t, "DEL", book_rules_key(&c->db, book->guid), NULL);
	tx_do(t, "SREM", owned_key(&c->db, doc_text(book, BOOK_OWNER)),
	      book->guid, NULL);
	journal_write(t, c, CONSOLE_BOOK, CONSOLE_DELETE_BOOK,
		      doc_text(book, BOOK_NAME));
}

int books_shared_delete(struct call *c)
{
	struct tx t;

	tx_init(&t, &c->db);
	for (size_t i = 0; i < js_len(c->in); i++) {
		struct doc *book = book_open(c, js_at(c->in, i), BOOK_FULL);

		if (!book)
			return 0;
		if (doc_bool(book, BOOK_PERSONAL, false))
			return call_error(c, 400,
					  "This is a personal address book");
		remove_book(c, &t, book);
	}
	return call_result(c, tx_commit(&t));
}
