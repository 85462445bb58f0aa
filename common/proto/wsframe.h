/*
 * wsframe: WebSocket frames as a server sends them (RFC 6455 5.2). Pure.
 *
 * A long message is cut into fragments, so that no write is larger than
 * WSFRAME_BATCH and every write can end with a whole frame: control frames
 * then find room between two writes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"

enum {
	WSFRAME_MAX = 65536,             /* the largest frame, head included */
	WSFRAME_BATCH = 2 * WSFRAME_MAX, /* most of one write */
};

/* Appends DATA as one binary message; all of it or nothing. 0 or -ENOBUFS. */
MUST_USE int wsframe_put(struct buf *out, const void *data, size_t len);

/* Bytes of whole frames at the head of OUT, at most WSFRAME_BATCH. */
size_t wsframe_batch(const struct buf *out);

/* Appends a Close frame, beyond the cap if need be: it is the last one. */
void wsframe_put_close(struct buf *out, uint16_t code);
