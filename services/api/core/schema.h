/*
 * schema: the shape of a request body in one line of text.
 *
 *   "name:s! note:s tags:l"   an object; '!' = required
 *   "[]"                      an array of strings
 *   "bool"                    a bare true or false
 *   ""                        no body is read
 *
 * Types: s string, t long text, i integer, b bool, o object, l array of
 * strings, a array, x anything. A null counts as absent, unknown members are
 * ignored. The route table holds these lines; checking and the OpenAPI
 * document both come from them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

enum {
	SCHEMA_STRING_MAX = 4096,
	SCHEMA_LIST_MAX = 1000, /* members of an array in one request */
	SCHEMA_FIELD_MAX = 48,
};

struct schema_field {
	char name[SCHEMA_FIELD_MAX];
	char type;
	bool required;
};

/* Steps through an object line; false at its end. */
bool schema_next(const char **line, struct schema_field *f);

/* NULL if BODY fits, else the name of the member that does not. */
const char *schema_check(const char *line, struct json_object *body,
			 struct schema_field *f);
