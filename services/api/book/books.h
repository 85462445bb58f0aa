/*
 * books: address books, personal and shared.
 *
 *   api:book                     documents: name, owner, note, tags, password
 *   api:book:personal            hash user guid -> book guid
 *   api:book:owned:{user}        set of shared books
 *   api:book:peers:{book}        hash id -> entry
 *   api:book:bin:{book}          hash id -> deleted entry
 *   api:book:rules:{book}        set of rule guids
 *   api:book:for:{subject}       set of books shared with user:{guid},
 *                                group:{guid} or everyone
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/rules/booklevel.h"

enum {
	BOOK_PEERS_MAX = 10000, /* one page of the client's list is 100 */
	BOOK_TAGS_MAX = 500,
	BOOK_BIN_MAX = 1000,
	BOOK_RULES_MAX = 200,
	BOOKS_OWNED_MAX = 200,
};

const char *book_peers_key(struct db *d, const char *book);
const char *book_bin_key(struct db *d, const char *book);
const char *book_rules_key(struct db *d, const char *book);

/* The rule documents of a book. */
struct doc **book_rules(struct db *d, const char *book, size_t *n);
enum book_level book_level(struct call *c, const struct doc *book);

/* The book GUID if the caller has at least LEVEL; else answered and NULL. */
struct doc *book_open(struct call *c, const char *guid, enum book_level level);
/* The caller's personal book, made on first use (T commits it). */
struct doc *book_personal(struct call *c, struct tx *t);
/* A new entry for a device (presets, --assign). NULL or what is wrong. */
const char *book_put_device(struct tx *t, struct call *c, const struct doc *dev,
			    struct json_object *in);

int books_show_personal(struct call *c);
int books_settings(struct call *c);
int books_profiles(struct call *c);
int books_shared_add(struct call *c);
int books_shared_update(struct call *c);
int books_shared_delete(struct call *c);
