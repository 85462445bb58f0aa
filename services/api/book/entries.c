#include "services/api/book/entries.h"

#include <stdlib.h>
#include <string.h>

#include "services/api/book/books.h"
#include "services/api/book/tags.h"
#include "services/api/core/options.h"
#include "services/api/device/devices.h"
#include "services/api/journal/journal.h"

/* Members that are texts as they are. */
static const struct field_text *const texts[] = {
	&ENTRY_ALIAS,       &ENTRY_USERNAME,     &ENTRY_HOSTNAME,
	&ENTRY_PLATFORM,    &ENTRY_NOTE,         &ENTRY_ALWAYS_RELAY,
	&ENTRY_RDP_PORT,    &ENTRY_RDP_USERNAME, &ENTRY_LOGIN_NAME,
	&ENTRY_DEVICE_GROUP
};

static int by_id(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static struct json_object *parse(struct db *d, const char *raw)
{
	bool ok;

	return raw ? js_parse(d->pool, raw, strlen(raw), &ok) : NULL;
}

struct entry *entries_all(struct db *d, const char *key, size_t *n)
{
	const struct redis_reply *r = db_do(d, "HGETALL", key, NULL);
	size_t count = db_count(r) / 2;
	struct entry *out = pool_alloc(d->pool, (count + 1) * sizeof(*out));

	*n = 0;
	for (size_t i = 0; i < count; i++) {
		struct entry e = { .id = db_text(db_item(r, 2 * i)),
				   .raw = db_text(db_item(r, 2 * i + 1)) };

		e.j = parse(d, e.raw);
		if (e.j)
			out[(*n)++] = e;
	}
	qsort(out, *n, sizeof(*out), by_id);
	return out;
}

struct entry *entries_of(struct db *d, const char *key, struct json_object *ids,
			 size_t *n)
{
	size_t most = js_len(ids);
	const char **argv = pool_alloc(d->pool, (most + 2) * sizeof(char *));
	struct entry *out = pool_alloc(d->pool, (most + 1) * sizeof(*out));
	struct json_object *seen = pool_json(d->pool, json_object_new_object());
	int argc = 0;

	argv[argc++] = "HMGET";
	argv[argc++] = key;
	for (size_t i = 0; i < most; i++) {
		if (!js_has(seen, js_at(ids, i)))
			argv[argc++] = js_at(ids, i);
		js_set_bool(seen, js_at(ids, i), true);
	}
	const struct redis_reply *r =
		argc > 2 ? db_argv(d, argc, argv, NULL) : NULL;
	*n = 0;
	for (size_t i = 0; i < db_count(r); i++) {
		struct entry e = { .id = argv[i + 2],
				   .raw = db_text(db_item(r, i)) };

		e.j = parse(d, e.raw);
		if (e.j)
			out[(*n)++] = e;
	}
	return out;
}

struct entry *entry_get(struct db *d, const char *key, const char *id)
{
	const char *raw = db_text(db_do(d, "HGET", key, id, NULL));
	struct json_object *j = parse(d, raw);

	if (!j)
		return NULL;
	struct entry *e = pool_alloc(d->pool, sizeof(*e));
	*e = (struct entry){ .id = pool_strdup(d->pool, id),
			     .raw = raw,
			     .j = j };
	return e;
}

void entry_save(struct tx *t, const char *key, struct entry *e)
{
	tx_expect(t, key, e->id, e->raw);
	tx_do(t, "HSET", key, e->id, js_dump(e->j), NULL);
}

static void take_secret(struct call *c, struct entry *e, struct json_object *in,
			struct field_text f)
{
	const char *plain = js_str(in, f.of.name);

	if (plain)
		field_set_text(e->j, f,
			       seal_close(&c->app->seal, &c->pool, plain));
}

/* Tags that the book does not have are left out. */
static void take_tags(const struct doc *book, struct entry *e,
		      struct json_object *in)
{
	struct json_object *tags = field_list(in, ENTRY_TAGS);
	struct json_object *out;

	if (!tags)
		return;
	out = json_object_new_array();
	for (size_t i = 0; i < js_len(tags); i++)
		if (tag_find(book, js_at(tags, i)) &&
		    !js_arr_has(out, js_at(tags, i)))
			js_push_str(out, js_at(tags, i));
	field_set_list(e->j, ENTRY_TAGS, out);
}

const char *entry_take(struct call *c, const struct doc *book, struct entry *e,
		       struct json_object *in)
{
	bool personal = doc_bool(book, BOOK_PERSONAL, false);

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *v = js_str(in, texts[i]->of.name);

		if (!v)
			continue;
		if (strlen(v) > 1024)
			return texts[i]->of.name;
		field_set_text(e->j, *texts[i], v);
	}
	take_tags(book, e, in);
	/* A hash is the owner's own secret, a password is for all readers. */
	take_secret(c, e, in, personal ? ENTRY_HASH : ENTRY_PASSWORD);
	field_set_text(e->j, ENTRY_ID, e->id);
	return NULL;
}

