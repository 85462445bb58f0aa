#include "services/api/core/schema.h"

#include <string.h>

#include "services/api/base/js.h"

const struct schema_field schema_ids[] = { LIST("", SCHEMA_LIST_MAX, 128),
					   { 0 } };
const struct schema_field schema_bool[] = { BOOL(""), { 0 } };

/* Where we are: the names on the way, for the sentence. */
struct walk {
	struct pool *pool;
	bool strict;
	const char *within; /* "" or "servers." */
};

static const char *say(const struct walk *w, const char *what, const char *name)
{
	return pool_printf(w->pool, "%s: %s%s", what, w->within,
			   *name || *w->within ? name : "body");
}

static const char *check_fields(const struct walk *w,
				const struct schema_field *fields,
				struct json_object *o);

static const char *too_long(const struct walk *w, const struct schema_field *f)
{
	return pool_printf(w->pool, "Too long: %s%s, at most %u bytes",
			   w->within, *f->name ? f->name : "body", f->max);
}

static const char *check_text(const struct walk *w,
			      const struct schema_field *f,
			      struct json_object *v)
{
	if (!json_object_is_type(v, json_type_string))
		return say(w, "Invalid format", f->name);
	return (size_t)json_object_get_string_len(v) > f->max ? too_long(w, f)
							      : NULL;
}

static const char *check_array(const struct walk *w,
			       const struct schema_field *f,
			       struct json_object *v)
{
	const char *bad = NULL;
	struct walk in = *w;

	if (!json_object_is_type(v, json_type_array))
		return say(w, "Invalid format", f->name);
	if (js_len(v) > f->count)
		return pool_printf(w->pool, "Too many: %s%s, at most %u",
				   w->within, *f->name ? f->name : "body",
				   f->count);
	in.within = pool_printf(w->pool, "%s%s.", w->within, f->name);
	for (size_t i = 0; !bad && i < js_len(v); i++) {
		if (f->type == 'l')
			bad = check_text(w, f, js_item(v, i));
		else if (f->inner)
			bad = check_fields(&in, f->inner, js_item(v, i));
	}
	if (!bad && f->type == 'a' && strlen(js_dump(v)) > f->max)
		bad = too_long(w, f);
	return bad;
}

static const char *check_object(const struct walk *w,
				const struct schema_field *f,
				struct json_object *v)
{
	struct walk in = *w;

	if (!json_object_is_type(v, json_type_object))
		return say(w, "Invalid format", f->name);
	if (strlen(js_dump(v)) > f->max)
		return too_long(w, f);
	in.within = pool_printf(w->pool, "%s%s.", w->within, f->name);
	return f->inner ? check_fields(&in, f->inner, v) : NULL;
}

static const char *check_value(const struct walk *w,
			       const struct schema_field *f,
			       struct json_object *v)
{
	json_type want = f->type == 'i' ? json_type_int : json_type_boolean;

	switch (f->type) {
	case 's':
		return check_text(w, f, v);
	case 'o':
		return check_object(w, f, v);
	case 'l':
	case 'a':
		return check_array(w, f, v);
	default:
		return json_object_is_type(v, want)
			       ? NULL
			       : say(w, "Invalid format", f->name);
	}
}

static bool known(const struct schema_field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (strcmp(fields->name, name) == 0)
			return true;
	return false;
}

static const char *check_fields(const struct walk *w,
				const struct schema_field *fields,
				struct json_object *o)
{
	if (!json_object_is_type(o, json_type_object))
		return say(w, "Invalid format", "");
	for (const struct schema_field *f = fields; f->name; f++) {
		struct json_object *v = js_get(o, f->name);
		const char *bad = v ? check_value(w, f, v) : NULL;

		if (!v && f->required)
			bad = say(w, "Invalid format", f->name);
		if (bad)
			return bad;
	}
	for (struct js_each m = js_each(o); w->strict && js_next(&m);)
		if (!known(fields, m.key))
			return pool_printf(w->pool, "Unknown member: %s%.64s",
					   w->within, m.key);
	return NULL;
}

bool schema_bare(const struct schema_field *fields)
{
	return fields->name && !*fields->name;
}

const char *schema_check(struct pool *p, const struct schema_field *fields,
			 struct json_object *body, bool strict)
{
	struct walk w = { .pool = p, .strict = strict, .within = "" };

	return schema_bare(fields) ? check_value(&w, fields, body)
				   : check_fields(&w, fields, body);
}
