/*
 * fakews: in place of common/net/ws.c, WebSocket connections that only remember
 * what was done to them.
 */
#pragma once

#include "common/net/ws.h"
#include "common/proto/frame.h"
#include "tests/unit/common/live.h"

struct ws {
	struct buf sent; /* messages, as frames */
	struct buf part; /* of a message whose end has not come */
	bool begun;
	struct buf wire; /* part of a frame that came out of a pipe */
	bool splices;    /* what ws_may_splice() says */
	int pipe;
	size_t spliced;
	size_t takes;    /* at most, of a pipe */
	size_t uncopied; /* what it has taken of pipes */
	bool poor;       /* no memory for what is left in a pipe */
	size_t queued;   /* what ws_queued() says */
	size_t held;     /* besides, in what ws_memory() says */
	size_t max;      /* set by ws_set_max_message() */
	bool paused;
	bool closed;
};

int ws_send_part(struct ws *ws, const void *data, size_t len, bool first,
		 bool last)
{
	uint8_t head[FRAME_HEAD_MAX];

	if (ws->closed)
		return -EPIPE;
	ck_assert_int_eq(first, !ws->begun);
	ws->begun = !last;
	ws->part.cap = ws->sent.cap;
	if (len > 0)
		ck_assert_int_eq(buf_append(&ws->part, data, len), 0);
	if (!last)
		return 0;
	len = buf_len(&ws->part);
	ck_assert_int_eq(buf_append(&ws->sent, head, frame_put_head(head, len)),
			 0);
	int r = buf_append(&ws->sent, buf_head(&ws->part), len);
	buf_fini(&ws->part);
	return r;
}

int ws_send(struct ws *ws, const void *data, size_t len)
{
	return ws_send_part(ws, data, len, true, true);
}

#include "tests/unit/hbbr/fakesplice.h"

size_t ws_queued(const struct ws *ws)
{
	return ws->queued + ws->spliced;
}

size_t ws_memory(const struct ws *ws)
{
	return ws->queued + ws->spliced + ws->held;
}

struct ws_counts ws_context_counts(const struct ws_context *cx)
{
	(void)cx;
	return (struct ws_counts){ 0 };
}

void ws_set_max_message(struct ws *ws, size_t max_message)
{
	ws->max = max_message;
}

void ws_pause(struct ws *ws)
{
	ws->paused = true;
}

void ws_resume(struct ws *ws)
{
	ws->paused = false;
}

void ws_close(struct ws *ws, uint16_t code)
{
	ck_assert_uint_eq(code, 1000);
	ws->closed = true;
}

int ws_adopt(struct ws_context *cx, int fd, const struct addr *peer)
{
	(void)cx;
	(void)peer;
	close(fd);
	return 0;
}

int ws_context_open(struct loop *l, const struct ws_opts *o,
		    const struct ws_events *ev, void *owner,
		    struct ws_context **out)
{
	(void)l;
	(void)o;
	(void)ev;
	(void)owner;
	*out = NULL;
	return 0;
}

void ws_context_close(struct ws_context *cx)
{
	(void)cx;
}

void ws_context_reload(struct ws_context *cx)
{
	(void)cx;
}
