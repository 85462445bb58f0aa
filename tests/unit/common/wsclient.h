/*
 * wsclient: a small WebSocket client for unit tests, on a plain socket.
 *
 * It shares no code with ws.c. Reading never blocks: conditions of
 * live_until() call wsc_frame() or wsc_bytes().
 */
#pragma once

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/common/live.h"

enum { WSC_TEXT = 1, WSC_BINARY = 2, WSC_CLOSE = 8, WSC_PING = 9, WSC_PONG };

struct wsc {
	int fd;
	uint8_t *data; /* received, not yet looked at */
	size_t len;
	size_t size;
	bool ended;  /* the server closed or reset */
	unsigned op; /* of the last frame, as is what follows */
	bool fin;
	uint8_t *body; /* until the next call */
	size_t body_len;
};

static inline void wsc_read(struct wsc *c)
{
	for (;;) {
		if (c->size - c->len < 65536) {
			c->size = c->size * 2 + 65536;
			c->data = realloc(c->data, c->size);
		}
		ssize_t n = recv(c->fd, c->data + c->len, c->size - c->len,
				 MSG_DONTWAIT);
		if (n <= 0) {
			if (n == 0 || errno != EAGAIN)
				c->ended = true;
			return;
		}
		c->len += (size_t)n;
	}
}

static inline void wsc_drop(struct wsc *c, size_t n)
{
	memmove(c->data, c->data + n, c->len - n);
	c->len -= n;
}

/* True once the answer to the upgrade is here; it must be 101. */
static inline bool wsc_upgraded(struct wsc *c)
{
	wsc_read(c);
	char *end = c->len ? memmem(c->data, c->len, "\r\n\r\n", 4) : NULL;
	if (!end)
		return false;
	ck_assert_mem_eq(c->data, "HTTP/1.1 101 ", 13);
	ck_assert_ptr_null(memmem(c->data, (size_t)(end - (char *)c->data),
				  "Sec-WebSocket-Ext", 17));
	wsc_drop(c, (size_t)(end - (char *)c->data) + 4);
	return true;
}

/* Takes the next frame if it is here. Servers do not mask. */
static inline bool wsc_frame(struct wsc *c)
{
	wsc_read(c);
	if (c->len < 2)
		return false;
	size_t head = 2, n = c->data[1];
	ck_assert_uint_lt(n, 127); /* it cuts long messages instead */
	if (n == 126) {
		head = 4;
		if (c->len < head)
			return false;
		n = (size_t)c->data[2] << 8 | c->data[3];
	}
	if (c->len < head + n)
		return false;
	c->op = c->data[0] & 15;
	c->fin = c->data[0] & 128;
	c->body = realloc(c->body, n + 1);
	memcpy(c->body, c->data + head, n);
	c->body_len = n;
	wsc_drop(c, head + n);
	return true;
}

/* Builds a masked frame into OUT; returns its length. */
static inline size_t wsc_build(uint8_t *out, unsigned op, bool fin,
			       const void *data, size_t len)
{
	static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	size_t n = 0;

	out[n++] = (uint8_t)((fin ? 128u : 0u) | op);
	if (len < 126) {
		out[n++] = (uint8_t)(128u | len);
	} else if (len < 65536) {
		out[n++] = 128 | 126;
		out[n++] = (uint8_t)(len >> 8);
		out[n++] = (uint8_t)len;
	} else {
		out[n++] = 128 | 127;
		for (int i = 7; i >= 0; i--)
			out[n++] = (uint8_t)((uint64_t)len >> (8 * i));
	}
	memcpy(out + n, mask, 4);
	n += 4;
	for (size_t i = 0; i < len; i++)
		out[n++] = ((const uint8_t *)data)[i] ^ mask[i & 3];
	return n;
}

static inline void wsc_send(struct wsc *c, unsigned op, bool fin,
			    const void *data, size_t len)
{
	uint8_t *frame = malloc(len + 14);

	live_write(c->fd, frame, wsc_build(frame, op, fin, data, len));
	free(frame);
}

static inline void wsc_request(struct wsc *c, const char *path,
			       const char *headers)
{
	char *text = NULL;
	int n = asprintf(&text,
			 "GET %s HTTP/1.1\r\nHost: example.org\r\n"
			 "Upgrade: websocket\r\nConnection: Upgrade\r\n"
			 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			 "Sec-WebSocket-Version: 13\r\n%s\r\n",
			 path, headers);
	live_write(c->fd, text, (size_t)n);
	free(text);
}

static inline void wsc_close(struct wsc *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->data);
	free(c->body);
	*c = (struct wsc){ .fd = -1 };
}
