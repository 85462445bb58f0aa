#include "services/hbbs/edge/console.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/io.h"
#include "common/net/sock.h"
#include "services/hbbs/edge/command.h"
#include "services/hbbs/edge/session.h"

enum {
	CONSOLE_MAX = 16, /* connections at a time: it is for admins */
	CONSOLE_BACKLOG = 16,
	CONSOLE_SNIFF_MS = 1000, /* a lone letter may be all there is */
	CONSOLE_IDLE_MS = 30000, /* as for every first message */
};

/* One connection that has not sent its line yet. */
struct caller {
	struct caller *next;
	struct console *all;
	struct io io;
	struct timer timer;
	struct addr client;
	bool tcp;    /* may turn out to be a protocol client */
	bool letter; /* its first byte is there, nothing else yet */
	unsigned users;
};

struct console {
	struct hbbs *h;
	struct io io; /* listens on the unix socket */
	struct caller *callers;
	unsigned n;
	bool closing;
	bool listening;
	char path[sizeof((struct sockaddr_un *)0)->sun_path];
};

static void maybe_free(struct console *c)
{
	if (c->closing && !c->listening && c->n == 0)
		free(c);
}

static void on_caller_closed(void *ctx)
{
	struct caller *k = ctx;
	struct console *c = k->all;

	if (--k->users > 0)
		return;
	struct caller **at = &c->callers;
	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	free(k);
	c->n--;
	maybe_free(c);
}

static void caller_close(struct caller *k, bool close_fd)
{
	if (k->io.closing)
		return;
	io_close(&k->io, close_fd, on_caller_closed);
	timer_close(&k->timer, on_caller_closed);
}

/* The whole answer goes into the socket's buffer, or it is cut. */
static void answer(struct caller *k)
{
	char line[COMMAND_MAX + 1];
	struct buf out;
	struct hbbs *h = k->all->h;
	ssize_t n = recv(k->io.fd, line, COMMAND_MAX, 0);

	if (n > 0) {
		line[n] = '\0';
		buf_init(&out, COMMAND_REPLY_MAX);
		if (command_run(&h->core, line, loop_now(&h->loop), &out) != 0)
			log_warn("console_cut", "an answer was too long");
		(void)!send(k->io.fd, buf_head(&out), buf_len(&out),
			    MSG_NOSIGNAL);
		buf_fini(&out);
	}
	caller_close(k, true);
}

/* It speaks the protocol after all. */
static void hand_over(struct caller *k)
{
	int fd = k->io.fd;

	caller_close(k, false);
	sessions_accept_nat(k->all->h->sessions, fd, &k->client);
}

static void on_caller(struct io *io, int events, void *ctx)
{
	struct caller *k = ctx;
	uint8_t first[2];
	(void)events;

	ssize_t n = recv(io->fd, first, sizeof first, MSG_PEEK);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		caller_close(k, true);
		return;
	}
	int command = k->tcp ? command_sniff(first, (size_t)n) : 1;
	if (command < 0) {
		hand_over(k);
	} else if (command > 0) {
		answer(k);
	} else {
		/* One letter: the byte stays readable, so the timer decides. */
		k->letter = true;
		io_want(io, 0);
		timer_start(&k->timer, CONSOLE_SNIFF_MS, 0);
	}
}

static void on_timeout(void *ctx)
{
	struct caller *k = ctx;
	uint8_t first[2];

	if (!k->letter) {
		caller_close(k, true);
		return;
	}
	ssize_t n = recv(k->io.fd, first, sizeof first, MSG_PEEK);
	if (n > 1 && command_sniff(first, (size_t)n) < 0)
		hand_over(k);
	else
		answer(k);
}

static void start(struct console *c, int fd, const struct addr *client)
{
	struct caller *k =
		c->n < CONSOLE_MAX && !c->closing ? calloc(1, sizeof *k) : NULL;

	if (k == NULL || io_open(&c->h->loop, &k->io, fd, on_caller, k) != 0) {
		free(k);
		close(fd);
		return;
	}
	k->all = c;
	k->tcp = client != NULL;
	if (client != NULL)
		k->client = *client;
	k->users = 2;
	k->next = c->callers;
	c->callers = k;
	c->n++;
	timer_init(&c->h->loop, &k->timer, on_timeout, k);
	timer_start(&k->timer, CONSOLE_IDLE_MS, 0);
	io_want(&k->io, IO_READ);
}

void console_accept(struct console *c, int fd, const struct addr *client)
{
	start(c, fd, client);
}

static void on_unix(struct io *io, int events, void *ctx)
{
	(void)events;

	io_want(io, IO_READ);
	int fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		start(ctx, fd, NULL);
}

/* Only the owner may connect: the mode of the socket file says so. */
static int listen_unix(const char *path)
{
	int fd = sock_listen_unix(path, CONSOLE_BACKLOG);

	if (fd < 0)
		log_warn("console_failed", "%s: %s", path, strerror(-fd));
	return fd;
}

static int open_unix(struct console *c, const char *dir)
{
	int n = snprintf(c->path, sizeof c->path, "%s/hbbs.sock", dir);

	if (n < 0 || (size_t)n >= sizeof c->path) {
		log_warn("console_failed", "%s is too long a path", dir);
		return 0;
	}
	int fd = listen_unix(c->path);
	if (fd < 0)
		return 0;
	int err = io_open(&c->h->loop, &c->io, fd, on_unix, c);
	if (err < 0) {
		unlink(c->path);
		close(fd);
		return err;
	}
	c->listening = true;
	io_want(&c->io, IO_READ);
	return 0;
}

int console_open(struct hbbs *h, struct console **out)
{
	struct console *c = calloc(1, sizeof *c);

	if (c == NULL)
		return -ENOMEM;
	c->h = h;
	int err = open_unix(c, h->settings->data_dir);
	if (err < 0) {
		free(c);
		return err;
	}
	if (h->settings->console)
		log_warn("console_open",
			 "everyone on this host may command this server on "
			 "TCP port %u",
			 (unsigned)h->settings->port - 1);
	*out = c;
	return 0;
}

static void on_unix_closed(void *ctx)
{
	struct console *c = ctx;

	c->listening = false;
	maybe_free(c);
}

void console_close(struct console *c)
{
	if (c == NULL)
		return;
	c->closing = true;
	for (struct caller *k = c->callers; k != NULL; k = k->next)
		caller_close(k, true);
	if (c->listening) {
		unlink(c->path);
		io_close(&c->io, true, on_unix_closed);
	} else {
		maybe_free(c);
	}
}
