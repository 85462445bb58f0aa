/*
 * httpproxy: asks the site's own API for clients that cannot reach it
 * themselves (spec 4.19). Requests run side by side on the loop (libcurl);
 * only the paths that account.c let through go to the one URL that the
 * settings name, with the client's address in X-Forwarded-For.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/net/loop.h"
#include "rendezvous.pb-c.h"

enum {
	HTTPPROXY_MAX = 256, /* requests at a time; beyond: refused */
	HTTPPROXY_BYTES_MAX = 64 << 20, /* of them together; likewise */
	HTTPPROXY_MS = 15000,           /* the client gives up after 18 s */
	HTTPPROXY_ANSWER_MAX = 4 << 20, /* body; a page has 100 rows */
	HTTPPROXY_HEADERS_MAX = 32,     /* of an answer, passed on */
};

struct httpproxy;

/* R is borrowed for the call; its error is set if there is no answer. */
typedef void (*httpproxy_fn)(void *ctx, uint64_t client_id,
			     Hbb__HttpProxyResponse *r);

/* URL: "http://host:port" or with a path prefix; "" opens nothing and *OUT is
 * NULL. 0, -EINVAL (logged) or -ENOMEM. */
MUST_USE int httpproxy_open(struct loop *l, const char *url, httpproxy_fn fn,
			    void *ctx, struct httpproxy **out);
/* Requests under way are dropped. NULL is fine. */
void httpproxy_close(struct httpproxy *h);

/* Runs the packed HttpProxyRequest; FN is called once, now or later. */
void httpproxy_run(struct httpproxy *h, uint64_t client_id,
		   const struct addr *from, const uint8_t *data, size_t len);
