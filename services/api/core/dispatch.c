#include "services/api/core/dispatch.h"

#include <errno.h>
#include <string.h>

#include "common/base/log.h"
#include "services/api/core/auth.h"
#include "services/api/core/route.h"
#include "services/api/core/schema.h"

static void add(struct call *c, enum api_metric m)
{
	metric_add(&c->app->metrics, m, 1);
}

static void answer_away(struct call *c, const char *text)
{
	switch (c->route->away) {
	case AWAY_503:
	case AWAY_429:
		call_error(c, c->route->away == AWAY_503 ? 503 : 429, text);
		c->retry_after_s = 5;
		break;
	case AWAY_OBJECT:
		call_json(c, json_object_new_object());
		break;
	case AWAY_LATER:
		call_text(c, "TRY_LATER");
		break;
	case AWAY_PENDING:
		call_error(c, 200, "No authed oidc is found");
		break;
	}
}

/* Calls that prove nothing are counted per address: anybody can make them,
 * with whatever header. */
static bool over_rate(struct call *c)
{
	pthread_mutex_lock(&c->app->limit_lock);
	uint64_t now_ms = app_tick_ms();
	bool ok = limiter_allow(&c->app->devices, &c->client, 1, now_ms) &&
		  (!c->route->dear ||
		   limiter_allow(&c->app->dear, &c->client, 1, now_ms));
	pthread_mutex_unlock(&c->app->limit_lock);
	if (ok)
		return false;
	add(c, M_LIMITED);
	call_error(c, 429, "Too frequent");
	c->retry_after_s = 5;
	return true;
}

/* Parses and checks the body; false: the answer says what is wrong. */
static bool read_body(struct call *c)
{
	static const struct schema_field nothing[] = { { 0 } };
	const struct schema_field *in = c->route->in;
	bool strict = !route_of_clients(c->route);
	bool ok = true;

	/* The body of a GET means nothing (RFC 9110, 9.3.1); some send one. */
	if (!in && (!strict || c->body_len == 0 || call_reads(c)))
		return true;
	if (!in)
		in = nothing;
	if (c->body_len == 0 && !schema_bare(in))
		c->in = call_object(c);
	else
		c->in = js_parse(&c->pool, c->body, c->body_len, &ok);
	const char *bad = ok ? schema_check(&c->pool, in, c->in, strict)
			     : "Invalid format: body is not JSON";
	if (!bad)
		return true;
	call_error(c, 400, bad);
	return false;
}

/* False: answered. */
static bool allowed(struct call *c)
{
	unsigned status = auth_check(c, c->route);

	if (status == 401 && over_rate(c))
		return false;
	if (status && c->who.foreign)
		call_error(c, 403, "Origin does not match");
	else if (status)
		call_error(c, status,
			   status == 401 ? "Invalid token"
					 : "Permission denied");
	else if (c->route->fresh && !auth_fresh(c))
		call_reauth(c);
	else
		return true;
	return false;
}

static void run(struct call *c)
{
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < DISPATCH_TRIES; i++) {
		if (i > 0)
			add(c, M_RETRIES);
		if (c->route->auth != AUTH_NONE)
			auth_load(c);
		if (c->db.away)
			return;
		if (!allowed(c))
			return;
		c->location = c->disposition = NULL;
		c->nextra = 0;
		r = c->route->handle(c);
		if (c->wanted != LANE_HERE)
			return;
	}
	if (r == -EAGAIN)
		call_error(c, 409, "Changed by someone else, try again");
	else if (r < 0 && r != -EIO)
		call_error(c, 500, "Internal error");
}

void dispatch_route(struct call *c)
{
	c->missing = route_find(c);
}

/* False: answered. A ban comes before all else. */
static bool routed(struct call *c)
{
	if (banned_has(&c->app->banned, &c->client)) {
		call_error(c, 403, "Your address is banned");
		return false;
	}
	if (!c->route && !c->missing)
		dispatch_route(c);
	if (c->missing)
		call_error(c, c->missing,
			   c->missing == 404 ? "Not found"
					     : "Method not allowed");
	return !c->missing;
}

/* The first of a large body's two looks counts. */
static bool below_rate(struct call *c)
{
	bool first = !c->admitted;

	c->admitted = true;
	return c->route->auth != AUTH_NONE || !first || !over_rate(c);
}

