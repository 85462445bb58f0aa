/*
 * doc: named JSON documents in Redis, one hash per kind.
 *
 *   api:{kind}         hash guid -> JSON
 *   api:{kind}:order   zset of guids, score = created (ms): stable paging
 *   api:{kind}:name    hash lower-case name -> guid (kinds with names)
 *
 * A document remembers the text it was read as; saving it expects that text
 * to be there still, so two writers can never overwrite each other.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "services/api/base/js.h"
#include "services/api/base/text.h"
#include "services/api/core/fields.h"
#include "services/api/core/tx.h"

enum doc_kind {
	DOC_USER,
	DOC_USER_GROUP,
	DOC_DEVICE_GROUP,
	DOC_DEVICE,
	DOC_STRATEGY,
	DOC_CONTROL_ROLE,
	DOC_ADMIN_ROLE,
	DOC_BOOK,
	DOC_RULE,
	DOC_API_TOKEN,
	DOC_WEBHOOK,
	DOC_BAN,
	DOC_GUEST_LINK,
	DOC_CLONE,
	DOC_AUDIT_CONN, /* audits are listed newest first */
	DOC_AUDIT_FILE,
	DOC_AUDIT_ALARM,
	DOC_AUDIT_CONSOLE,
	DOC_KINDS,
};

enum { DOC_NAME_MAX = 128 };

struct doc {
	struct json_object *j; /* the document; change it freely */
	enum doc_kind kind;
	char guid[GUID_TEXT];
	const char *raw;             /* as read; NULL: new */
	char name[DOC_NAME_MAX * 2]; /* lower-case name as read */
	/* Whom the same transaction takes the name from; NULL: nobody. */
	const char *name_from;
};

const char *doc_key(enum doc_kind kind);
const char *doc_order_key(enum doc_kind kind);
const char *doc_name_key(enum doc_kind kind); /* NULL: no names */

/* NULL: there is none (or Redis is away). */
struct doc *doc_get(struct db *d, enum doc_kind kind, const char *guid);
struct doc *doc_by_name(struct db *d, enum doc_kind kind, const char *name);
struct doc *doc_new(struct db *d, enum doc_kind kind, uint64_t now_ms);
const char *doc_guid_by_name(struct db *d, enum doc_kind kind,
			     const char *name);
/* "" if there is none: for showing references. */
const char *doc_name_of(struct db *d, enum doc_kind kind, const char *guid);

/* May DOC be called NAME from now on? NULL: yes, or NAME is NULL or its name
 * already; else what is wrong, or TAKEN if another has it. */
const char *doc_rename(struct db *d, const struct doc *doc, const char *name,
		       const char *taken);

/* Adds the write, the index changes and the expectations. A taken name makes
 * the commit fail: callers look first, and the next run finds it taken. */
void doc_save(struct tx *t, struct doc *doc);
void doc_delete(struct tx *t, struct doc *doc);

/* The document that RAW is, in POOL; NULL if it is none. */
struct doc *doc_of(struct pool *pool, enum doc_kind kind, const char *guid,
		   const char *raw);
/* The document as it was read; NULL for a new one. */
const struct doc *doc_old(struct db *d, const struct doc *doc);
/* Is it other than it was read? A new one is. */
bool doc_changed(const struct doc *doc);

/*
 * Calls FN for every document in creation order (audits: newest first) until it
 * returns false. The document is valid during the call only.
 */
void doc_each(struct db *d, enum doc_kind kind,
	      bool (*fn)(void *ctx, struct doc *doc), void *ctx);
/* As doc_each(), several at once: what they name can be read in one go. */
void doc_chunks(struct db *d, enum doc_kind kind,
		bool (*fn)(void *ctx, struct doc **docs, size_t n), void *ctx);
/* As doc_chunks() over those of GUIDS that exist, in their order. False: FN
 * ended it. */
bool doc_chunks_of(struct db *d, enum doc_kind kind, const char *const *guids,
		   size_t n, bool (*fn)(void *ctx, struct doc **docs, size_t n),
		   void *ctx);
/* The documents of GUIDS that exist, in order; *N is their number. */
struct doc **doc_many(struct db *d, enum doc_kind kind,
		      const char *const *guids, size_t n, size_t *found);
/* The document of each of the N GUIDS, or NULL. Each is read once, all in one
 * go. */
struct doc **doc_each_for(struct db *d, enum doc_kind kind,
			  const char *const *guids, size_t n);
/* As doc_each_for(), of what F of each of the N documents FROM names; FROM may
 * have NULL in it. */
struct doc **doc_named(struct db *d, enum doc_kind kind,
		       struct doc *const *from, size_t n, struct field_text f);
/* Its name, "" for NULL. */
const char *doc_name(const struct doc *doc);
size_t doc_total(struct db *d, enum doc_kind kind);
/* The guids START .. START + N in the order of doc_each(). */
const char **doc_page(struct db *d, enum doc_kind kind, size_t start, size_t n,
		      size_t *found);

/*
 * The members of a document (fields.def), as field_text() and the like: NULL
 * has none. What has no type takes a field's `of`.
 */
const char *doc_text(const struct doc *d, struct field_text f);
int64_t doc_int(const struct doc *d, struct field_int f, int64_t def);
bool doc_bool(const struct doc *d, struct field_bool f, bool def);
struct json_object *doc_list(const struct doc *d, struct field_list f);
struct json_object *doc_obj(const struct doc *d, struct field_obj f);
/* Of any type; NULL: absent, or null. */
struct json_object *doc_any(const struct doc *d, struct field f);
bool doc_has(const struct doc *d, struct field f);
void doc_set_text(struct doc *d, struct field_text f, const char *v);
void doc_set_int(struct doc *d, struct field_int f, int64_t v);
void doc_set_bool(struct doc *d, struct field_bool f, bool v);
void doc_set_list(struct doc *d, struct field_list f, struct json_object *v);
void doc_set_obj(struct doc *d, struct field_obj f, struct json_object *v);
void doc_del(struct doc *d, struct field f);
/* BODY's member of the same name, if it has one: the route's shape has seen to
 * its type. */
void doc_take(struct doc *d, struct json_object *body, struct field f);
/* Adds the member to OUT under the same name, if there is one. */
void doc_show(struct json_object *out, const struct doc *d, struct field f);
