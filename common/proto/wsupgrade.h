/*
 * wsupgrade: the HTTP request that opens a WebSocket (RFC 6455 4.2), and the
 * answers to it. Pure.
 *
 * Any path, Host and Origin will do (spec 1.5); extensions and subprotocols
 * are never agreed on.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/proto/forwarded.h"

enum {
	WSUPGRADE_MAX = 16384,      /* the whole head: cookies can be long */
	WSUPGRADE_FORWARDED = 512,  /* a forwarding header; longer ones, its
				       repetitions included, do not count */
	WSUPGRADE_ANSWER_MAX = 512, /* of both kinds */
	WSUPGRADE_NONCE = 24,       /* Sec-WebSocket-Key: base64 of 16 bytes */
};

enum wsupgrade_result {
	WSUPGRADE_OK,
	WSUPGRADE_MORE,      /* the head is not complete */
	WSUPGRADE_TOO_LONG,  /* and will not be */
	WSUPGRADE_MALFORMED, /* this is not HTTP/1.1 */
	WSUPGRADE_METHOD,    /* not GET */
	WSUPGRADE_PLAIN,     /* a request that asks for no WebSocket */
	WSUPGRADE_VERSION,   /* of the WebSocket protocol; we have 13 */
	WSUPGRADE_KEY,       /* without a usable Sec-WebSocket-Key */
};

struct wsupgrade {
	size_t head_len; /* what follows are frames */
	char nonce[WSUPGRADE_NONCE + 1];
	/* "" where the request has none. */
	char forwarded_for[WSUPGRADE_FORWARDED];
	char forwarded[WSUPGRADE_FORWARDED];
	char real_ip[WSUPGRADE_FORWARDED];
	char proto[WSUPGRADE_FORWARDED];
};

enum wsupgrade_result wsupgrade_parse(const uint8_t *data, size_t len,
				      struct wsupgrade *out);

/* What the forwarding headers say; borrows from U. */
struct forwarded_headers wsupgrade_headers(const struct wsupgrade *u);

/* The answer that opens the connection; ACCEPT is the base64 of the nonce's
 * digest. Returns the length. */
size_t wsupgrade_accept(const char *accept,
			char out[static WSUPGRADE_ANSWER_MAX]);

/* The answer to what is not OK. Returns the length. */
size_t wsupgrade_refuse(enum wsupgrade_result why,
			char out[static WSUPGRADE_ANSWER_MAX]);
