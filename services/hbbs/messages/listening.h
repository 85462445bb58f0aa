/*
 * listening: A is told B's address once B listens there (spec 4.9, 4.10).
 *
 * B sends its address over a connection from that very port, closes it, and
 * listens only then. An A that is told at once may knock too early: it is
 * refused and takes the relay. So an answer waits for the end of B's
 * connection and a moment more, and not for ever. Pure: who is due is asked
 * with the core's clock.
 */
#pragma once

#include "services/hbbs/state/core.h"

enum {
	/* From the end of B's connection: what a busy machine needs to open a
	 * socket. */
	LISTENING_AFTER_MS = 10,
	/* From the answer: B never hangs up. The answer of a push comes in
	 * 100 ms and more over most networks, A waits for 3 s. */
	LISTENING_MAX_MS = 60,
};

/* The answer Q waits from now on; false: no room, or it comes from where no
 * connection ends. */
MUST_USE bool listening_wait(struct core *c, struct request *q);
/* The connection of B has ended. */
void listening_hung_up(struct core *c, struct client *b);
/* Takes out an answer whose time has come; NULL: none. */
struct job *listening_due(struct core *c);
