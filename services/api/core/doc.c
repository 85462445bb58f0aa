#include "services/api/core/doc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/core/audit_index.h"
#include "services/api/core/changes.h"
#include "services/api/core/doc_many.lua.h"
#include "services/api/core/schema.h"

enum { CHUNK = 500 }; /* documents per round trip of a scan, at most */
/* Bytes of one round trip, and of a document that is left out: a list never
 * fails because of one row. Redis' replies end at 64 MiB. */
#define CHUNK_BYTES "1048576"
#define READ_MAX    "8388608"

static const struct {
	const char *key;
	const char *order;
	const char *name_key;
	const char *name_field; /* NULL: no names */
	const char *name;
} kinds[DOC_KINDS] = {
#define ROW(kind, name, unique)                                                \
	[DOC_##kind] = { "api:" name, "api:" name ":order",                    \
			 "api:" name ":name", unique, name },
	KEY_KINDS(ROW)
#undef ROW
};

const char *doc_key(enum doc_kind kind)
{
	return kinds[kind].key;
}

const char *doc_order_key(enum doc_kind kind)
{
	return kinds[kind].order;
}

const char *doc_name_key(enum doc_kind kind)
{
	return kinds[kind].name_field ? kinds[kind].name_key : NULL;
}

/* Ids and hashes are ASCII; names are what people type. What is banned is
 * exactly that: bans_parse() has written addresses in their one way. */
static void fold_name(enum doc_kind kind, char *out, size_t size,
		      const char *name)
{
	if (kind == DOC_BAN)
		snprintf(out, size, "%s", name);
	else if (kind == DOC_DEVICE || kind == DOC_API_TOKEN ||
		 kind == DOC_GUEST_LINK)
		text_lower(out, size, name);
	else
		text_fold(out, size, name);
}

static void read_name(enum doc_kind kind, struct json_object *j, char *out,
		      size_t size)
{
	*out = 0;
	if (kinds[kind].name_field)
		fold_name(kind, out, size, js_text(j, kinds[kind].name_field));
}

struct doc *doc_of(struct pool *pool, enum doc_kind kind, const char *guid,
		   const char *raw)
{
	bool ok;

	if (!raw || !guid || strlen(guid) >= GUID_TEXT)
		return NULL;
	struct json_object *j = js_parse(pool, raw, strlen(raw), &ok);
	if (!ok || !j)
		return NULL;
	struct doc *doc = pool_alloc(pool, sizeof(*doc));
	doc->j = j;
	doc->kind = kind;
	doc->raw = raw;
	strcpy(doc->guid, guid);
	read_name(kind, j, doc->name, sizeof(doc->name));
	return doc;
}

struct doc *doc_get(struct db *d, enum doc_kind kind, const char *guid)
{
	if (!guid || !*guid)
		return NULL;
	return doc_of(d->pool, kind, guid,
		      db_text(db_do(d, "HGET", doc_key(kind), guid, NULL)));
}

const char *doc_guid_by_name(struct db *d, enum doc_kind kind, const char *name)
{
	char low[DOC_NAME_MAX * 2], old[DOC_NAME_MAX * 2];

	if (!name || !*name)
		return NULL;
	fold_name(kind, low, sizeof(low), name);
	const char *guid =
		db_text(db_do(d, "HGET", doc_name_key(kind), low, NULL));
	if (guid || kind == DOC_BAN)
		return guid;
	/* Older versions knew only ASCII letters. */
	text_lower(old, sizeof(old), name);
	return strcmp(low, old) == 0
		       ? NULL
		       : db_text(db_do(d, "HGET", doc_name_key(kind), old,
				       NULL));
}

struct doc *doc_by_name(struct db *d, enum doc_kind kind, const char *name)
{
	return doc_get(d, kind, doc_guid_by_name(d, kind, name));
}

const char *doc_name_of(struct db *d, enum doc_kind kind, const char *guid)
{
	return doc_name(doc_get(d, kind, guid));
}

const char *doc_name(const struct doc *doc)
{
	return doc ? js_text(doc->j, kinds[doc->kind].name_field) : "";
}

struct doc *doc_new(struct db *d, enum doc_kind kind, uint64_t now_ms)
{
	struct doc *doc = pool_alloc(d->pool, sizeof(*doc));

	doc->kind = kind;
	doc->j = pool_json(d->pool, json_object_new_object());
	text_guid7(now_ms, doc->guid);
	doc_set_text(doc, ANY_GUID, doc->guid);
	doc_set_int(doc, ANY_CREATED_AT, (int64_t)now_ms);
	return doc;
}

const struct doc *doc_old(struct db *d, const struct doc *doc)
{
	return doc_of(d->pool, doc->kind, doc->guid, doc->raw);
}

