#include "common/process/console.h"

#include <ctype.h>
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

enum { BACKLOG = 16, HEAD = 3 /* bytes, by which frames are known */ };

enum state {
	CALL_OFFERED, /* may turn out to be something else */
	CALL_LETTER,  /* the same, and one letter is there */
	CALL_LINE,    /* its command has not come */
	CALL_RUNS,    /* its answer is being made */
	CALL_ANSWER,  /* its answer is being sent */
	CALL_OVER,
};

struct console_call {
	struct console *console;
	struct io io;
	struct timer timer;
	struct addr client; /* of one that was offered */
	struct buf out;
	enum state state;
	int handles;
	TAILQ_ENTRY(console_call) link;
};

struct console {
	struct loop *loop;
	struct console_hooks hooks;
	struct io io; /* the unix socket */
	bool listening;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	TAILQ_HEAD(, console_call) calls;
	size_t n;
	struct deferred dead;
};

/* --- the end of a call ---------------------------------------------------- */

static void on_handle_closed(void *ctx)
{
	struct console_call *k = ctx;

	if (--k->handles > 0)
		return;
	buf_fini(&k->out);
	free(k);
}

static void call_end(struct console_call *k, bool close_fd)
{
	struct console *c = k->console;
	bool waited = k->state == CALL_RUNS;

	if (k->state == CALL_OVER)
		return;
	k->state = CALL_OVER;
	TAILQ_REMOVE(&c->calls, k, link);
	c->n--;
	if (waited && c->hooks.gone)
		c->hooks.gone(c->hooks.ctx, k);
	io_close(&k->io, close_fd, on_handle_closed);
	timer_close(&k->timer, on_handle_closed);
}

/* It speaks the protocol after all. */
static void hand_over(struct console_call *k)
{
	struct console *c = k->console;
	int fd = k->io.fd;
	struct addr client = k->client;

	call_end(k, false);
	c->hooks.other(c->hooks.ctx, fd, &client);
}

/* --- the answer ----------------------------------------------------------- */

static void flush(struct console_call *k)
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
	call_end(k, true);
}

struct buf *console_out(struct console_call *call)
{
	return &call->out;
}

void console_answer(struct console_call *call)
{
	call->state = CALL_ANSWER;
	timer_start(&call->timer, CONSOLE_ANSWER_MS, 0);
	flush(call);
}

/* --- the command ---------------------------------------------------------- */

static void run(struct console_call *k, char *line)
{
	struct console *c = k->console;

	log_info("console", "command %.64s", line);
	k->state = CALL_RUNS;
	io_want(&k->io, 0);
	timer_start(&k->timer, CONSOLE_ANSWER_MS, 0);
	if (c->hooks.run(c->hooks.ctx, k, line, &k->out))
		console_answer(k);
}

/* What does not fit is not run in part. */
static void refuse(struct console_call *k)
{
	char text[64];
	int n = snprintf(text, sizeof text,
			 "a command has at most %d characters\n",
			 CONSOLE_LINE_MAX);

	(void)!buf_append(&k->out, text, (size_t)n);
	console_answer(k);
}

static void take_line(struct console_call *k)
{
	char line[CONSOLE_LINE_MAX + 3]; /* with its end, or one too many */
	ssize_t n = recv(k->io.fd, line, sizeof line - 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		call_end(k, true);
		return;
	}
	line[n] = '\0';
	size_t len = strcspn(line, "\r\n");
	line[len] = '\0';
	if (len > CONSOLE_LINE_MAX)
		refuse(k);
	else
		run(k, line);
}

int console_judge(const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t n = len;

	while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == '\n'))
		n--;
	if (len == 0)
		return 0;
	if (n == 0 || !isalpha(p[0]))
		return -1;
	for (size_t i = 1; i < n; i++)
		if (iscntrl(p[i]) ? !isspace(p[i]) : i < HEAD && !isprint(p[i]))
			return -1;
	return len > 1;
}

