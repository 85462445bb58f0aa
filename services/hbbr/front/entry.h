/*
 * entry: connections from the accept until they are paired: TCP and WebSocket.
 *
 * Exactly one frame of each is read; it says which half the connection is.
 * Whoever has to wait for the other half is kept here, and watched. What each
 * holds meanwhile is counted: places in all and by address, memory, time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/hbbr/state/reason.h"

struct conn;
struct entry;
struct ipset;
struct loop;
struct memory;
struct relay_request;
struct settings;

struct entry_opts {
	struct loop *loop;
	const struct settings *cfg;
	const struct ipset *blocked; /* who is refused */
	const struct ipset *banned;  /* likewise, by the api */
	struct memory *memory;
	/* C says RQ. The callee parks it, or releases it and takes it over, or
	 * returns why it is to be refused. */
	enum reason (*on_request)(void *ctx, struct conn *c,
				  const struct relay_request *rq);
	/* C, which has a session, is about to go. */
	void (*on_left)(void *ctx, struct conn *c);
	/* With the option CONSOLE, from loopback: 1 if the bytes that wait on
	 * FD are a command (they stay there), 0 if something else, -EAGAIN if
	 * there are none yet; and then takes FD. */
	int (*is_command)(int fd);
	void (*on_command)(void *ctx, int fd);
	void (*on_closed)(void *ctx); /* after entry_close() */
	void *ctx;
};

/* 0 and *OUT, or -ENOMEM. */
MUST_USE int entry_open(const struct entry_opts *o, struct entry **out);
/* Opens the ports. KEY is borrowed, "" admits everybody. 0 or -errno
 * (logged). */
MUST_USE int entry_listen(struct entry *e, const char *key);
uint16_t entry_port(const struct entry *e);
uint16_t entry_web_port(const struct entry *e);
/* Reads the certificate again. */
void entry_reload(struct entry *e);
/* Nobody comes in any more; those that have said nothing yet are refused. */
void entry_shut(struct entry *e);
/* When no connection is open any more, bridged ones included. */
void entry_close(struct entry *e);
/* After on_closed. */
void entry_free(struct entry *e);

/* C's handshake is over and it waits for its other half. False if it had to
 * be refused. */
bool entry_park(struct conn *c);
/* C is not the entry's any more. */
void entry_release(struct conn *c);
/* Logs, counts and closes C, which was not paired. */
void entry_refuse(struct conn *c, enum reason why);

/* Who has said nothing for too long is refused; call about once a second. */
void entry_tick(struct entry *e);
