/*
 * answer: what a call may be answered with besides text: a file, or a stream
 * that goes on; and the request's headers that such answers depend on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Request headers that handlers may ask for. */
enum call_header {
	CALL_ACCEPT_ENCODING,
	CALL_IF_MATCH,
	CALL_IF_NONE_MATCH,
	CALL_IF_RANGE,
	CALL_LAST_EVENT_ID,
	CALL_RANGE,
	CALL_HEADERS,
};

/* Bytes of an open file as an answer; DESCRIPTOR is closed when they are
 * sent. The length is the answer's out_len. */
struct call_file {
	int descriptor;
	uint64_t offset;
};

/* An answer whose bytes come by and by. READ is called by the thread of the
 * connection; with nothing to say it calls http_rest() and returns 0, and
 * http_wake() lets it be called again. Negative: the end, after which nobody
 * wakes it. GONE is called once. SIZED: it has the answer's out_len, and an
 * earlier end breaks the connection; so does one that is BROKEN. */
struct call_stream {
	long (*read)(struct call_stream *s, char *out, size_t max);
	void (*gone)(struct call_stream *s);
	bool sized;
	bool broken;
	void *connection; /* http's */
};
