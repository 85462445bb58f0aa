/*
 * fakesplice: the part of fakews that takes frames out of a pipe. Included by
 * it alone.
 */
#pragma once

/* Takes one whole frame of what came out of a pipe. */
static bool ws_frame(struct ws *ws)
{
	const uint8_t *f = buf_head(&ws->wire);
	size_t have = buf_len(&ws->wire);

	if (have < 2)
		return false;
	size_t head = f[1] == 126 ? 4 : 2;
	if (have < head)
		return false;
	size_t len = head == 4 ? (size_t)f[2] << 8 | f[3] : f[1];
	if (have < head + len)
		return false;
	ck_assert_uint_eq(f[0] & 0x7f, ws->begun ? 0 : 2);
	ck_assert_int_eq(
		ws_send_part(ws, f + head, len, !ws->begun, (f[0] & 0x80) != 0),
		0);
	buf_consume(&ws->wire, head + len);
	return true;
}

/* The socket takes what it can. */
static inline void ws_take(struct ws *ws)
{
	ws->wire.cap = ws->sent.cap;
	while (ws->spliced > 0 && ws->takes > 0) {
		size_t n = ws->takes < ws->spliced ? ws->takes : ws->spliced;
		uint8_t *at = buf_reserve(&ws->wire, n);
		ssize_t got = read(ws->pipe, at, n);
		ck_assert_int_gt(got, 0);
		buf_wrote(&ws->wire, (size_t)got);
		ws->spliced -= (size_t)got;
		ws->takes -= (size_t)got;
		ws->uncopied += (size_t)got;
	}
	while (ws_frame(ws))
		;
	ck_assert(ws->spliced > 0 || buf_len(&ws->wire) == 0);
}

bool ws_may_splice(const struct ws *ws)
{
	return ws->splices && ws->spliced == 0 && ws->queued == 0;
}

size_t ws_splice(struct ws *ws, int pipe, size_t len)
{
	ws->pipe = pipe;
	ws->spliced = len;
	ws_take(ws);
	return ws->spliced;
}

size_t ws_spliced(const struct ws *ws)
{
	return ws->spliced;
}

/* The rest is delivered; or it is lost, where MEMORY is short. */
bool ws_unsplice(struct ws *ws)
{
	bool kept = !ws->poor && !ws->closed;

	if (kept && ws->spliced > 0) {
		ws->takes += ws->spliced;
		ws_take(ws);
	}
	ws->spliced = 0;
	return kept;
}