bool doc_changed(const struct doc *doc)
{
	return !doc->raw || strcmp(doc->raw, js_dump(doc->j)) != 0;
}

/* NAME may have been given to another document since. */
static void drop_own(struct tx *t, const struct doc *doc, const char *name)
{
	const char *key = doc_name_key(doc->kind);
	const char *guid = db_text(db_do(t->db, "HGET", key, name, NULL));

	if (!guid || strcmp(guid, doc->guid) != 0)
		return;
	tx_expect(t, key, name, guid);
	tx_do(t, "HDEL", key, name, NULL);
}

/* Its name as it was read, in the form of this version and of older ones. */
static void drop_name(struct tx *t, struct doc *doc)
{
	const struct doc *was = doc_old(t->db, doc);
	const char *key = doc_name_key(doc->kind);
	char old[DOC_NAME_MAX * 2];

	if (!key || !*doc->name)
		return;
	text_lower(old, sizeof(old), doc_name(was));
	drop_own(t, doc, doc->name);
	if (strcmp(old, doc->name) != 0)
		drop_own(t, doc, old);
}

static void save_name(struct tx *t, struct doc *doc)
{
	char now[DOC_NAME_MAX * 2];
	const char *key = doc_name_key(doc->kind);

	if (!key)
		return;
	read_name(doc->kind, doc->j, now, sizeof(now));
	if (strcmp(now, doc->name) == 0)
		return;
	drop_name(t, doc);
	if (*now) {
		tx_expect(t, key, now, doc->name_from);
		tx_do(t, "HSET", key, now, doc->guid, NULL);
	}
}

const char *doc_rename(struct db *d, const struct doc *doc, const char *name,
		       const char *taken)
{
	const char *field = kinds[doc->kind].name_field;

	if (!name || (doc->raw && strcmp(name, js_text(doc->j, field)) == 0))
		return NULL;
	if (!text_is_name(name, 1, SCHEMA_NAME_MAX) || strcmp(name, "-") == 0)
		return "Invalid format: name";
	const char *holder = doc_guid_by_name(d, doc->kind, name);
	return holder && strcmp(holder, doc->guid) != 0 ? taken : NULL;
}

static void changed(struct tx *t, const struct doc *doc, const char *op)
{
	changes_add(t, kinds[doc->kind].name, doc->guid, op);
}

void doc_save(struct tx *t, struct doc *doc)
{
	char score[24];

	tx_expect(t, doc_key(doc->kind), doc->guid, doc->raw);
	tx_do(t, "HSET", doc_key(doc->kind), doc->guid, js_dump(doc->j), NULL);
	if (!doc->raw) {
		snprintf(score, sizeof(score), "%" PRId64,
			 doc_int(doc, ANY_CREATED_AT, 0));
		tx_do(t, "ZADD", doc_order_key(doc->kind), score, doc->guid,
		      NULL);
	}
	save_name(t, doc);
	if (doc->kind >= DOC_AUDIT_CONN)
		audit_index_save(t, doc);
	changed(t, doc, "save");
}

void doc_delete(struct tx *t, struct doc *doc)
{
	tx_expect(t, doc_key(doc->kind), doc->guid, doc->raw);
	tx_do(t, "HDEL", doc_key(doc->kind), doc->guid, NULL);
	tx_do(t, "ZREM", doc_order_key(doc->kind), doc->guid, NULL);
	drop_name(t, doc);
	if (doc->kind >= DOC_AUDIT_CONN)
		audit_index_delete(t, doc);
	changed(t, doc, "delete");
}

/* The texts of the first of up to CHUNK guids, as many as CHUNK_BYTES take. */
static const struct redis_reply *fetch(struct db *d, enum doc_kind kind,
				       const char *const *guids, size_t n)
{
	const char *argv[CHUNK + 3] = { doc_key(kind), READ_MAX, CHUNK_BYTES };

	memcpy(argv + 3, guids, n * sizeof(*guids));
	return db_eval_argv(d, &doc_many_lua, 1, (int)n + 3, argv, NULL);
}

/* Parses what one round trip brings of GUIDS; returns how many it covered. */
static size_t some(struct db *d, enum doc_kind kind, const char *const *guids,
		   size_t n, struct doc **out, size_t *found)
{
	size_t len = n < CHUNK ? n : CHUNK;
	const struct redis_reply *r = fetch(d, kind, guids, len);
	size_t got = db_count(r) < len ? db_count(r) : len;

	for (size_t i = 0; i < got; i++) {
		struct doc *doc =
			doc_of(d->pool, kind, guids[i], db_text(db_item(r, i)));
		if (doc)
			out[(*found)++] = doc;
	}
	return got ? got : n; /* Redis is away: that is all */
}

