/*
 * fields: the members of the api's documents, by name and type.
 *
 * fields.def names each once. A name that is misspelt, or used as another type
 * than it has, does not compile; a name of another kind than the document's
 * ends the process (doc_text() and the like), so no test gets past it.
 *
 * field_*: of any JSON object. Objects and missing members as in js.h: getters
 * give the default, and setters of arrays and objects take their value.
 */
#pragma once

#include "services/api/base/js.h"

/* What is common to all: NAME as stored, KINDS of documents that have it (bits
 * of enum doc_kind; 0: it is a member of something in a document). */
struct field {
	const char *name;
	unsigned kinds;
};

struct field_text {
	struct field of;
};
struct field_int {
	struct field of;
};
struct field_bool {
	struct field of;
};
struct field_list {
	struct field of;
};
struct field_obj {
	struct field of;
};

#define FIELD(kind, NAME, type, stored)                                        \
	extern const struct field_##type kind##_##NAME;
#define HASH(kind, NAME, stored) extern const char kind##_##NAME[];
#include "services/api/core/fields.def"
#undef FIELD
#undef HASH

static inline const char *field_text(struct json_object *o, struct field_text f)
{
	return js_text(o, f.of.name);
}

static inline int64_t field_int(struct json_object *o, struct field_int f,
				int64_t def)
{
	return js_int(o, f.of.name, def);
}

static inline bool field_bool(struct json_object *o, struct field_bool f,
			      bool def)
{
	return js_bool(o, f.of.name, def);
}

static inline struct json_object *field_list(struct json_object *o,
					     struct field_list f)
{
	return js_arr(o, f.of.name);
}

static inline struct json_object *field_obj(struct json_object *o,
					    struct field_obj f)
{
	return js_obj(o, f.of.name);
}

static inline void field_set_text(struct json_object *o, struct field_text f,
				  const char *v)
{
	js_set_str(o, f.of.name, v);
}

static inline void field_set_int(struct json_object *o, struct field_int f,
				 int64_t v)
{
	js_set_int(o, f.of.name, v);
}

static inline void field_set_bool(struct json_object *o, struct field_bool f,
				  bool v)
{
	js_set_bool(o, f.of.name, v);
}

static inline void field_set_list(struct json_object *o, struct field_list f,
				  struct json_object *v)
{
	js_set(o, f.of.name, v);
}

static inline void field_set_obj(struct json_object *o, struct field_obj f,
				 struct json_object *v)
{
	js_set(o, f.of.name, v);
}

static inline struct json_object *field_any(struct json_object *o,
					    struct field f)
{
	return js_get(o, f.name);
}

static inline bool field_has(struct json_object *o, struct field f)
{
	return js_has(o, f.name);
}

static inline void field_del(struct json_object *o, struct field f)
{
	js_del(o, f.name);
}

static inline void field_copy(struct json_object *to, struct json_object *from,
			      struct field f)
{
	js_copy(to, from, f.name);
}
