/*
 * console: a service's text console (spec 6.6): one command a connection, its
 * answer, the end.
 *
 * It listens on a unix socket that only its owner may open and takes
 * connections that come elsewhere, from a port that a protocol shares with
 * it: those are told apart by their first bytes. A command is what one read
 * gives, up to the end of its line; an answer is sent whole.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/net/loop.h"

enum {
	CONSOLE_CALLS_MAX = 16,  /* at a time: it is for admins */
	CONSOLE_LINE_MAX = 1024, /* bytes of a command, as the reference's */
	CONSOLE_ANSWER_MAX = 16 * 1024 * 1024, /* a table at its cap */
	CONSOLE_LINE_MS = 5000,                /* to send it */
	CONSOLE_OFFERED_MS = 30000, /* for who may be no caller at all */
	CONSOLE_LETTER_MS = 1000,   /* a lone letter may be all there is */
	CONSOLE_ANSWER_MS = 10000,  /* to make the answer, and to read it */
};

struct console;
struct console_call; /* a command under way */

struct console_hooks {
	/* Runs LINE (without its end; it may be taken apart) and appends the
	 * answer to OUT. True: that was all. False: console_answer() comes
	 * later, unless GONE comes first. */
	bool (*run)(void *ctx, struct console_call *call, char *line,
		    struct buf *out);
	/* CALL will not be answered any more; NULL if RUN is always true. */
	void (*gone)(void *ctx, struct console_call *call);
	/* What was offered is no command. Takes FD; NULL if nothing is. */
	void (*other)(void *ctx, int fd, const struct addr *client);
	void *ctx;
};

/* NAME is a unix socket, relative to DIR; "" opens none. One that cannot be
 * made (a folder that cannot be written to, another server that uses it) is
 * logged and done without. 0 and *OUT, or -errno. */
MUST_USE int console_open(struct loop *l, const char *dir, const char *name,
			  const struct console_hooks *h, struct console **out);
/* NULL is fine. Who waits for an answer is closed. */
void console_close(struct console *c);

/* Answers the command that comes on FD; takes FD. */
void console_serve(struct console *c, int fd);
/* The same if it is a command that comes on FD, else OTHER gets it. */
void console_offer(struct console *c, int fd, const struct addr *client);

/* Where the answer of a call that RUN has left waiting goes ... */
struct buf *console_out(struct console_call *call);
/* ... and sends it. */
void console_answer(struct console_call *call);

/* Could these first bytes of a connection be a command? 1 yes, 0 too early to
 * say (nothing, or a lone letter), -1 no. A frame of the protocols that share
 * a port with a console has a byte that is not printable among its first
 * three, and a control character in any tag that these ports take. */
int console_judge(const void *data, size_t len);
/* 1 if the bytes that wait on FD are a command, be it a lone letter (they
 * stay there), 0 if they are something else, -EAGAIN if there are none. */
int console_sniff(int fd);
