/*
 * http: with http_head and http_send the only file that names microhttpd.
 *
 * It collects a request into a struct call (with caps on size and time),
 * hands it to dispatch, and sends the answer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/api/core/call.h"

struct http;

enum {
	HTTP_IDLE_S = 30,         /* a connection without progress */
	HTTP_REQUEST_MS = 60000,  /* a request must be complete by then */
	HTTP_MOVES_MAX = 4,       /* of a call from lane to lane */
	HTTP_MEMORY = 32 << 10,   /* head of one request */
	HTTP_LINE_MAX = 16 << 10, /* of it, its address */
};

/* Starts the threads. 0 and *OUT, or -errno. */
MUST_USE int http_open(struct app *app, struct http **out);
uint16_t http_port(const struct http *h);
/* Sets the gauges of connections and bodies. */
void http_count(struct http *h);
/* Stops accepting; what is connected is still answered. */
void http_quiesce(struct http *h);
bool http_busy(const struct http *h); /* a request is being answered */
/* A stream (call.h) has nothing to say for now; from within its READ. */
void http_rest(struct call_stream *s);
/* From any thread; a stream that does not rest is left alone by the caller. */
void http_wake(struct call_stream *s);
/* Stops accepting, waits for running requests, frees. */
void http_close(struct http *h);
