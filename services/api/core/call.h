/*
 * call: one HTTP request while it is being answered.
 *
 * A handler reads the request members, uses `db`, and answers with one of
 * the call_* functions. It may be run again from the start (see tx.h), so
 * nothing outside Redis may happen before its commit. It returns 0, or
 * -EAGAIN and -EIO from tx_commit().
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "services/api/base/js.h"
#include "services/api/core/answer.h"
#include "services/api/core/app.h"
#include "services/api/core/doc.h"
#include "services/api/core/page.h"
#include "services/api/core/who.h"

struct route;

enum { CALL_QUERY_MAX = 32, CALL_PAGE_MAX = 1000, CALL_EXTRA_MAX = 6 };

struct call_arg {
	const char *name;
	const char *value; /* "" for a name alone */
};

/* What a handler returns after call_lane() said no. */
enum { CALL_LATER = -EINPROGRESS };

struct call {
	struct app *app;
	struct pool pool;
	struct db db;
	struct db state; /* presence and leases; take it with call_state() */
	const struct route *route;
	bool parsed;      /* the body has been read into IN */
	bool admitted;    /* it has been counted by its address */
	unsigned missing; /* 404 or 405 instead of a route */
	struct who who;
	uint64_t now_ms; /* Unix time of arrival */
	enum lane lane;  /* whose thread this is */
	enum lane wanted;
	const char *lane_key;
	unsigned moves; /* from lane to lane */
	bool no_room;   /* refused: call_no_room() */

	/* request */
	const char *method;
	const char *path;
	const char *bearer;               /* token text or NULL */
	const char *cookie;               /* session token of a page, or NULL */
	const char *host;                 /* Host header or "" */
	const char *origin;               /* Origin header or "" */
	bool https;                       /* a trusted proxy said so */
	const char *header[CALL_HEADERS]; /* NULL: not sent */
	const char *param[2];
	struct call_arg query[CALL_QUERY_MAX];
	size_t nquery;
	const char *body;
	size_t body_len;
	struct json_object *in; /* body as the route's schema allows */
	struct addr client;

	/* answer */
	unsigned status;
	const char *type;
	const char *out; /* lives in the pool or is a literal */
	size_t out_len;
	const char *location;
	const char *disposition;
	const char *csp; /* Content-Security-Policy; NULL: nothing may load */
	unsigned retry_after_s;
	const char *cache; /* Cache-Control; NULL: no-store */
	struct call_arg extra[CALL_EXTRA_MAX]; /* more headers */
	size_t nextra;
	const struct call_file *file; /* NULL: the answer is OUT */
	struct call_stream *stream;   /* NULL: it is OUT or FILE */
};

const char *call_query(const struct call *c, const char *name); /* or NULL */
int64_t call_query_int(const struct call *c, const char *name, int64_t def);

/* Web clients on another origin (contract 9.7), if an administrator lists it.
 */
bool call_cors(const struct call *c);

/* Answers. All return 0. */
int call_empty(struct call *c);
int call_json(struct call *c, struct json_object *o); /* takes O */
int call_text(struct call *c, const char *text);
int call_html(struct call *c, const char *text);
int call_error(struct call *c, unsigned status, const char *text);
int call_missing(struct call *c);               /* 404 */
int call_forbidden(struct call *c);             /* 403 */
int call_reauth(struct call *c);                /* 403: prove it again */
int call_result(struct call *c, int committed); /* empty, or the error */

/*
 * Is this a thread of LANE? If not, the handler returns CALL_LATER, having
 * changed nothing, and is run there from the start. KEY names what it will
 * wait for ("": nothing that others wait for too); see lanes.h.
 */
bool call_lane(struct call *c, enum lane lane, const char *key);

/* The Redis that holds presence (STATE_REDIS_URL). */
struct db *call_state(struct call *c);

/* The caller is a stranger, and wants something stored: true if Redis is so
 * full that what is left is for others. The handler then returns 0, and the
 * caller gets the route's answer for a Redis that is away. */
bool call_no_room(struct call *c);

/* Adds a header to the answer. */
void call_header(struct call *c, const char *name, const char *value);
/* GET and HEAD change nothing. */
bool call_reads(const struct call *c);

const char *call_fmt(struct call *c, const char *fmt, ...) PRINTF(2, 3);
struct json_object *call_object(struct call *c); /* fresh, pooled */
struct json_object *call_array(struct call *c);

/* May the caller do P to this target? */
bool call_may(const struct call *c, enum perm p, const struct target *t);
bool call_may_all(const struct call *c, enum perm p);
const char *call_self(const struct call *c); /* guid of the user, or "" */
