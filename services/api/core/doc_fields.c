#include "services/api/core/doc.h"

#include <assert.h>

/* A member that no document of this kind has is our own mistake. */
static struct json_object *doc_json(const struct doc *d, struct field f)
{
	assert(!d || (f.kinds & 1U << d->kind));
	return d ? d->j : NULL;
}

const char *doc_text(const struct doc *d, struct field_text f)
{
	return field_text(doc_json(d, f.of), f);
}

int64_t doc_int(const struct doc *d, struct field_int f, int64_t def)
{
	return field_int(doc_json(d, f.of), f, def);
}

bool doc_bool(const struct doc *d, struct field_bool f, bool def)
{
	return field_bool(doc_json(d, f.of), f, def);
}

struct json_object *doc_list(const struct doc *d, struct field_list f)
{
	return field_list(doc_json(d, f.of), f);
}

struct json_object *doc_obj(const struct doc *d, struct field_obj f)
{
	return field_obj(doc_json(d, f.of), f);
}

void doc_set_text(struct doc *d, struct field_text f, const char *v)
{
	field_set_text(doc_json(d, f.of), f, v);
}

void doc_set_int(struct doc *d, struct field_int f, int64_t v)
{
	field_set_int(doc_json(d, f.of), f, v);
}

void doc_set_bool(struct doc *d, struct field_bool f, bool v)
{
	field_set_bool(doc_json(d, f.of), f, v);
}

void doc_set_list(struct doc *d, struct field_list f, struct json_object *v)
{
	field_set_list(doc_json(d, f.of), f, v);
}

void doc_set_obj(struct doc *d, struct field_obj f, struct json_object *v)
{
	field_set_obj(doc_json(d, f.of), f, v);
}

struct json_object *doc_any(const struct doc *d, struct field f)
{
	return field_any(doc_json(d, f), f);
}

bool doc_has(const struct doc *d, struct field f)
{
	return field_has(doc_json(d, f), f);
}

void doc_del(struct doc *d, struct field f)
{
	field_del(doc_json(d, f), f);
}

void doc_take(struct doc *d, struct json_object *body, struct field f)
{
	field_copy(doc_json(d, f), body, f);
}

void doc_show(struct json_object *out, const struct doc *d, struct field f)
{
	field_copy(out, doc_json(d, f), f);
}
