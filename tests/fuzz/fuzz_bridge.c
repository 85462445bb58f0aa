/*
 * Input: a byte that says which ends are WebSocket, then steps of two mixed
 * ends of a relay session: bytes on TCP, messages, queues that grow, ends that
 * close, in any order. What the bridge believes to hold is what it holds, no
 * message is larger than allowed, and nothing is left at the end.
 *
 * WebSocket connections only remember what was done to them.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/proto/frame.h"
#include "services/hbbr/front/bridges.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGE_MAX = 64 << 10, MEMORY_MAX = 1 << 20, TURNS = 2, LARGE = 60000 };

struct ws {
	size_t queued;
	size_t held;
	size_t spliced; /* bytes that wait in PIPE */
	int pipe;
	bool paused;
	bool closed;
};

/* --- in place of common/net/ws.c ------------------------------------------ */

int ws_send(struct ws *ws, const void *data, size_t len)
{
	assert(data && len > 0 && len <= MESSAGE_MAX);
	if (ws->closed)
		return -EPIPE;
	ws->queued += len;
	return 0;
}

int ws_send_part(struct ws *ws, const void *data, size_t len, bool first,
		 bool last)
{
	(void)first, (void)last;
	return ws_send(ws, data, len);
}

bool ws_may_splice(const struct ws *ws)
{
	return !ws->closed && ws->queued == 0 && ws->spliced == 0;
}

/* The socket takes at most WANTED of what waits in the pipe. */
static void take(struct ws *ws, size_t wanted)
{
	static uint8_t sink[64 << 10];

	while (wanted > 0 && ws->spliced > 0) {
		size_t most = wanted < sizeof(sink) ? wanted : sizeof(sink);
		ssize_t n = read(ws->pipe, sink,
				 most < ws->spliced ? most : ws->spliced);

		assert(n > 0);
		ws->spliced -= (size_t)n;
		wanted -= (size_t)n;
	}
}

size_t ws_splice(struct ws *ws, int pipe, size_t len)
{
	assert(ws_may_splice(ws) && len > 0);
	ws->pipe = pipe;
	ws->spliced = len;
	take(ws, len / 2);
	return ws->spliced;
}

size_t ws_spliced(const struct ws *ws)
{
	return ws->spliced;
}

bool ws_unsplice(struct ws *ws)
{
	size_t left = ws->spliced;

	take(ws, SIZE_MAX);
	ws->queued += left;
	return true;
}

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
	assert(!ws->closed && max_message == MESSAGE_MAX);
}

void ws_pause(struct ws *ws)
{
	assert(!ws->closed);
	ws->paused = true;
}

void ws_resume(struct ws *ws)
{
	assert(!ws->closed);
	ws->paused = false;
}

void ws_close(struct ws *ws, uint16_t code)
{
	assert(code == 1000 && !ws->closed);
	ws->closed = true;
}

int ws_adopt(struct ws_context *cx, int fd, const struct addr *peer)
{
	(void)cx, (void)peer;
	close(fd);
	return 0;
}

int ws_context_open(struct loop *l, const struct ws_opts *o,
		    const struct ws_events *ev, void *owner,
		    struct ws_context **out)
{
	(void)l, (void)o, (void)ev, (void)owner;
	*out = NULL;
	return 0;
}

void ws_context_close(struct ws_context *cx)
{
	(void)cx;
}

/* --- a session ------------------------------------------------------------ */

struct side {
	struct conn *conn; /* WebSocket: until it has left */
	struct ws ws;
	bool web;
	int far; /* the client's descriptor, or -1 */
};

static struct loop loop;
static struct shared_limit total;
static struct memory memory;
static struct bridges bridges;
static struct side ends[2];
static int nended;

static void on_ended(void *ctx, void *token, enum reason why,
		     const uint64_t bytes[static 2], bool downgraded)
{
	(void)ctx, (void)why, (void)bytes, (void)downgraded;
	assert(token == &ends);
	nended++;
}

static void ws_left(struct side *e)
{
	struct conn *c = e->conn;

	e->conn = NULL;
	conn_ws_closed(c, "fuzz");
}

static void check(void)
{
	const struct bridge *b = TAILQ_FIRST(&bridges.all);
	size_t held = 0;

	for (int i = 0; b && i < 2; i++)
		held += b->conns[i] ? conn_memory(b->conns[i]) : 0;
	assert(memory.held == (b ? b->memory : 0));
	assert(!b || held == b->memory);
	assert(bridges.n == (b ? 1 : 0) && nended == (b ? 0 : 1));
}

