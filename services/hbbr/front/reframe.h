/*
 * reframe: frames of a TCP stream become WebSocket messages without being
 * copied (spec 1.3, RFC 6455 5.2: what a server sends is not masked).
 *
 *	socket --splice--> IN --splice, a head before each part--> OUT
 *
 * IN is empty between two calls. OUT holds whole WebSocket frames; the caller
 * writes them out and gives the pipe back. A message whose end has not come
 * goes as a fragment, and the next call goes on with it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "services/hbbr/splice/pipes.h"

enum {
	REFRAME_PIPES = 8,     /* full ones, which wait for slow readers */
	REFRAME_FRAMES = 64,   /* of one call: more are small and copied */
	REFRAME_WORTH = 8192,  /* smaller frames are cheaper copied */
	REFRAME_EARLY = 65536, /* most that may have been read before */
};

struct reframe {
	struct pipes in;
	struct pipes out;
	size_t max_message; /* bytes */
	size_t page;        /* of memory, which a slot of a pipe holds */
};

/* The message under way. */
struct message_rest {
	uint32_t left; /* bytes that are to come */
	bool begun;    /* a part of it was passed on */
};

/* What one call yielded. */
struct reframed {
	struct pipe *pipe; /* the caller's; NULL: nothing to write */
	size_t wire;       /* bytes in it */
	size_t payload;    /* of messages, among them */
	bool worth_it;     /* the next call will pay, too */
};

/* Does it pay to splice so many frames of so many bytes together? */
bool reframe_pays(size_t bytes, size_t frames);

/* Does a pipe of OUT bytes take whatever one of IN bytes holds? A pipe counts
 * slots of a PAGE: one for each of IN; for each frame a head, and one where a
 * slot is cut; what came early, and the page it begins in. */
bool reframe_fits(size_t in, size_t out, size_t page);

void reframe_init(struct reframe *r, size_t max_message);
/* Every pipe must be back. */
void reframe_fini(struct reframe *r);
/* A full pipe is back: EMPTY, or destroyed with what is in it. */
void reframe_put(struct reframe *r, struct pipe *pipe, bool empty);

/*
 * Reads at most MOST bytes of the stream at FD, behind those in EARLY, which
 * are taken too; afterwards EARLY holds what is to be copied.
 *
 * The number of bytes read, 0 at the end of the stream, -EAGAIN: nothing is
 * there, -ENOBUFS: no pipe, copy instead; both have changed nothing.
 * Everything else ends the session: -EMSGSIZE for a frame that is too large,
 * behind what OUT holds; -EIO or -ENOMEM.
 */
MUST_USE ssize_t reframe_read(struct reframe *r, int fd, size_t most,
			      struct buf *early, struct message_rest *m,
			      uint64_t now_ms, struct reframed *out);