struct json_object *entry_view(struct call *c, const struct doc *book,
			       const struct entry *e)
{
	bool personal = doc_bool(book, BOOK_PERSONAL, false);
	struct field_text secret = personal ? ENTRY_HASH : ENTRY_PASSWORD;
	struct json_object *o = json_object_new_object();
	const char *plain =
		seal_open(&c->app->seal, &c->pool, field_text(e->j, secret));
	struct json_object *tags = field_list(e->j, ENTRY_TAGS);

	js_set_str(o, "id", e->id);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		field_copy(o, e->j, texts[i]->of);
	js_set(o, "tags",
	       tags ? json_object_get(tags) : json_object_new_array());
	js_set_str(o, secret.of.name, plain ? plain : "");
	return o;
}

/* The server owns name and platform of devices that are registered here. */
void entry_facts(struct json_object *o, const struct doc *dev)
{
	struct json_object *info = doc_obj(dev, DEVICE_INFO);

	js_set_bool(o, "same_server", dev);
	if (!dev)
		return;
	const char *host = doc_text(dev, DEVICE_NAME);
	js_set_str(o, "hostname",
		   *host ? host : field_text(info, INFO_HOSTNAME));
	field_copy(o, info, INFO_USERNAME.of);
	js_set_str(o, "platform", device_platform(field_text(info, INFO_OS)));
}

int entries_list(struct call *c)
{
	struct doc *book = book_open(c, call_query(c, "ab"), BOOK_READ);
	struct page p;
	size_t n, taken = 0;

	if (!book)
		return 0;
	page_init(c, &p);
	struct entry *all =
		entries_all(&c->db, book_peers_key(&c->db, book->guid), &n);
	const char **ids = pool_alloc(&c->pool, (n + 1) * sizeof(*ids));
	for (size_t i = 0; i < n; i++) {
		if (!text_like(call_query(c, "id"), all[i].id) ||
		    !text_like(call_query(c, "alias"),
			       field_text(all[i].j, ENTRY_ALIAS)) ||
		    !page_take(&p))
			continue;
		ids[taken++] = all[i].id;
		js_push(p.data, entry_view(c, book, &all[i]));
	}
	struct doc **devs = devices_by_id(&c->db, ids, taken);
	for (size_t i = 0; i < taken; i++)
		entry_facts(js_item(p.data, i), devs[i]);
	return page_answer(c, &p);
}

size_t entries_room(struct call *c, const char *key)
{
	int64_t max =
		field_int(options_get(&c->db, "general"), GENERAL_PEERS_MAX, 0);
	long long have = db_num(db_do(&c->db, "HLEN", key, NULL));

	if (max <= 0 || max > BOOK_PEERS_MAX)
		max = BOOK_PEERS_MAX;
	return have < max ? (size_t)(max - have) : 0;
}

static bool full(struct call *c, const char *key)
{
	return entries_room(c, key) == 0;
}

int entries_add(struct call *c)
{
	struct doc *book = book_open(c, c->param[0], BOOK_WRITE);
	const char *id = js_text(c->in, "id");
	struct tx t;

	if (!book)
		return 0;
	if (!text_is_id(id))
		return call_error(c, 400, "Invalid format: id");
	const char *key = book_peers_key(&c->db, book->guid);
	struct entry *e = entry_get(&c->db, key, id);
	if (!e && full(c, key))
		return call_error(c, 400, "exceed_max_devices");
	if (!e) {
		e = pool_alloc(&c->pool, sizeof(*e));
		e->id = id;
		e->j = call_object(c);
	}
	const char *bad = entry_take(c, book, e, c->in);
	if (bad)
		return call_error(c, 400,
				  call_fmt(c, "Invalid format: %s", bad));
	tx_init(&t, &c->db);
	entry_save(&t, key, e);
	return call_result(c, tx_commit(&t));
}

int entries_update(struct call *c)
{
	struct doc *book = book_open(c, c->param[0], BOOK_WRITE);
	struct tx t;

	if (!book)
		return 0;
	const char *key = book_peers_key(&c->db, book->guid);
	struct entry *e = entry_get(&c->db, key, js_text(c->in, "id"));
	if (!e)
		return call_missing(c);
	const char *bad = entry_take(c, book, e, c->in);
	if (bad)
		return call_error(c, 400,
				  call_fmt(c, "Invalid format: %s", bad));
	tx_init(&t, &c->db);
	entry_save(&t, key, e);
	return call_result(c, tx_commit(&t));
}

