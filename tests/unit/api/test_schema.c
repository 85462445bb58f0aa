#include "services/api/base/js.h"
#include "services/api/core/route.h"
#include "services/api/core/schema.h"
#include "tests/unit/unit.h"

static const char *fault(const struct schema_field *f, bool strict,
			 const char *text)
{
	static char bad[256];
	struct pool pool = { 0 };
	bool ok;

	struct json_object *o = js_parse(&pool, text, strlen(text), &ok);
	const char *r = ok ? schema_check(&pool, f, o, strict) : "syntax";
	snprintf(bad, sizeof(bad), "%s", r ? r : "");
	pool_fini(&pool);
	return bad;
}

static const struct schema_field inner[] = { MUST_INT("n"),
					     STR("s", 4),
					     { 0 } };
static const struct schema_field body[] = { MUST_STR("name", 8),
					    INT("n"),
					    LIST("list", 2, 4),
					    BOOL("on"),
					    OBJ("o", 16),
					    ARR("a", 2, 16),
					    OBJ_OF("in", 64, inner),
					    ARR_OF("rows", 2, 64, inner),
					    { 0 } };

START_TEST(bodies_are_checked_member_by_member)
{
	static const char *const cases[][2] = {
		{ "{\"name\":\"x\"}", "" },
		{ "{\"name\":\"x\",\"n\":null}", "" },
		{ "{}", "Invalid format: name" },
		{ "{\"name\":null}", "Invalid format: name" },
		{ "{\"name\":5}", "Invalid format: name" },
		{ "{\"name\":\"x\",\"n\":\"5\"}", "Invalid format: n" },
		{ "{\"name\":\"x\",\"n\":1.5}", "Invalid format: n" },
		{ "{\"name\":\"x\",\"list\":[1]}", "Invalid format: list" },
		{ "{\"name\":\"x\",\"on\":0}", "Invalid format: on" },
		{ "{\"name\":\"x\",\"o\":[]}", "Invalid format: o" },
		{ "{\"name\":\"x\",\"in\":{}}", "Invalid format: in.n" },
		{ "{\"name\":\"x\",\"rows\":[{\"n\":1},5]}",
		  "Invalid format: rows." },
		{ "[]", "Invalid format: body" },
		{ "null", "Invalid format: body" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_str_eq(fault(body, true, cases[i][0]), cases[i][1]);
}
END_TEST

START_TEST(every_member_has_a_length)
{
	static const char *const cases[][2] = {
		{ "{\"name\":\"12345678\"}", "" },
		{ "{\"name\":\"123456789\"}",
		  "Too long: name, at most 8 bytes" },
		{ "{\"name\":\"x\",\"list\":[\"12345\"]}",
		  "Too long: list, at most 4 bytes" },
		{ "{\"name\":\"x\",\"list\":[\"\",\"\",\"\"]}",
		  "Too many: list, at most 2" },
		{ "{\"name\":\"x\",\"o\":{\"a\":\"123456789\"}}",
		  "Too long: o, at most 16 bytes" },
		{ "{\"name\":\"x\",\"a\":[\"123456789012345\"]}",
		  "Too long: a, at most 16 bytes" },
		{ "{\"name\":\"x\",\"in\":{\"n\":1,\"s\":\"12345\"}}",
		  "Too long: in.s, at most 4 bytes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_str_eq(fault(body, true, cases[i][0]), cases[i][1]);
}
END_TEST

START_TEST(unknown_members_are_named_or_ignored)
{
	static const char more[] = "{\"name\":\"x\",\"more\":1}";
	static const char deep[] = "{\"name\":\"x\",\"in\":{\"n\":1,\"z\":2}}";

	ck_assert_str_eq(fault(body, true, more), "Unknown member: more");
	ck_assert_str_eq(fault(body, true, deep), "Unknown member: in.z");
	ck_assert_str_eq(fault(body, false, more), "");
	ck_assert_str_eq(fault(body, false, deep), "");
}
END_TEST

START_TEST(bare_arrays_and_booleans_are_shapes_too)
{
	ck_assert_str_eq(fault(schema_ids, true, "[\"a\"]"), "");
	ck_assert_str_eq(fault(schema_ids, true, "[]"), "");
	ck_assert_str_eq(fault(schema_ids, true, "[1]"),
			 "Invalid format: body");
	ck_assert_str_eq(fault(schema_ids, true, "{}"), "Invalid format: body");
	ck_assert_str_eq(fault(schema_bool, true, "true"), "");
	ck_assert_str_eq(fault(schema_bool, true, "1"), "Invalid format: body");
}
END_TEST

START_TEST(accessors_take_what_is_absent_or_of_another_type)
{
	static const char *const texts[] = { "null", "5",    "\"x\"", "true",
					     "[]",   "[[]]", "{}" };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct pool pool = { 0 };
		bool ok;
		struct json_object *o =
			js_parse(&pool, texts[i], strlen(texts[i]), &ok);
		struct js_each m = js_each(o);

		ck_assert(ok);
		ck_assert_str_eq(js_at(o, 0), "");
		ck_assert_str_eq(js_text(o, "a"), "");
		ck_assert_str_eq(js_text(js_item(o, 7), "a"), "");
		ck_assert_uint_eq(js_len(js_arr(o, "a")), 0);
		ck_assert_uint_eq(js_size(o), 0);
		ck_assert(!js_next(&m));
		ck_assert(!js_arr_has(o, "a"));
		js_del(o, "a");
		js_copy(o, o, "a");
		js_set_str(o, "b", NULL);
		js_push_str(o, NULL);
		js_set(NULL, "b", json_object_new_object());
		js_push(NULL, json_object_new_object());
		json_object_put(js_without(o, "a"));
		json_object_put(js_clone(o));
		ck_assert_ptr_nonnull(js_dump(o));
		pool_fini(&pool);
	}
}
END_TEST

START_TEST(only_one_complete_json_text_is_accepted)
{
	static const char *const bad[] = {
		"",    "{",    "{} {}", "{}x",      "tru",
		"'a'", "[1,]", "{a:1}", "\"\xff\"", "\"a\\u0000b\""
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(strcmp(fault(body, true, bad[i]), "syntax") == 0,
			      "%s", bad[i]);
}
END_TEST

START_TEST(nesting_is_limited)
{
	for (size_t n = JS_DEPTH_MAX; n <= JS_DEPTH_MAX + 1; n++) {
		struct pool pool = { 0 };
		char text[2 * (JS_DEPTH_MAX + 1) + 1] = { 0 };
		bool ok;

		memset(text, '[', n);
		memset(text + n, ']', n);
		(void)!js_parse(&pool, text, strlen(text), &ok);
		ck_assert_int_eq(ok, n == JS_DEPTH_MAX);
		pool_fini(&pool);
	}
}
END_TEST

START_TEST(a_full_u64_survives)
{
	static const char text[] = "{\"s\":18446744073709551615}";
	struct pool pool = { 0 };
	bool ok;

	struct json_object *o = js_parse(&pool, text, strlen(text), &ok);
	ck_assert(ok);
	ck_assert_str_eq(js_dump(o), text);
	ck_assert_uint_eq(json_object_get_uint64(js_get(o, "s")), UINT64_MAX);
	pool_fini(&pool);
}
END_TEST

static void check_rows(const char *path, const struct schema_field *f)
{
	for (; f->name; f++) {
		ck_assert_msg(f->type == 'i' || f->type == 'b' || f->max > 0,
			      "%s: %s has no length", path, f->name);
		ck_assert_msg((f->type != 'l' && f->type != 'a') || f->count,
			      "%s: %s has no count", path, f->name);
		if (f->inner)
			check_rows(path, f->inner);
	}
}

START_TEST(every_route_has_a_handler_and_lengths)
{
	for (size_t i = 0; i < nroutes; i++) {
		ck_assert(routes[i].handle && routes[i].summary);
		if (routes[i].in)
			check_rows(routes[i].path, routes[i].in);
	}
}
END_TEST

static unsigned find(struct call *c, const char *method, const char *path)
{
	c->method = method;
	c->path = path;
	return route_find(c);
}

START_TEST(paths_find_their_routes)
{
	struct call c = { 0 };

	ck_assert_uint_eq(find(&c, "POST", "/api/users/invite"), 0);
	ck_assert_str_eq(c.route->path, "/api/users/invite");
	ck_assert_uint_eq(find(&c, "POST", "/api/users/abc/enable"), 0);
	ck_assert_str_eq(c.param[0], "abc");
	ck_assert_uint_eq(find(&c, "HEAD", "/api/login-options"), 0);
	ck_assert_uint_eq(find(&c, "DELETE", "/api/login-options"), 405);
	ck_assert_uint_eq(find(&c, "GET", "/api/users//enable"), 404);
	ck_assert_uint_eq(find(&c, "GET", "/api/users/"), 404);
	ck_assert_uint_eq(find(&c, "GET", "api/users"), 404);
	ck_assert_uint_eq(find(&c, "GE", "/api/login-options"), 405);
	ck_assert_uint_eq(find(&c, "GET", "/api/users"), 0);
	ck_assert_ptr_null(c.route->with);
	c.query[0] = (struct call_arg){ "accessible", "" };
	c.nquery = 1;
	ck_assert_uint_eq(find(&c, "GET", "/api/users"), 0);
	ck_assert_str_eq(c.route->with, "accessible");
	pool_fini(&c.pool);
}
END_TEST

UNIT_MAIN("schema", bodies_are_checked_member_by_member,
	  every_member_has_a_length, unknown_members_are_named_or_ignored,
	  accessors_take_what_is_absent_or_of_another_type,
	  bare_arrays_and_booleans_are_shapes_too,
	  only_one_complete_json_text_is_accepted, nesting_is_limited,
	  a_full_u64_survives, every_route_has_a_handler_and_lengths,
	  paths_find_their_routes)
