/*
 * stream: a peer that sends messages, over framed TCP or over WebSocket.
 *
 * The rendezvous server speaks the same messages on both; above this line
 * nothing knows which it is. TCP messages are frames of spec 1.3, WebSocket
 * messages are binary messages. Encryption is not here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/net/loop.h"
#include "common/net/ws.h"

struct stream;

struct stream_events {
	/* One whole message, valid during the call. An empty message is a
	 * heartbeat (spec 4.3) and is delivered. */
	void (*on_message)(void *ctx, const uint8_t *data, size_t len);
	/* The connection holds so many bytes of an unfinished message from
	 * now on; false ends it ("memory"). NULL: not asked. */
	bool (*on_held)(void *ctx, size_t bytes);
	/* Last event. REASON is a literal ("eof", "reset", "too_big", ...), or
	 * of foreign_word() if another protocol was spoken. */
	void (*on_close)(void *ctx, const char *reason);
};

/* Takes FD (also on failure). 0 and *OUT, or -errno. */
MUST_USE int stream_open_tcp(struct loop *l, int fd, size_t max_body,
			     size_t max_queue, const struct stream_events *ev,
			     void *ctx, struct stream **out);

/* Wraps a WebSocket connection; feed it from the ws events. */
MUST_USE int stream_open_ws(struct loop *l, struct ws *ws,
			    const struct stream_events *ev, void *ctx,
			    struct stream **out);
void stream_ws_message(struct stream *s, const uint8_t *data, size_t len,
		       bool binary);
bool stream_ws_held(struct stream *s, size_t bytes);
void stream_ws_closed(struct stream *s, const char *reason);

/* Largest inbound body from now on (raised once a connection is secured). */
void stream_set_max_body(struct stream *s, size_t max_body);

/* Most bytes that may wait to be sent from now on; TCP only. */
void stream_set_max_queue(struct stream *s, size_t max_queue);

/* Sends one message. 0, -ENOBUFS beyond the queue cap (closes), -EPIPE. */
MUST_USE int stream_send(struct stream *s, const void *data, size_t len);

/* Flushes what is queued, then closes (WebSocket: Close 1000). on_close is
 * called once, later, from the loop. */
void stream_close(struct stream *s, const char *reason);
bool stream_is_ws(const struct stream *s);
