#include "services/api/core/schema.h"

#include <string.h>

#include "services/api/base/js.h"

bool schema_next(const char **line, struct schema_field *f)
{
	const char *s = *line + strspn(*line, " ");
	size_t len = strcspn(s, ":");

	if (!*s || !s[len] || len >= sizeof(f->name))
		return false;
	memcpy(f->name, s, len);
	f->name[len] = 0;
	f->type = s[len + 1];
	s += len + 2;
	f->required = *s == '!';
	*line = s + f->required;
	return true;
}

static bool strings(struct json_object *arr)
{
	if (!json_object_is_type(arr, json_type_array) ||
	    js_len(arr) > SCHEMA_LIST_MAX)
		return false;
	for (size_t i = 0; i < js_len(arr); i++) {
		struct json_object *v = js_item(arr, i);

		if (!json_object_is_type(v, json_type_string) ||
		    json_object_get_string_len(v) > SCHEMA_STRING_MAX)
			return false;
	}
	return true;
}

static bool fits(char type, struct json_object *v)
{
	switch (type) {
	case 's':
		return json_object_is_type(v, json_type_string) &&
		       json_object_get_string_len(v) <= SCHEMA_STRING_MAX;
	case 't':
		return json_object_is_type(v, json_type_string);
	case 'i':
		return json_object_is_type(v, json_type_int);
	case 'b':
		return json_object_is_type(v, json_type_boolean);
	case 'o':
		return json_object_is_type(v, json_type_object);
	case 'l':
		return strings(v);
	case 'a':
		return json_object_is_type(v, json_type_array) &&
		       js_len(v) <= SCHEMA_LIST_MAX;
	default:
		return true;
	}
}

const char *schema_check(const char *line, struct json_object *body,
			 struct schema_field *f)
{
	if (strcmp(line, "[]") == 0)
		return strings(body) ? NULL : "body";
	if (strcmp(line, "bool") == 0)
		return json_object_is_type(body, json_type_boolean) ? NULL
								    : "body";
	if (!json_object_is_type(body, json_type_object))
		return "body";
	while (schema_next(&line, f)) {
		struct json_object *v = js_get(body, f->name);

		if (v ? !fits(f->type, v) : f->required)
			return f->name;
	}
	return NULL;
}
