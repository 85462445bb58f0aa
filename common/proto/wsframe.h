/*
 * wsframe: WebSocket frames (RFC 6455 5.2) as a server reads and sends them.
 * Pure.
 *
 * A long message is cut into fragments, so that no write is larger than
 * WSFRAME_BATCH and every write can end with a whole frame: control frames
 * then find room between two writes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"

enum {
	WSFRAME_MAX = 65536, /* the largest frame, head included */
	WSFRAME_BODY_MAX = WSFRAME_MAX - 4,
	WSFRAME_BATCH = 2 * WSFRAME_MAX, /* most of one write */
	WSFRAME_HEAD_MAX = 14,           /* of a masked frame */
	WSFRAME_CONTROL_MAX = 125,       /* payload of a control frame */
};

enum wsframe_op {
	WSFRAME_MORE = 0, /* a later fragment */
	WSFRAME_TEXT = 1,
	WSFRAME_BINARY = 2,
	WSFRAME_CLOSE = 8,
	WSFRAME_PING = 9,
	WSFRAME_PONG = 10,
};

/* Where a stream of frames from a client stands. Zeroed to begin with. */
struct wsframe_reader {
	uint8_t head[WSFRAME_HEAD_MAX];
	size_t have;   /* bytes of an incomplete head */
	uint64_t left; /* payload of the frame under way that is to come */
	uint8_t op;    /* of that frame, and whether it ends its message */
	bool fin;
	bool inside; /* its head has been read, its end has not */
	uint8_t mask[4];
	unsigned turn; /* which byte of the mask is next */
	bool open;     /* a message has begun and not ended */
	uint8_t kind;  /* text or binary: that message */
};

/* A part of one frame. */
struct wsframe_part {
	uint8_t *data; /* unmasked; into what was given */
	size_t len;
	uint64_t left; /* payload of this frame that is still to come */
	uint8_t kind;  /* WSFRAME_TEXT, _BINARY, or a control frame's */
	bool first;    /* of the message or control frame */
	bool last;     /* and these are its last bytes */
};

/*
 * Reads on at DATA, whose payload bytes are unmasked in place; *USED of LEN
 * bytes were taken. 1: OUT is the next part (of length 0 for an empty frame,
 * and where only a head has come), 0: more is needed, -EPROTO: a client must
 * not send that (no mask, a reserved bit or opcode, a length in a longer form
 * than it takes, fragments in disorder).
 */
MUST_USE int wsframe_read(struct wsframe_reader *r, uint8_t *data, size_t len,
			  size_t *used, struct wsframe_part *out);

/* Appends a control frame, beyond the cap if need be: there is one of each
 * kind at a time. 0 or -ENOMEM. */
MUST_USE int wsframe_put_control(struct buf *out, enum wsframe_op op,
				 const void *data, size_t len);

/* Appends DATA as one binary message; all of it or nothing. 0 or -ENOBUFS. */
MUST_USE int wsframe_put(struct buf *out, const void *data, size_t len);

/* The same for a part of a message: FIRST and LAST of it. */
MUST_USE int wsframe_put_part(struct buf *out, const void *data, size_t len,
			      bool first, bool last);

/* Writes the head of a frame with LEN <= WSFRAME_BODY_MAX bytes of a binary
 * message, FIRST and LAST of it; returns its length. */
size_t wsframe_put_head(uint8_t *head, bool first, bool last, size_t len);

/* Bytes of whole frames at the head of OUT, at most WSFRAME_BATCH. */
size_t wsframe_batch(const struct buf *out);

/* Appends a Close frame, beyond the cap if need be: it is the last one. */
void wsframe_put_close(struct buf *out, uint16_t code);
