#include "services/api/system/openapi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "services/api/core/route.h"
#include "services/api/core/schema.h"

static struct json_object *typed(const char *type)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "type", type);
	return o;
}

static struct json_object *shape(const struct schema_field *f, bool closed);

static struct json_object *text_of(const struct schema_field *f)
{
	struct json_object *o = typed("string");

	js_set_int(o, "maxLength", f->max);
	return o;
}

static struct json_object *array_of(const struct schema_field *f, bool closed)
{
	struct json_object *o = typed("array");

	js_set_int(o, "maxItems", f->count);
	if (f->type == 'l')
		js_set(o, "items", text_of(f));
	else if (f->inner)
		js_set(o, "items", shape(f->inner, closed));
	return o;
}

static struct json_object *member(const struct schema_field *f, bool closed)
{
	switch (f->type) {
	case 'i':
		return typed("integer");
	case 'b':
		return typed("boolean");
	case 'o':
		return f->inner ? shape(f->inner, closed) : typed("object");
	case 'l':
	case 'a':
		return array_of(f, closed);
	default:
		return text_of(f);
	}
}

/* CLOSED: other members are refused. */
static struct json_object *shape(const struct schema_field *f, bool closed)
{
	struct json_object *o, *props, *required;

	if (schema_bare(f))
		return member(f, closed);
	o = typed("object");
	props = json_object_new_object();
	required = json_object_new_array();
	js_set(o, "properties", props);
	for (; f->name; f++) {
		js_set(props, f->name, member(f, closed));
		if (f->required)
			js_push_str(required, f->name);
	}
	js_set(o, "required", required);
	if (closed)
		js_set_bool(o, "additionalProperties", false);
	return o;
}

static void add_parameter(struct json_object *list, const char *name,
			  size_t len, const char *where)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "name", json_object_new_string_len(name, (int)len));
	js_set_str(o, "in", where);
	js_set_bool(o, "required", *where == 'p');
	js_set(o, "schema", typed("string"));
	js_push(list, o);
}

static struct json_object *parameters(const struct route *r)
{
	struct json_object *list = json_object_new_array();

	for (const char *s = strchr(r->path, '{'); s; s = strchr(s, '{')) {
		s++;
		add_parameter(list, s, strcspn(s, "}"), "path");
	}
	for (const char *s = r->query ? r->query : ""; *s;) {
		size_t len = strcspn(s, " ");

		add_parameter(list, s, len, "query");
		s += len;
		s += strspn(s, " ");
	}
	return list;
}

static struct json_object *content(struct json_object *schema)
{
	struct json_object *o = json_object_new_object();
	struct json_object *json = json_object_new_object();
	struct json_object *media = json_object_new_object();

	js_set(media, "schema", schema);
	js_set(json, "application/json", media);
	js_set(o, "content", json);
	return o;
}

static struct json_object *responses(const struct route *r)
{
	struct json_object *o = json_object_new_object();
	struct json_object *ok = json_object_new_object();
	struct json_object *err = typed("object");
	struct json_object *props = json_object_new_object();

	js_set_str(ok, "description", "Success");
	js_set(o, "200", ok);
	js_set(props, "error", typed("string"));
	js_set(err, "properties", props);
	struct json_object *bad = content(err);
	js_set_str(bad, "description", "Refused; error says why");
	js_set(o, "default", bad);
	(void)r;
	return o;
}

/* The right that the generated tests try without. */
static const char *need(const struct route *r)
{
	switch (r->auth) {
	case AUTH_NONE:
		return "none";
	case AUTH_USER:
		return "user";
	case AUTH_ROLE:
		return perm_name(r->perm);
	case AUTH_TOKEN:
		return "token";
	case AUTH_ADMIN:
		break;
	}
	return "admin";
}

static struct json_object *operation(const struct route *r)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "summary", r->summary);
	js_set_str(o, "x-requires", need(r));
	js_set_str(
		o, "x-area",
		area_name(r->auth == AUTH_ROLE ? perm_area(r->perm) : r->area));
	if (r->fresh)
		js_set_bool(o, "x-fresh", true);
	js_set(o, "parameters", parameters(r));
	if (r->in)
		js_set(o, "requestBody",
		       content(shape(r->in, !route_of_clients(r))));
	js_set(o, "responses", responses(r));
	struct json_object *security = json_object_new_array();
	if (r->auth != AUTH_NONE) {
		struct json_object *bearer = json_object_new_object();

		js_set(bearer, "bearer", json_object_new_array());
		js_push(security, bearer);
	}
	js_set(o, "security", security);
	return o;
}

/* A route with a condition is listed under its path with the condition. */
static void add_route(struct json_object *paths, const struct route *r)
{
	char path[160], method[8];

	snprintf(path, sizeof(path), "%s%s%s", r->path, r->with ? "?" : "",
		 r->with ? r->with : "");
	struct json_object *item = js_get(paths, path);
	if (!item) {
		item = json_object_new_object();
		js_set(paths, path, item);
	}
	for (const char *s = r->methods; *s;) {
		size_t len = strcspn(s, " ");

		for (size_t i = 0; i < len && i < sizeof(method) - 1; i++)
			method[i] = (char)tolower((unsigned char)s[i]);
		method[len < 7 ? len : 7] = 0;
		js_set(item, method, operation(r));
		s += len;
		s += strspn(s, " ");
	}
}

int openapi(struct call *c)
{
	struct json_object *o = json_object_new_object();
	struct json_object *info = json_object_new_object();
	struct json_object *paths = json_object_new_object();
	struct json_object *components = json_object_new_object();
	struct json_object *schemes = json_object_new_object();
	struct json_object *bearer = typed("http");

	js_set_str(o, "openapi", "3.1.0");
	js_set_str(info, "title", "RustDesk server API");
	js_set_str(info, "version", VERSION);
	js_set(o, "info", info);
	for (size_t i = 0; i < nroutes; i++)
		add_route(paths, &routes[i]);
	js_set(o, "paths", paths);
	js_set_str(bearer, "scheme", "bearer");
	js_set(schemes, "bearer", bearer);
	js_set(components, "securitySchemes", schemes);
	js_set(o, "components", components);
	return call_json(c, o);
}

int openapi_version(struct call *c)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "version", VERSION);
	return call_json(c, o);
}
