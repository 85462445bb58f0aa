#include "services/api/base/js.h"
#include "services/api/core/route.h"
#include "services/api/core/schema.h"
#include "tests/unit/unit.h"

static const char *check(const char *line, const char *text)
{
	static char bad[SCHEMA_FIELD_MAX];
	struct pool pool = { 0 };
	struct schema_field f;
	bool ok;

	struct json_object *o = js_parse(&pool, text, strlen(text), &ok);
	const char *r = ok ? schema_check(line, o, &f) : "syntax";
	snprintf(bad, sizeof(bad), "%s", r ? r : "");
	pool_fini(&pool);
	return bad;
}

START_TEST(bodies_are_checked_member_by_member)
{
	static const char line[] = "name:s! n:i list:l on:b o:o any:x a:a";

	ck_assert_str_eq(check(line, "{\"name\":\"x\"}"), "");
	ck_assert_str_eq(check(line, "{\"name\":\"x\",\"n\":null}"), "");
	ck_assert_str_eq(check(line, "{\"name\":\"x\",\"more\":1}"), "");
	ck_assert_str_eq(check(line, "{}"), "name");
	ck_assert_str_eq(check(line, "{\"name\":null}"), "name");
	ck_assert_str_eq(check(line, "{\"name\":5}"), "name");
	ck_assert_str_eq(check(line, "{\"name\":\"x\",\"n\":\"5\"}"), "n");
	ck_assert_str_eq(check(line, "{\"name\":\"x\",\"n\":1.5}"), "n");
	ck_assert_str_eq(check(line, "{\"name\":\"x\",\"list\":[1]}"), "list");
	ck_assert_str_eq(check(line, "{\"name\":\"x\",\"on\":0}"), "on");
	ck_assert_str_eq(check(line, "{\"name\":\"x\",\"o\":[]}"), "o");
	ck_assert_str_eq(check(line, "[]"), "body");
	ck_assert_str_eq(check(line, "null"), "body");
}
END_TEST

START_TEST(bare_arrays_and_booleans_are_shapes_too)
{
	ck_assert_str_eq(check("[]", "[\"a\"]"), "");
	ck_assert_str_eq(check("[]", "[]"), "");
	ck_assert_str_eq(check("[]", "[1]"), "body");
	ck_assert_str_eq(check("[]", "{}"), "body");
	ck_assert_str_eq(check("bool", "true"), "");
	ck_assert_str_eq(check("bool", "1"), "body");
}
END_TEST

START_TEST(only_one_complete_json_text_is_accepted)
{
	static const char *const bad[] = {
		"",    "{",    "{} {}", "{}x",      "tru",
		"'a'", "[1,]", "{a:1}", "\"\xff\"", "\"a\\u0000b\""
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(strcmp(check("any:x", bad[i]), "syntax") == 0,
			      "%s", bad[i]);
}
END_TEST

START_TEST(nesting_is_limited)
{
	char text[2 * 64 + 1];

	memset(text, '[', 64);
	memset(text + 64, ']', 64);
	text[128] = 0;
	ck_assert_str_eq(check("[]", text), "syntax");
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

START_TEST(every_route_has_a_shape_that_can_be_read)
{
	for (size_t i = 0; i < nroutes; i++) {
		const char *s = routes[i].in;
		struct schema_field f;

		ck_assert(routes[i].handle && routes[i].summary);
		if (!s || strcmp(s, "[]") == 0 || strcmp(s, "bool") == 0)
			continue;
		while (schema_next(&s, &f))
			ck_assert_msg(strchr("stibolax", f.type) != NULL,
				      "%s: %s", routes[i].path, f.name);
		ck_assert_msg(s[strspn(s, " ")] == 0, "%s: rest '%s'",
			      routes[i].path, s);
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
	  bare_arrays_and_booleans_are_shapes_too,
	  only_one_complete_json_text_is_accepted, nesting_is_limited,
	  a_full_u64_survives, every_route_has_a_shape_that_can_be_read,
	  paths_find_their_routes)
