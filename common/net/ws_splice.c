/* What goes out of a pipe instead of a buffer. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/net/ws_conn.h"

bool ws_may_splice(const struct ws *ws)
{
	return ws->open && !ws->closing && !lws_get_ssl(ws->wsi) &&
	       !ws->pinged && ws->spliced == 0 &&
	       buf_len(&ws->out) + buf_len(&ws->pong) == 0;
}

int ws_splice_write(struct ws *ws)
{
	while (ws->spliced > 0) {
		ssize_t n =
			splice(ws->pipe, NULL, lws_get_socket_fd(ws->wsi), NULL,
			       ws->spliced, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return -1;
		ws->spliced -= (size_t)n;
	}
	return 0;
}

size_t ws_splice(struct ws *ws, int pipe, size_t len)
{
	ws->pipe = pipe;
	ws->spliced = len;
	if (ws_splice_write(ws) < 0)
		ws_conn_doom(ws, "disconnected");
	if (ws->spliced > 0) {
		ws->above_mark = true;
		if (!ws->doomed)
			lws_callback_on_writable(ws->wsi);
	}
	return ws->spliced;
}

size_t ws_spliced(const struct ws *ws)
{
	return ws->spliced;
}

/* OUT is empty while a pipe waits: what comes into it now is owed whole, and
 * so before all that is queued later. */
static bool take_over(struct ws *ws)
{
	/* As much as a pipe holds, whatever may be queued. */
	if (ws->out.cap < ws->spliced)
		ws->out.cap = ws->spliced;
	uint8_t *at = buf_reserve(&ws->out, ws->spliced);

	ws->owed = 0;
	ws->owes_pong = false;
	while (at && ws->spliced > 0) {
		ssize_t n = read(ws->pipe, at, ws->spliced);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		buf_wrote(&ws->out, (size_t)n);
		at += n;
		ws->owed += (size_t)n;
		ws->spliced -= (size_t)n;
	}
	return ws->spliced == 0;
}

bool ws_unsplice(struct ws *ws)
{
	if (ws->spliced == 0)
		return true;
	bool kept = !ws->doomed && !ws->closing && buf_len(&ws->out) == 0 &&
		    take_over(ws);
	ws->spliced = 0;
	if (kept)
		ws_conn_dirty(ws);
	else if (!ws->doomed)
		ws_conn_doom(ws, "cut");
	return kept;
}
