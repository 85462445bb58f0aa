/*
 * web: asks a web server, as a browser does: the one file that knows libcurl.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"

struct web_ask {
	const char *host; /* whom the certificate must name; "[::1]" as well */
	uint16_t port;
	const char *path;
	unsigned timeout_ms; /* for all of it */
	bool plain;          /* without TLS */
	bool upgrade;        /* for a WebSocket (101); else 200 is wanted */
	bool insecure;       /* go on with a certificate that is not trusted */
	const char *token;   /* signed in with it; NULL: nobody */
	struct buf *body;    /* takes the whole answer's; NULL: its head will
				do */
};

struct web_answer {
	char problem[160]; /* "" if everything went well */
	bool untrusted;    /* clients refuse this certificate */
	long status;       /* of the HTTP answer, 0 if there was none */
	int64_t date_s;    /* the server's clock in it, 0 if it told none */
	int64_t expires_s; /* of the certificate, 0 if it was not accepted */
};

/* GETs the head of an answer, and its body if it is asked for. 0, with what
 * came of it in OUT, or -errno if there is no connection. */
MUST_USE int web_get(const struct web_ask *ask, struct web_answer *out);
