/*
 * js: short names for the json-c calls that handlers make.
 *
 * Everything here accepts NULL and wrong types. Getters give the default, so
 * a document from an older version reads like one with the field left out;
 * setters do nothing (and put what they were given). json-c itself asserts
 * in such cases: those of its functions that do are named by js.c alone
 * (tools/lint/calls).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "common/base/attr.h"
#include "services/api/base/pool.h"

enum { JS_DEPTH_MAX = 16 }; /* deepest client message: 4 levels */

/* Parses exactly one JSON text, TEXT[LEN] being NUL. The object belongs to the
 * pool. NULL with *OK false if it is not JSON; NULL with *OK true for a literal
 * null. */
struct json_object *js_parse(struct pool *p, const char *text, size_t len,
			     bool *ok);

bool js_has(struct json_object *o, const char *key); /* present, not null */
struct json_object *js_get(struct json_object *o, const char *key);
const char *js_str(struct json_object *o, const char *key);  /* or NULL */
const char *js_text(struct json_object *o, const char *key); /* or "" */
int64_t js_int(struct json_object *o, const char *key, int64_t def);
bool js_bool(struct json_object *o, const char *key, bool def);
struct json_object *js_arr(struct json_object *o, const char *key); /* NULL */
struct json_object *js_obj(struct json_object *o, const char *key); /* NULL */
size_t js_len(struct json_object *arr);               /* 0 for NULL */
const char *js_at(struct json_object *arr, size_t i); /* string or "" */
struct json_object *js_item(struct json_object *arr, size_t i); /* or NULL */
size_t js_size(struct json_object *o); /* members of an object, else 0 */
bool js_arr_has(struct json_object *arr, const char *text);

/* The members of an object, in order:
 *   for (struct js_each m = js_each(o); js_next(&m);) ... m.key, m.value
 * O must not get or lose members meanwhile. */
struct js_each {
	const char *key;
	struct json_object *value;
	struct lh_entry *at;
};
struct js_each js_each(struct json_object *o);
bool js_next(struct js_each *m);

/* Takes V. */
void js_set(struct json_object *o, const char *key, struct json_object *v);
void js_set_str(struct json_object *o, const char *key, const char *v);
void js_set_int(struct json_object *o, const char *key, int64_t v);
void js_set_bool(struct json_object *o, const char *key, bool v);
/* V (a new reference), or the first MAX bytes of a longer string. */
struct json_object *js_cut(struct json_object *v, size_t max);
void js_push(struct json_object *arr, struct json_object *v); /* takes V */
void js_push_str(struct json_object *arr, const char *v);
void js_del(struct json_object *o, const char *key);

/* Adds a new reference of FROM's member to TO, if there is one. */
void js_copy(struct json_object *to, struct json_object *from, const char *key);
/* An independent copy. */
struct json_object *js_clone(struct json_object *o);
/* An array without TEXT; belongs to the caller. */
struct json_object *js_without(struct json_object *arr, const char *text);
/* The compact text; lives as long as the object is not changed. */
const char *js_dump(struct json_object *o);
