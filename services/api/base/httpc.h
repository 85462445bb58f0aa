/*
 * httpc: one HTTPS request to an identity provider (libcurl).
 */
#pragma once

#include "services/api/base/pool.h"

enum { HTTPC_MS = 10000, HTTPC_BODY_MAX = 1 << 20 };

struct httpc {
	const char *url;
	const char *form;   /* POST body; NULL: GET */
	const char *bearer; /* or NULL */
	const char *ca;     /* PEM bundle, "" for the system's */
};

/* The body, NUL-terminated, if the status is 200; else NULL and *WHY. */
const char *httpc_do(struct pool *p, const struct httpc *rq, const char **why);
/* TEXT percent-encoded. */
const char *httpc_escape(struct pool *p, const char *text);
