/*
 * entries: the devices in an address book.
 */
#pragma once

#include "services/api/core/call.h"

/* One entry as stored: `password` and `hash` are sealed. */
struct entry {
	const char *id;
	const char *raw;
	struct json_object *j;
};

/* All entries of a hash key, sorted by id. */
struct entry *entries_all(struct db *d, const char *key, size_t *n);
struct entry *entry_get(struct db *d, const char *key, const char *id);
/* Those of IDS (an array of texts) that are there, each once; *N of them. */
struct entry *entries_of(struct db *d, const char *key, struct json_object *ids,
			 size_t *n);
void entry_save(struct tx *t, const char *key, struct entry *e);

/* Copies the members that clients may set; NULL or what is wrong. */
const char *entry_take(struct call *c, const struct doc *book, struct entry *e,
		       struct json_object *in);
/* For the client: secrets opened. */
struct json_object *entry_view(struct call *c, const struct doc *book,
			       const struct entry *e);

/* How many more entries the book of KEY may have. */
size_t entries_room(struct call *c, const char *key);
/* Adds to O what the server knows of DEV; NULL: it is none of its own. */
void entry_facts(struct json_object *o, const struct doc *dev);

int entries_list(struct call *c);
int entries_add(struct call *c);
int entries_update(struct call *c);
int entries_delete(struct call *c);
int entries_bin(struct call *c);
int entries_bin_restore(struct call *c);
int entries_bin_delete(struct call *c);