int console_sniff(int fd)
{
	char text[CONSOLE_LINE_MAX];
	ssize_t n = recv(fd, text, sizeof text, MSG_PEEK | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	return n > 0 && console_judge(text, (size_t)n) >= 0;
}

/* What was offered: one letter stays readable, so the timer decides. */
static void judge(struct console_call *k)
{
	char text[CONSOLE_LINE_MAX];
	ssize_t n = recv(k->io.fd, text, sizeof text, MSG_PEEK | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	int command = n > 0 ? console_judge(text, (size_t)n) : 0;
	if (n <= 0) {
		call_end(k, true);
	} else if (command < 0) {
		hand_over(k);
	} else if (command > 0 || k->state == CALL_LETTER) {
		take_line(k);
	} else {
		k->state = CALL_LETTER;
		io_want(&k->io, 0);
		timer_start(&k->timer, CONSOLE_LETTER_MS, 0);
	}
}

static void on_ready(struct io *io, int events, void *ctx)
{
	struct console_call *k = ctx;
	(void)io;
	(void)events;

	if (k->state == CALL_OFFERED)
		judge(k);
	else if (k->state == CALL_LINE)
		take_line(k);
	else if (k->state == CALL_ANSWER)
		flush(k);
}

static void on_timeout(void *ctx)
{
	struct console_call *k = ctx;

	if (k->state == CALL_LETTER)
		judge(k);
	else
		call_end(k, true);
}

/* --- where they come from ------------------------------------------------- */

static void take(struct console *c, int fd, const struct addr *client)
{
	struct console_call *k =
		c->n < CONSOLE_CALLS_MAX ? calloc(1, sizeof *k) : NULL;

	if (!k || io_open(c->loop, &k->io, fd, on_ready, k) < 0) {
		log_warn("console_refused", "no room for a connection");
		free(k);
		close(fd);
		return;
	}
	k->console = c;
	k->state = client ? CALL_OFFERED : CALL_LINE;
	if (client)
		k->client = *client;
	k->handles = 2;
	buf_init(&k->out, CONSOLE_ANSWER_MAX);
	timer_init(c->loop, &k->timer, on_timeout, k);
	timer_start(&k->timer, client ? CONSOLE_OFFERED_MS : CONSOLE_LINE_MS,
		    0);
	TAILQ_INSERT_TAIL(&c->calls, k, link);
	c->n++;
	io_want(&k->io, IO_READ);
}

void console_serve(struct console *c, int fd)
{
	take(c, fd, NULL);
}

void console_offer(struct console *c, int fd, const struct addr *client)
{
	take(c, fd, client);
}

static void on_acceptable(struct io *io, int events, void *ctx)
{
	(void)events;

	io_want(io, IO_READ);
	int fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		take(ctx, fd, NULL);
}

static int open_socket(struct console *c, const char *dir, const char *name)
{
	int n = snprintf(c->path, sizeof c->path, "%s%s%s",
			 name[0] == '/' ? "" : dir, name[0] == '/' ? "" : "/",
			 name);
	int fd = n < 0 || (size_t)n >= sizeof c->path
			 ? -ENAMETOOLONG
			 : sock_listen_unix(c->path, BACKLOG);

	if (fd < 0) {
		log_warn("console_failed", "%s in %s: %s", name, dir,
			 strerror(-fd));
		return 0;
	}
	int err = io_open(c->loop, &c->io, fd, on_acceptable, c);
	if (err < 0) {
		unlink(c->path);
		close(fd);
		return err;
	}
	c->listening = true;
	io_want(&c->io, IO_READ);
	return 0;
}

int console_open(struct loop *l, const char *dir, const char *name,
		 const struct console_hooks *h, struct console **out)
{
	struct console *c = calloc(1, sizeof *c);

	if (!c)
		return -ENOMEM;
	c->loop = l;
	c->hooks = *h;
	TAILQ_INIT(&c->calls);
	int err = name[0] == '\0' ? 0 : open_socket(c, dir, name);
	if (err < 0) {
		free(c);
		return err;
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
	if (!c)
		return;
	while (!TAILQ_EMPTY(&c->calls))
		call_end(TAILQ_FIRST(&c->calls), true);
	if (c->listening) {
		unlink(c->path);
		io_close(&c->io, true, on_closed);
	} else {
		c->dead.run = on_dead;
		loop_defer(c->loop, &c->dead);
	}
}