static void open_end(struct side *e, bool web)
{
	struct addr a;
	int fds[2] = { -1, -1 };

	assert(addr_parse("192.0.2.1:1", 0, &a) == 0);
	if (!web)
		assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				  fds) == 0);
	*e = (struct side){ .web = web, .far = fds[1] };
	e->conn = conn_create(&loop, fds[0], &a);
	assert(e->conn);
	if (web) {
		e->conn->ws = &e->ws;
		buf_init(&e->conn->in, MESSAGE_MAX);
	}
}

static void begin(uint8_t which)
{
	struct bridges_opts o = {
		.loop = &loop,
		.total = &total,
		.memory = &memory,
		.max_message = MESSAGE_MAX,
		.on_ended = on_ended,
	};
	struct bridge_pair p = { .token = &ends, .slow = which & 128 };

	assert(loop_init(&loop) == 0);
	shared_limit_init(&total, 0);
	memory_init(&memory, &loop, MEMORY_MAX);
	bridges_init(&bridges, &o);
	nended = 0;
	if (which & 64)
		p.limits.single_bps = 1 << 20;
	open_end(&ends[0], which % 3 != 0);
	open_end(&ends[1], which % 3 != 1);
	p.conns[0] = ends[0].conn;
	p.conns[1] = ends[1].conn;
	assert(bridge_start(&bridges, &p) == 0);
}

static void finish(void)
{
	bridges_close(&bridges);
	for (int i = 0; i < 2; i++) {
		if (ends[i].web && ends[i].conn)
			ws_left(&ends[i]);
		if (ends[i].far >= 0)
			close(ends[i].far);
	}
	assert(memory.held == 0 && bridges.n == 0 && nended == 1);
	loop_stop(&loop);
	loop_run(&loop);
	loop_fini(&loop);
}

static void turn(void)
{
	for (int i = 0; i < TURNS; i++)
		uv_run(&loop.uv, UV_RUN_NOWAIT);
}

/* --- steps ---------------------------------------------------------------- */

/* A frame that is worth a splice, or what the socket takes of it. */
static void send_large(int fd)
{
	static uint8_t frame[3 + LARGE] = { (LARGE << 2 | 2) & 0xff,
					    (LARGE << 2 | 2) >> 8 & 0xff,
					    (LARGE << 2 | 2) >> 16 };

	(void)!send(fd, frame, sizeof(frame), MSG_NOSIGNAL);
}

static void step_tcp(struct side *e, uint8_t what, const uint8_t *data,
		     size_t len)
{
	static uint8_t sink[256 << 10];

	if (e->far < 0)
		return;
	if (what == 0)
		(void)!send(e->far, data, len, MSG_NOSIGNAL);
	else if (what == 4)
		send_large(e->far);
	else if (what == 1)
		(void)!recv(e->far, sink, sizeof(sink), 0);
	else if (what == 2)
		shutdown(e->far, SHUT_WR);
	else {
		close(e->far);
		e->far = -1;
	}
}

static void step_web(struct side *e, uint8_t what, const uint8_t *data,
		     size_t len)
{
	static const uint8_t large[MESSAGE_MAX];

	if (!e->conn)
		return;
	if (e->ws.closed || what == 3) {
		ws_left(e);
	} else if (what == 0 && !e->ws.paused) {
		conn_ws_message(e->conn, data, len, true);
	} else if (what == 1) {
		take(&e->ws, SIZE_MAX);
		e->ws.queued = 0;
		conn_ws_drain(e->conn);
	} else if (what == 2) {
		e->ws.held = len << 12;
		(void)!conn_ws_held(e->conn, e->ws.held);
	} else if (what == 4 && !e->ws.paused) {
		conn_ws_message(e->conn, large, sizeof(large), true);
	}
}

/* One step: whose, what, how many bytes follow. Returns those used. */
static size_t step(const uint8_t *data, size_t size)
{
	struct side *e = &ends[data[0] & 1];
	uint8_t what = (data[0] >> 1) % 5;
	size_t len = data[1] < size - 2 ? data[1] : size - 2;

	if (e->web)
		step_web(e, what, data + 2, len);
	else
		step_tcp(e, what, data + 2, len);
	if (data[0] & 128)
		turn();
	if (data[0] & 64)
		bridges_tick(&bridges);
	check();
	return 2 + (what == 0 ? len : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	signal(SIGPIPE, SIG_IGN);
	log_setup("fuzz", LOG_ERROR, LOG_TEXT);
	begin(data[0]);
	for (size_t at = 1; at + 2 <= size;)
		at += step(data + at, size - at);
	turn();
	check();
	finish();
	return 0;
}
