/*
 * frame: RustDesk's length-prefixed stream framing (spec 1.3).
 *
 * A frame is a 1..4 byte little-endian head followed by the payload. The low
 * two bits of the head's first byte are (head length - 1); the remaining bits
 * are the payload length. The module is pure: it never reads or writes a
 * socket, so the relay, the rendezvous server and the fuzzer share one parser.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum { FRAME_HEAD_MAX = 4, FRAME_BODY_MAX = (1 << 30) - 1 };

/* A view into the caller's buffer; valid until that buffer changes. */
struct frame {
	const uint8_t *body;
	size_t len;
	size_t wire_len; /* head + body: what to consume after use */
};

/* How many bytes the head has that starts with FIRST (1..4). */
size_t frame_head_len(uint8_t first);

/* The payload length announced by the complete head at HEAD. */
size_t frame_body_len(const uint8_t *head);

/*
 * Parses the frame at the start of DATA.
 *
 * Returns 1 and fills OUT, 0 if more bytes are needed, or -EMSGSIZE if the
 * peer announces a body larger than MAX_BODY (drop the connection).
 */
MUST_USE int frame_parse(const uint8_t *data, size_t len, size_t max_body,
			 struct frame *out);

/* Writes the head of a BODY_LEN-byte frame; returns its length (1..4). */
size_t frame_put_head(uint8_t head[static FRAME_HEAD_MAX], size_t body_len);
