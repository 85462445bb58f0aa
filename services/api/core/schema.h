/*
 * schema: the shape of a request body, as a table of its members.
 *
 *   FIELDS(MUST_STR("name", 64), STR("note", 300), LIST("tags", 100, 128))
 *
 * Every row carries its length, so what one call can put into Redis is the
 * sum of its rows. A null counts as absent. The route table holds these
 * shapes; checking and the OpenAPI document both come from them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "common/base/attr.h"
#include "services/api/base/pool.h"

enum {
	SCHEMA_LIST_MAX = 1000, /* members of an array in one request */
	SCHEMA_NAME_MAX = 64,   /* names of objects that people make */
	SCHEMA_NOTE_MAX = 2048,
};

struct schema_field {
	const char *name; /* "": the body itself; NULL: the end */
	char type;        /* s i b o l a x, see below */
	bool required;
	uint32_t max;   /* bytes: of a string, of each string of a list, of
			   the JSON text of everything else */
	uint32_t count; /* members of a list or an array */
	const struct schema_field *inner; /* members of an object, of each
					     object of an array; or NULL */
};

#define SCHEMA_ROW(n, t, must, bytes, members, in)                             \
	{                                                                      \
		.name = n, .type = t, .required = must, .max = bytes,          \
		.count = members, .inner = in                                  \
	}
/* A table, for a struct member or an argument; lives for ever at file scope. */
#define FIELDS(...) ((const struct schema_field[]){ __VA_ARGS__, { 0 } })

#define STR(n, bytes)      SCHEMA_ROW(n, 's', false, bytes, 0, NULL)
#define MUST_STR(n, bytes) SCHEMA_ROW(n, 's', true, bytes, 0, NULL)
#define INT(n)             SCHEMA_ROW(n, 'i', false, 0, 0, NULL)
#define MUST_INT(n)        SCHEMA_ROW(n, 'i', true, 0, 0, NULL)
#define BOOL(n)            SCHEMA_ROW(n, 'b', false, 0, 0, NULL)
#define MUST_BOOL(n)       SCHEMA_ROW(n, 'b', true, 0, 0, NULL)
/* A list of strings. */
#define LIST(n, members, bytes) SCHEMA_ROW(n, 'l', false, bytes, members, NULL)
#define MUST_LIST(n, members, bytes)                                           \
	SCHEMA_ROW(n, 'l', true, bytes, members, NULL)
/* An object or array whose handler looks at its members itself. */
#define OBJ(n, bytes)          SCHEMA_ROW(n, 'o', false, bytes, 0, NULL)
#define MUST_OBJ(n, bytes)     SCHEMA_ROW(n, 'o', true, bytes, 0, NULL)
#define ARR(n, members, bytes) SCHEMA_ROW(n, 'a', false, bytes, members, NULL)
/* An object, or an array of objects, with members of its own. */
#define OBJ_OF(n, bytes, fields)      SCHEMA_ROW(n, 'o', false, bytes, 0, fields)
#define MUST_OBJ_OF(n, bytes, fields) SCHEMA_ROW(n, 'o', true, bytes, 0, fields)
#define ARR_OF(n, members, bytes, fields)                                      \
	SCHEMA_ROW(n, 'a', false, bytes, members, fields)

/* The whole body: an array of strings (guids or ids), a bare boolean. */
extern const struct schema_field schema_ids[], schema_bool[];

/*
 * NULL if BODY fits, else a sentence that names the member. STRICT: members
 * that the table does not have are refused; otherwise they are ignored.
 */
const char *schema_check(struct pool *p, const struct schema_field *fields,
			 struct json_object *body, bool strict);

/* Is the body something other than an object? */
bool schema_bare(const struct schema_field *fields);
