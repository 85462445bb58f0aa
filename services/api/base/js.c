#include "services/api/base/js.h"

#include <limits.h>
#include <string.h>

/* A NUL inside a string or a name would make two of them equal for C and
 * different for Redis. It can only come escaped: a bare one ends the text. */
static bool escapes_nul(const char *text, size_t len)
{
	for (size_t i = 0; i + 6 <= len; i++) {
		if (text[i] != '\\')
			continue;
		if (memcmp(text + i + 1, "u0000", 5) == 0)
			return true;
		i++; /* what it escapes, another one perhaps */
	}
	return false;
}

struct json_object *js_parse(struct pool *p, const char *text, size_t len,
			     bool *ok)
{
	*ok = false;
	if (len == 0 || len > INT_MAX - 1 || escapes_nul(text, len))
		return NULL;
	struct json_tokener *tok = json_tokener_new_ex(JS_DEPTH_MAX);
	if (!tok)
		return NULL;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
					    JSON_TOKENER_VALIDATE_UTF8);
	/* The NUL behind the text is parsed too: it ends a bare number. */
	struct json_object *o = json_tokener_parse_ex(tok, text, (int)len + 1);
	*ok = json_tokener_get_error(tok) == json_tokener_success &&
	      json_tokener_get_parse_end(tok) >= len;
	json_tokener_free(tok);
	if (!*ok) {
		json_object_put(o);
		return NULL;
	}
	return o ? pool_json(p, o) : NULL;
}

struct json_object *js_get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (!json_object_is_type(o, json_type_object))
		return NULL;
	json_object_object_get_ex(o, key, &v);
	return v;
}

bool js_has(struct json_object *o, const char *key)
{
	return js_get(o, key);
}

const char *js_str(struct json_object *o, const char *key)
{
	struct json_object *v = js_get(o, key);

	return json_object_is_type(v, json_type_string)
		       ? json_object_get_string(v)
		       : NULL;
}

const char *js_text(struct json_object *o, const char *key)
{
	const char *s = js_str(o, key);

	return s ? s : "";
}

int64_t js_int(struct json_object *o, const char *key, int64_t def)
{
	struct json_object *v = js_get(o, key);

	return json_object_is_type(v, json_type_int) ? json_object_get_int64(v)
						     : def;
}

bool js_bool(struct json_object *o, const char *key, bool def)
{
	struct json_object *v = js_get(o, key);

	return json_object_is_type(v, json_type_boolean)
		       ? json_object_get_boolean(v)
		       : def;
}

struct json_object *js_arr(struct json_object *o, const char *key)
{
	struct json_object *v = js_get(o, key);

	return json_object_is_type(v, json_type_array) ? v : NULL;
}

struct json_object *js_obj(struct json_object *o, const char *key)
{
	struct json_object *v = js_get(o, key);

	return json_object_is_type(v, json_type_object) ? v : NULL;
}

size_t js_len(struct json_object *arr)
{
	return json_object_is_type(arr, json_type_array)
		       ? json_object_array_length(arr)
		       : 0;
}

struct json_object *js_item(struct json_object *arr, size_t i)
{
	return json_object_is_type(arr, json_type_array)
		       ? json_object_array_get_idx(arr, i)
		       : NULL;
}

size_t js_size(struct json_object *o)
{
	return json_object_is_type(o, json_type_object)
		       ? (size_t)json_object_object_length(o)
		       : 0;
}

struct js_each js_each(struct json_object *o)
{
	bool object = json_object_is_type(o, json_type_object);

	return (struct js_each){
		.at = object ? json_object_get_object(o)->head : NULL,
	};
}

bool js_next(struct js_each *m)
{
	if (!m->at)
		return false;
	m->key = lh_entry_k(m->at);
	m->value = (struct json_object *)lh_entry_v(m->at);
	m->at = m->at->next;
	return true;
}

const char *js_at(struct json_object *arr, size_t i)
{
	struct json_object *v = js_item(arr, i);

	return json_object_is_type(v, json_type_string)
		       ? json_object_get_string(v)
		       : "";
}

bool js_arr_has(struct json_object *arr, const char *text)
{
	for (size_t i = 0; i < js_len(arr); i++)
		if (strcmp(js_at(arr, i), text) == 0)
			return true;
	return false;
}

void js_set(struct json_object *o, const char *key, struct json_object *v)
{
	if (json_object_is_type(o, json_type_object))
		json_object_object_add(o, key, v);
	else
		json_object_put(v);
}

void js_set_str(struct json_object *o, const char *key, const char *v)
{
	js_set(o, key, json_object_new_string(v ? v : ""));
}

void js_set_int(struct json_object *o, const char *key, int64_t v)
{
	js_set(o, key, json_object_new_int64(v));
}

void js_set_bool(struct json_object *o, const char *key, bool v)
{
	js_set(o, key, json_object_new_boolean(v));
}

struct json_object *js_cut(struct json_object *v, size_t max)
{
	if (!json_object_is_type(v, json_type_string) ||
	    (size_t)json_object_get_string_len(v) <= max)
		return json_object_get(v);
	const char *text = json_object_get_string(v);
	/* Not within a character. */
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return json_object_new_string_len(text, (int)max);
}

void js_push(struct json_object *arr, struct json_object *v)
{
	if (json_object_is_type(arr, json_type_array))
		json_object_array_add(arr, v);
	else
		json_object_put(v);
}

void js_push_str(struct json_object *arr, const char *v)
{
	js_push(arr, json_object_new_string(v ? v : ""));
}

void js_del(struct json_object *o, const char *key)
{
	if (json_object_is_type(o, json_type_object))
		json_object_object_del(o, key);
}

void js_copy(struct json_object *to, struct json_object *from, const char *key)
{
	struct json_object *v = js_get(from, key);

	if (v)
		js_set(to, key, json_object_get(v));
}

struct json_object *js_clone(struct json_object *o)
{
	struct json_object *copy = NULL;

	if (o)
		json_object_deep_copy(o, &copy, NULL);
	return copy;
}

struct json_object *js_without(struct json_object *arr, const char *text)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < js_len(arr); i++)
		if (strcmp(js_at(arr, i), text) != 0)
			js_push_str(out, js_at(arr, i));
	return out;
}

const char *js_dump(struct json_object *o)
{
	return json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}
