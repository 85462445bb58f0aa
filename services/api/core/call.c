#include "services/api/core/call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *call_query(const struct call *c, const char *name)
{
	for (size_t i = 0; i < c->nquery; i++)
		if (strcmp(c->query[i].name, name) == 0)
			return c->query[i].value;
	return NULL;
}

int64_t call_query_int(const struct call *c, const char *name, int64_t def)
{
	const char *text = call_query(c, name);
	char *end;

	if (!text || !*text)
		return def;
	errno = 0;
	long long v = strtoll(text, &end, 10);
	return errno || *end ? def : v;
}

bool call_cors(const struct call *c)
{
	const char *list = c->app->cfg->cors_origins;
	size_t len = strlen(c->origin);

	if (len == 0)
		return false;
	while (*list) {
		list += strspn(list, ", ");
		size_t n = strcspn(list, ", ");

		if (n == len && memcmp(list, c->origin, n) == 0)
			return true;
		list += n;
	}
	return false;
}

bool call_no_room(struct call *c)
{
	const struct app *a = c->app;

	c->no_room = fullness_nearly(db_pool_memory(a->db)) ||
		     (a->state && fullness_nearly(db_pool_memory(a->state)));
	return c->no_room;
}

static int answer(struct call *c, unsigned status, const char *type,
		  const char *out)
{
	c->status = status;
	c->type = type;
	c->out = out;
	c->out_len = strlen(out);
	return 0;
}

void call_header(struct call *c, const char *name, const char *value)
{
	if (c->nextra < CALL_EXTRA_MAX)
		c->extra[c->nextra++] = (struct call_arg){ name, value };
}

bool call_reads(const struct call *c)
{
	return strcmp(c->method, "GET") == 0 || strcmp(c->method, "HEAD") == 0;
}

int call_empty(struct call *c)
{
	return answer(c, 200, "text/plain; charset=utf-8", "");
}

int call_json(struct call *c, struct json_object *o)
{
	pool_json(&c->pool, o);
	return answer(c, 200, "application/json; charset=utf-8", js_dump(o));
}

int call_text(struct call *c, const char *text)
{
	return answer(c, 200, "text/plain; charset=utf-8", text);
}

int call_html(struct call *c, const char *text)
{
	c->csp = "default-src 'none'; style-src 'self' 'unsafe-inline'; "
		 "script-src 'self'; connect-src 'self'; img-src 'self' data:; "
		 "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
	return answer(c, 200, "text/html; charset=utf-8", text);
}

int call_error(struct call *c, unsigned status, const char *text)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "error", text);
	call_json(c, o);
	c->status = status;
	return 0;
}

int call_missing(struct call *c)
{
	return call_error(c, 404, "Not found");
}

int call_forbidden(struct call *c)
{
	return call_error(c, 403, "Permission denied");
}

int call_reauth(struct call *c)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "error", "Confirm that it is you");
	js_set_bool(o, "reauth", true);
	call_json(c, o);
	c->status = 403;
	return 0;
}

int call_result(struct call *c, int committed)
{
	return committed ? committed : call_empty(c);
}

bool call_lane(struct call *c, enum lane lane, const char *key)
{
	if (c->lane == lane)
		return true;
	c->wanted = lane;
	c->lane_key = key;
	return false;
}

struct db *call_state(struct call *c)
{
	if (!c->app->state)
		return &c->db;
	if (!c->state.conn)
		c->state = db_take(c->app->state, &c->pool);
	return &c->state;
}

const char *call_fmt(struct call *c, const char *fmt, ...)
{
	va_list ap;
	char probe[1];

	va_start(ap, fmt);
	int len = vsnprintf(probe, sizeof(probe), fmt, ap);
	va_end(ap);
	size_t size = len < 0 ? 1 : (size_t)len + 1;
	char *out = pool_alloc(&c->pool, size);
	va_start(ap, fmt);
	vsnprintf(out, size, fmt, ap);
	va_end(ap);
	return out;
}

struct json_object *call_object(struct call *c)
{
	return pool_json(&c->pool, json_object_new_object());
}

struct json_object *call_array(struct call *c)
{
	return pool_json(&c->pool, json_object_new_array());
}

bool call_may(const struct call *c, enum perm p, const struct target *t)
{
	return perm_may(c->who.grants, c->who.ngrants, p, call_self(c), t);
}

bool call_may_all(const struct call *c, enum perm p)
{
	return perm_global(c->who.grants, c->who.ngrants, p);
}

const char *call_self(const struct call *c)
{
	return c->who.user ? c->who.user->guid : "";
}

void page_init(struct call *c, struct page *p)
{
	int64_t current = call_query_int(c, "current", 1);
	int64_t size = call_query_int(c, "pageSize", 100);

	if (current < 1 || current > INT32_MAX)
		current = 1;
	if (size < 1 || size > CALL_PAGE_MAX)
		size = size < 1 ? 100 : CALL_PAGE_MAX;
	*p = (struct page){
		.call = c,
		.start = (size_t)(current - 1) * (size_t)size,
		.size = (size_t)size,
		.data = json_object_new_array(),
	};
	pool_json(&c->pool, p->data);
}

bool page_take(struct page *p)
{
	size_t at = p->total++;

	return at >= p->start && at - p->start < p->size;
}

int page_answer(struct call *c, struct page *p)
{
	struct json_object *o = json_object_new_object();

	js_set_int(o, "total", (int64_t)p->total);
	js_set(o, "data", json_object_get(p->data));
	return call_json(c, o);
}