struct doc **doc_many(struct db *d, enum doc_kind kind,
		      const char *const *guids, size_t n, size_t *found)
{
	struct doc **out = pool_alloc(d->pool, (n + 1) * sizeof(struct doc *));

	*found = 0;
	for (size_t at = 0; at < n;)
		at += some(d, kind, guids + at, n - at, out, found);
	return out;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts and leaves each text once, none empty; returns how many there are. */
static size_t distinct(const char **texts, size_t n)
{
	size_t out = 0;

	qsort(texts, n, sizeof(*texts), by_text);
	for (size_t i = 0; i < n; i++)
		if (*texts[i] && (out == 0 || strcmp(texts[out - 1], texts[i])))
			texts[out++] = texts[i];
	return out;
}

static int by_guid(const void *guid, const void *doc)
{
	return strcmp(guid, (*(struct doc *const *)doc)->guid);
}

struct doc **doc_each_for(struct db *d, enum doc_kind kind,
			  const char *const *guids, size_t n)
{
	const char **once = pool_alloc(d->pool, (n + 1) * sizeof(char *));
	struct doc **out = pool_alloc(d->pool, (n + 1) * sizeof(struct doc *));
	size_t found;

	for (size_t i = 0; i < n; i++)
		once[i] = guids[i] ? guids[i] : "";
	struct doc **docs = doc_many(d, kind, once, distinct(once, n), &found);
	for (size_t i = 0; i < n; i++) {
		struct doc **hit =
			bsearch(guids[i] ? guids[i] : "", docs, found,
				sizeof(struct doc *), by_guid);
		out[i] = hit ? *hit : NULL;
	}
	return out;
}

struct doc **doc_named(struct db *d, enum doc_kind kind,
		       struct doc *const *from, size_t n, struct field_text f)
{
	const char **guids = pool_alloc(d->pool, (n + 1) * sizeof(char *));

	for (size_t i = 0; i < n; i++)
		guids[i] = doc_text(from[i], f);
	return doc_each_for(d, kind, guids, n);
}

bool doc_chunks_of(struct db *d, enum doc_kind kind, const char *const *guids,
		   size_t n, bool (*fn)(void *ctx, struct doc **docs, size_t n),
		   void *ctx)
{
	struct pool *whole = d->pool;
	struct doc *docs[CHUNK];
	bool more = true;

	/* Each round trip has a pool of its own: a scan of a million documents
	 * holds CHUNK_BYTES of them. */
	for (size_t at = 0; more && at < n;) {
		struct pool chunk = { 0 };
		size_t got = 0;

		d->pool = &chunk;
		at += some(d, kind, guids + at, n - at, docs, &got);
		more = fn(ctx, docs, got);
		d->pool = whole;
		pool_fini(&chunk);
	}
	return more;
}

size_t doc_total(struct db *d, enum doc_kind kind)
{
	return (size_t)db_num(db_do(d, "ZCARD", doc_order_key(kind), NULL));
}

const char **doc_page(struct db *d, enum doc_kind kind, size_t start, size_t n,
		      size_t *found)
{
	char from[24], to[24];

	snprintf(from, sizeof(from), "%zu", start);
	snprintf(to, sizeof(to), "%zu", start + n - 1);
	const struct redis_reply *r =
		db_do(d, kind >= DOC_AUDIT_CONN ? "ZREVRANGE" : "ZRANGE",
		      doc_order_key(kind), from, to, NULL);
	*found = db_count(r);
	const char **out = pool_alloc(d->pool, (*found + 1) * sizeof(char *));
	for (size_t i = 0; i < *found; i++)
		out[i] = db_text(db_item(r, i));
	return out;
}

void doc_chunks(struct db *d, enum doc_kind kind,
		bool (*fn)(void *ctx, struct doc **docs, size_t n), void *ctx)
{
	struct pool *whole = d->pool;
	bool more = true;

	for (size_t at = 0; more; at += CHUNK) {
		struct pool page = { 0 };
		size_t n;

		d->pool = &page;
		const char **guids = doc_page(d, kind, at, CHUNK, &n);
		more = doc_chunks_of(d, kind, guids, n, fn, ctx) && n == CHUNK;
		d->pool = whole;
		pool_fini(&page);
	}
}

struct each {
	bool (*fn)(void *ctx, struct doc *doc);
	void *ctx;
};

static bool one_by_one(void *ctx, struct doc **docs, size_t n)
{
	struct each *e = ctx;
	bool more = true;

	for (size_t i = 0; i < n && more; i++)
		more = e->fn(e->ctx, docs[i]);
	return more;
}

void doc_each(struct db *d, enum doc_kind kind,
	      bool (*fn)(void *ctx, struct doc *doc), void *ctx)
{
	struct each e = { fn, ctx };

	doc_chunks(d, kind, one_by_one, &e);
}
