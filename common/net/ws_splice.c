/* What goes out of a pipe instead of a buffer. */
#include <errno.h>
#include <fcntl.h>

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

void ws_unsplice(struct ws *ws)
{
	bool cut = ws->spliced > 0 && !ws->doomed;

	ws->spliced = 0;
	if (cut)
		ws_conn_doom(ws, "cut");
}