static void give_back(struct call *c)
{
	if (c->db.away || c->state.away) {
		add(c, M_AWAY);
		answer_away(c, "Service temporarily unavailable");
		c->wanted = LANE_HERE;
	} else if (c->no_room) {
		add(c, M_NO_ROOM);
		answer_away(c, "There is no room now, try again later");
	}
	db_put(c->app->db, &c->db);
	if (c->state.conn)
		db_put(c->app->state, &c->state);
}

/* Once, however many lanes the call goes through. */
static bool body_read(struct call *c)
{
	bool first = !c->parsed;

	c->parsed = true;
	return !first || read_body(c);
}

static void serve(struct call *c)
{
	if (!routed(c) || !below_rate(c) || !body_read(c))
		return;
	c->db = db_take(c->app->db, &c->pool);
	run(c);
	give_back(c);
}

static void finish(struct call *c)
{
	static const enum api_metric classes[] = { M_OK, M_MOVED, M_REFUSED,
						   M_FAILED };
	struct log_line l;

	add(c, classes[(c->status / 100 - 2) & 3]);
	log_begin(&l, c->status >= 500 ? LOG_WARN : LOG_DEBUG, "request");
	log_addr(&l, "peer", &c->client);
	log_str(&l, "method", c->method);
	log_str(&l, "route", c->route ? c->route->path : "-");
	log_uint(&l, "status", c->status);
	log_uint(&l, "ms", app_now_ms() - c->now_ms);
	log_end(&l);
}

static bool admit(struct call *c)
{
	bool ok = true;

	if (!routed(c) || !below_rate(c))
		return false;
	c->db = db_take(c->app->db, &c->pool);
	if (c->route->auth != AUTH_NONE) {
		auth_load(c);
		ok = !c->db.away && allowed(c);
	}
	if (ok && c->route->admit)
		ok = c->route->admit(c);
	ok = ok && !c->db.away && !c->state.away;
	give_back(c);
	return ok;
}

bool dispatch_admit(struct call *c)
{
	bool ok = admit(c);

	if (!ok)
		finish(c);
	return ok;
}

enum lane dispatch(struct call *c)
{
	c->status = 500;
	c->type = "text/plain; charset=utf-8";
	c->out = "";
	c->wanted = LANE_HERE;
	serve(c);
	if (c->wanted == LANE_HERE)
		finish(c);
	return c->wanted;
}

static bool may_be_dry(const struct call *c, const struct dispatch_call *as)
{
	for (size_t i = 0; i < as->nallowed; i++)
		if (as->allowed[i] == c->route->handle)
			return true;
	return false;
}

/* C is the call AS. True: T has its transaction. */
static bool run_dry(struct call *c, const struct dispatch_call *as,
		    struct tx *t)
{
	if (route_find(c) || !may_be_dry(c, as)) {
		call_error(c, 400, "Invalid format: not a change of access");
		return false;
	}
	if (!allowed(c) || !read_body(c))
		return false;
	c->db.dry = t;
	int r = c->route->handle(c);
	c->db.dry = NULL;
	if (c->wanted != LANE_HERE)
		call_error(c, 400, "Invalid format: more than access changes");
	else if (r < 0 && r != -ECANCELED && r != -EIO)
		call_error(c, 500, "Internal error");
	c->wanted = LANE_HERE;
	return r == -ECANCELED;
}

bool dispatch_dry(struct call *c, const struct dispatch_call *as, struct tx *t)
{
	const struct route *route = c->route;
	const char *method = c->method, *path = c->path, *body = c->body;
	size_t len = c->body_len, nquery = c->nquery;
	struct json_object *in = c->in;

	c->method = as->method;
	c->path = as->path;
	c->body = as->body;
	c->body_len = strlen(as->body);
	c->nquery = 0;
	bool kept = run_dry(c, as, t);
	c->route = route;
	c->method = method;
	c->path = path;
	c->body = body;
	c->body_len = len;
	c->nquery = nquery;
	c->in = in;
	return kept;
}

void dispatch_busy(struct call *c)
{
	answer_away(c, "The server is busy, try again");
	finish(c);
}