/* Moves entries between the book and its bin. */
static int move(struct call *c, const char *from, const char *to, size_t room,
		const char *full_text)
{
	struct tx t;
	size_t n;

	if ((size_t)db_num(db_do(&c->db, "HLEN", to, NULL)) + js_len(c->in) >
	    room)
		return call_error(c, 400, full_text);
	tx_init(&t, &c->db);
	struct entry *moved = entries_of(&c->db, from, c->in, &n);
	for (size_t i = 0; i < n; i++) {
		struct entry *e = &moved[i];

		tx_expect(&t, from, e->id, e->raw);
		tx_do(&t, "HDEL", from, e->id, NULL);
		field_set_int(e->j, ENTRY_DELETED_AT,
			      (int64_t)(c->now_ms / 1000));
		tx_do(&t, "HSET", to, e->id, js_dump(e->j), NULL);
	}
	return call_result(c, tx_commit(&t));
}

int entries_delete(struct call *c)
{
	struct doc *book = book_open(c, c->param[0], BOOK_WRITE);

	if (!book)
		return 0;
	return move(c, book_peers_key(&c->db, book->guid),
		    book_bin_key(&c->db, book->guid), BOOK_BIN_MAX,
		    "The recycle bin is full");
}

int entries_bin(struct call *c)
{
	struct doc *book = book_open(c, c->param[0], BOOK_WRITE);
	struct page p;
	size_t n;

	if (!book)
		return 0;
	page_init(c, &p);
	struct entry *all =
		entries_all(&c->db, book_bin_key(&c->db, book->guid), &n);
	for (size_t i = 0; i < n; i++) {
		if (!page_take(&p))
			continue;
		struct json_object *o = entry_view(c, book, &all[i]);
		field_copy(o, all[i].j, ENTRY_DELETED_AT.of);
		js_push(p.data, o);
	}
	return page_answer(c, &p);
}

int entries_bin_restore(struct call *c)
{
	struct doc *book = book_open(c, c->param[0], BOOK_WRITE);

	if (!book)
		return 0;
	return move(c, book_bin_key(&c->db, book->guid),
		    book_peers_key(&c->db, book->guid), BOOK_PEERS_MAX,
		    "exceed_max_devices");
}

/* The ids of the body; an empty list empties the bin. */
int entries_bin_delete(struct call *c)
{
	struct doc *book = book_open(c, c->param[0], BOOK_WRITE);
	struct tx t;

	if (!book)
		return 0;
	const char *key = book_bin_key(&c->db, book->guid);
	tx_init(&t, &c->db);
	if (js_len(c->in) == 0)
		tx_do(&t, "DEL", key, NULL);
	for (size_t i = 0; i < js_len(c->in); i++)
		tx_do(&t, "HDEL", key, js_at(c->in, i), NULL);
	journal_write(&t, c, CONSOLE_BOOK,
		      js_len(c->in) ? CONSOLE_BIN_DELETE : CONSOLE_BIN_EMPTY,
		      doc_text(book, BOOK_NAME));
	return call_result(c, tx_commit(&t));
}

const char *book_put_device(struct tx *t, struct call *c, const struct doc *dev,
			    struct json_object *in)
{
	struct doc *book =
		doc_by_name(&c->db, DOC_BOOK, js_text(in, "address_book_name"));
	struct json_object *fields = call_object(c);
	const char *tag = js_text(in, "address_book_tag");

	if (!book)
		return "Address book does not exist";
	const char *key = book_peers_key(&c->db, book->guid);
	const char *id = doc_text(dev, DEVICE_ID);
	struct entry *e = entry_get(&c->db, key, id);
	if (!e) {
		if (full(c, key))
			return "exceed_max_devices";
		e = pool_alloc(&c->pool, sizeof(*e));
		e->id = id;
		e->j = call_object(c);
	}
	if (*tag) {
		if (!tag_find(book, tag)) {
			tag_put(book, tag, tag_color(tag));
			doc_save(t, book);
		}
		struct json_object *tags = json_object_new_array();
		js_push_str(tags, tag);
		field_set_list(fields, ENTRY_TAGS, tags);
	}
	if (js_has(in, "address_book_alias"))
		field_set_text(fields, ENTRY_ALIAS,
			       js_text(in, "address_book_alias"));
	if (js_has(in, "address_book_note"))
		field_set_text(fields, ENTRY_NOTE,
			       js_text(in, "address_book_note"));
	if (js_has(in, "address_book_password"))
		field_set_text(fields, ENTRY_PASSWORD,
			       js_text(in, "address_book_password"));
	const char *bad = entry_take(c, book, e, fields);
	if (!bad)
		entry_save(t, key, e);
	return bad;
}
