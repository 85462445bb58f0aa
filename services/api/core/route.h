/*
 * route: the one table of everything the server answers.
 *
 * Dispatch, the permission checks, the tests that are generated per role,
 * and GET /api/openapi.json all come from it.
 */
#pragma once

#include <stddef.h>

#include "services/api/core/call.h"
#include "services/api/core/schema.h"

enum auth {
	AUTH_NONE,  /* devices, log-in, public pages */
	AUTH_USER,  /* a signed-in user; API tokens with AREA */
	AUTH_ROLE,  /* a right (PERM) by role or API token */
	AUTH_ADMIN, /* a full administrator, never an API token */
	AUTH_TOKEN, /* an API token with AREA, or an administrator */
};

/* What a caller gets while Redis is away (contract 1.6: a 5xx makes clients
 * try the rendezvous port and wait, so only administrators see 503). */
enum away {
	AWAY_503,     /* 503 with Retry-After */
	AWAY_429,     /* user calls, audit: shown or retried, token kept */
	AWAY_OBJECT,  /* 200 {}: the heartbeat goes on */
	AWAY_LATER,   /* 200 text: sysinfo is sent again after 120 s */
	AWAY_PENDING, /* 200 "No authed oidc is found": polling goes on */
};

struct route {
	const char *methods; /* "GET", "GET POST" */
	const char *path;    /* "/api/users/{guid}/enable"; a last segment
			      * {path*} takes all that is left, except
			      * below /api/ */
	const char *with;    /* only if this query member is present */
	enum auth auth;
	enum perm perm; /* of AUTH_ROLE */
	enum area area; /* of AUTH_USER and AUTH_TOKEN, for API tokens */
	enum away away;
	const struct schema_field *in; /* body; NULL: none is read */
	const char *query;             /* names, space-separated */
	int (*handle)(struct call *c);
	const char *summary;
	size_t body_max; /* 0: ROUTE_BODY_MAX */
	bool fresh;      /* pages need a fresh proof, auth.h */
	bool dear;       /* has a lower rate, app.h */
	/* Is a large body wanted from who may call? False: answered. NULL:
	 * yes. */
	bool (*admit)(struct call *c);
};

enum {
	ROUTE_BODY_MAX = 256 << 10, /* the largest usual body: 1000 ids */
	ROUTE_BODY_CEILING = 16 << 20,
};

/* Clients call it: members that newer ones add are ignored, and Redis being
 * away has an answer that does them no harm. All other bodies are strict. */
static inline bool route_of_clients(const struct route *r)
{
	return r->away != AWAY_503;
}

/* It pages through something, which can take long: such calls have a lane of
 * their own. */
bool route_lists(const struct route *r);

extern const struct route routes[];
extern const size_t nroutes;

/* Finds the route and fills c->route and c->param. Returns 0, 404 or 405. */
unsigned route_find(struct call *c);
