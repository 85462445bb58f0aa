/*
 * httpc: one HTTPS request to an identity provider (libcurl).
 */
#pragma once

#include <stdbool.h>

#include "services/api/base/pool.h"

enum { HTTPC_MS = 10000, HTTPC_BODY_MAX = 1 << 20, HTTPC_WHY_MAX = 500 };

struct httpc {
	const char *url;
	const char *form;     /* POST body; NULL: GET */
	const char *bearer;   /* or NULL */
	const char *user;     /* HTTP basic authentication, or NULL */
	const char *password; /* with USER */
	const char *ca;       /* PEM or a file (trust.h), "" for the system's */
	/* what came of it */
	long status;       /* 0: no answer */
	bool silent;       /* nobody answered, or a proxy in his place */
	const char *error; /* "error" of RFC 6749 5.2, or "" */
};

/* The JSON body if the status is 200; else NULL and *WHY, with the server's own
 * words where it has any. */
struct json_object *httpc_json(struct pool *p, struct httpc *rq,
			       const char **why);
/* TEXT percent-encoded. */
const char *httpc_escape(struct pool *p, const char *text);
