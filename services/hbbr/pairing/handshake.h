/*
 * handshake: the first frame of a relay connection (spec 4.15).
 *
 * A TCP reader must not take a byte more than this frame: what follows
 * belongs to the stream and stays in the kernel for splice. So the module
 * says how many bytes to read next and is told how many came; it never sees
 * a descriptor. The judgement of the message is shared with WebSocket.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/proto/frame.h"
#include "common/proto/wire.h"
#include "services/hbbr/state/reason.h"

enum { HANDSHAKE_MAX = 16384 }; /* payload of a first frame, spec 1.3 */

struct handshake {
	uint8_t start[FRAME_HEAD_MAX]; /* until the length is known */
	uint8_t *frame;                /* then: head and payload */
	size_t have;                   /* bytes read so far */
	size_t total;                  /* of the frame; 0 while unknown */
};

void handshake_init(struct handshake *h);
void handshake_fini(struct handshake *h);

/* Where the next bytes go; returns how many are wanted (at least 1). */
size_t handshake_want(struct handshake *h, uint8_t **at);

/*
 * N <= handshake_want() bytes were written there. Returns 1 when the frame is
 * complete, 0 if more is wanted, -EMSGSIZE (announces too much), -EBADMSG
 * (an empty frame is no first frame) or -ENOMEM.
 */
MUST_USE int handshake_got(struct handshake *h, size_t n);

/* The payload of the complete frame. */
const uint8_t *handshake_payload(const struct handshake *h, size_t *len);

/* What a valid first message says. */
struct relay_request {
	char uuid[WIRE_UUID_TEXT_MAX + 1];
	bool controller; /* it names a peer: the controlling end does */
	bool tunnel;     /* PORT_FORWARD or RDP (spec 4.16, limit) */
};

/* REASON_NONE and OUT, or why to close. An empty KEY admits every key. */
MUST_USE enum reason handshake_judge(const char *key, const uint8_t *msg,
				     size_t len, struct relay_request *out);
