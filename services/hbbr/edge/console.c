#include "services/hbbr/edge/console.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/io.h"
#include "common/net/sock.h"
#include "services/hbbr/edge/command.h"

enum {
	CONNS_MAX = 16,                /* admins at a time */
	COMMAND_MAX = 1024,            /* the reference's */
	ANSWER_MAX = 16 * 1024 * 1024, /* a list or usage table at its cap */
	COMMAND_MS = 1000, /* to send the command (the reference's) */
	ANSWER_MS = 10000, /* to read the answer */
	BACKLOG = 8,
};

struct conn {
	struct console *console;
	struct io io;
	struct timer timeout;
	struct buf out;
	bool answering;
	bool closing;
	int handles;
	TAILQ_ENTRY(conn) link;
};

TAILQ_HEAD(conn_list, conn);

struct console {
	struct front *front;
	struct io io; /* the unix socket */
	bool listening;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	struct conn_list conns;
	size_t n;
	struct conn *asker;     /* waits for usage */
	struct usage_row *rows; /* of the parts that have come */
	size_t nrows;
	size_t parts; /* still to come */
	struct deferred dead;
};

/* --- one connection ------------------------------------------------------- */

static void on_handle_closed(void *ctx)
{
	struct conn *k = ctx;

	if (--k->handles > 0)
		return;
	buf_fini(&k->out);
	free(k);
}

static void conn_close(struct conn *k)
{
	struct console *c = k->console;

	if (k->closing)
		return;
	k->closing = true;
	if (c->asker == k)
		c->asker = NULL;
	TAILQ_REMOVE(&c->conns, k, link);
	c->n--;
	io_close(&k->io, true, on_handle_closed);
	timer_close(&k->timeout, on_handle_closed);
}

static void on_timeout(void *ctx)
{
	conn_close(ctx);
}

static void conn_flush(struct conn *k)
{
	while (buf_len(&k->out) > 0) {
		ssize_t n = send(k->io.fd, buf_head(&k->out), buf_len(&k->out),
				 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			io_want(&k->io, IO_WRITE);
			return;
		}
		if (n <= 0)
			break;
		buf_consume(&k->out, (size_t)n);
	}
	conn_close(k);
}

static void conn_answer(struct conn *k)
{
	k->answering = true;
	timer_start(&k->timeout, ANSWER_MS, 0);
	conn_flush(k);
}

static void ask_usage(struct conn *k)
{
	struct console *c = k->console;
	static const char busy[] = "busy, try again\n";

	io_want(&k->io, 0);
	if (c->parts > 0) {
		(void)!buf_append(&k->out, busy, sizeof(busy) - 1);
		conn_answer(k);
		return;
	}
	c->asker = k;
	c->parts = front_usage_parts(c->front);
	front_usage(c->front);
}

static void conn_run(struct conn *k, const char *text)
{
	struct front *f = k->console->front;
	struct controls controls = {
		.limits = &f->limits,
		.total = &f->total,
		.total_bps = &f->total_bps,
		.slow = &f->slow,
		.blocked = &f->blocked,
	};

	log_info("console", "command %.64s", text);
	switch (command_run(text, &controls, &k->out)) {
	case COMMAND_USAGE:
		ask_usage(k);
		return;
	case COMMAND_LISTS:
		front_lists_changed(f);
		break;
	case COMMAND_DONE:
		break;
	}
	conn_answer(k);
}

static void on_conn(struct io *io, int events, void *ctx)
{
	struct conn *k = ctx;
	char text[COMMAND_MAX + 1];
	(void)events;

	if (k->answering) {
		conn_flush(k);
		return;
	}
	ssize_t n = recv(io->fd, text, COMMAND_MAX, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		conn_close(k);
		return;
	}
	text[n] = '\0';
	conn_run(k, text);
}

void console_serve(struct console *c, int fd)
{
	struct conn *k = c->n < CONNS_MAX ? calloc(1, sizeof(*k)) : NULL;

	if (k == NULL || io_open(c->front->loop, &k->io, fd, on_conn, k) < 0) {
		log_warn("console_refused", "no room for a connection");
		free(k);
		close(fd);
		return;
	}
	k->console = c;
	k->handles = 2;
	buf_init(&k->out, ANSWER_MAX);
	timer_init(c->front->loop, &k->timeout, on_timeout, k);
	timer_start(&k->timeout, COMMAND_MS, 0);
	TAILQ_INSERT_TAIL(&c->conns, k, link);
	c->n++;
	io_want(&k->io, IO_READ);
}

int console_sniff(int fd)
{
	char text[COMMAND_MAX];

	ssize_t n = recv(fd, text, sizeof(text), MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	return n > 0 && command_looks_like(text, (size_t)n);
}

/* --- usage: gathered from all workers ------------------------------------- */

static void keep_rows(struct console *c, const struct usage_row *rows, size_t n)
{
	struct usage_row *all =
		n == 0 ? NULL : realloc(c->rows, (c->nrows + n) * sizeof(*all));

	if (all == NULL)
		return;
	memcpy(all + c->nrows, rows, n * sizeof(*all));
	c->rows = all;
	c->nrows += n;
}

void console_usage(struct console *c, struct usage_row *rows, size_t n)
{
	keep_rows(c, rows, n);
	free(rows);
	if (--c->parts > 0)
		return;

	struct conn *k = c->asker;
	c->asker = NULL;
	if (k != NULL) {
		(void)!usage_format(c->rows, c->nrows, &k->out);
		conn_answer(k);
	}
	free(c->rows);
	c->rows = NULL;
	c->nrows = 0;
}

/* --- the unix socket ------------------------------------------------------ */

static void on_acceptable(struct io *io, int events, void *ctx)
{
	struct console *c = ctx;
	(void)events;

	io_want(io, IO_READ);
	int fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		console_serve(c, fd);
}

static int open_socket(struct console *c, const char *dir, const char *name)
{
	int n = snprintf(c->path, sizeof(c->path), "%s%s%s",
			 name[0] == '/' ? "" : dir, name[0] == '/' ? "" : "/",
			 name);
	int fd = n < 0 || (size_t)n >= sizeof(c->path)
			 ? -ENAMETOOLONG
			 : sock_listen_unix(c->path, BACKLOG);

	if (fd < 0) {
		log_warn("console_failed", "%s in %s: %s", name, dir,
			 strerror(-fd));
		return 0;
	}
	int r = io_open(c->front->loop, &c->io, fd, on_acceptable, c);
	if (r < 0) {
		unlink(c->path);
		close(fd);
		return r;
	}
	c->listening = true;
	io_want(&c->io, IO_READ);
	return 0;
}

int console_open(struct front *f, const char *dir, const char *name,
		 struct console **out)
{
	struct console *c = calloc(1, sizeof(*c));
	if (c == NULL)
		return -ENOMEM;
	c->front = f;
	TAILQ_INIT(&c->conns);

	int r = name[0] == '\0' ? 0 : open_socket(c, dir, name);
	if (r < 0) {
		free(c);
		return r;
	}
	*out = c;
	return 0;
}

static void on_closed(void *ctx)
{
	free(ctx);
}

static void on_dead(struct deferred *d)
{
	free(container_of(d, struct console, dead));
}

void console_close(struct console *c)
{
	if (c == NULL)
		return;
	while (!TAILQ_EMPTY(&c->conns))
		conn_close(TAILQ_FIRST(&c->conns));
	free(c->rows);
	if (c->listening) {
		unlink(c->path);
		io_close(&c->io, true, on_closed);
	} else {
		c->dead.run = on_dead;
		loop_defer(c->front->loop, &c->dead);
	}
}
