/*
 * pipes: a small pool of kernel pipes for splice.
 *
 * A direction borrows a pipe only while bytes are in it, so a few pipes serve
 * thousands of sessions. The first few, which nearly all bytes go through,
 * are large: fewer system calls per byte. Big pipes are scarce: past a per-user
 * limit the kernel silently hands out 8 KiB ones, which are slower than
 * copying. So the size is asked for and read back, a small pipe is not used,
 * and the caller copies instead. A pipe that may hold a session's bytes after
 * an error is destroyed: reused, it would hand them to another session.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum {
	PIPE_BIG = 1024 * 1024, /* asked for by the first ... */
	PIPE_BIGS = 4,          /* ... of a pool, ... */
	PIPE_BIG_SHARE = 10,    /* ... at most one in so many */
	PIPE_WANT = 256 * 1024, /* asked for by the others */
	PIPE_LEAST = 64 * 1024, /* smaller ones do not pay */
	PIPE_RETRY_MS = 1000,   /* after none could be made */
};

struct pipe {
	struct pipe *next; /* in the pool's free list */
	int in;            /* write end */
	int out;           /* read end */
	size_t size;       /* as the kernel says */
};

struct pipes {
	struct pipe *idle;
	size_t made; /* idle and borrowed */
	size_t max;
	size_t bigs;      /* so many of them are big */
	size_t want;      /* PIPE_WANT, unless the owner wants more */
	size_t least;     /* PIPE_LEAST; one with less is not kept */
	uint64_t next_ms; /* no attempt to make one before */
};

void pipes_init(struct pipes *p, size_t max);
/* Every borrowed pipe must be back. */
void pipes_fini(struct pipes *p);

/* Borrows an empty pipe; NULL: none to be had, copy instead. */
struct pipe *pipes_get(struct pipes *p, uint64_t now_ms);
/* Gives back an empty pipe. */
void pipes_put(struct pipes *p, struct pipe *pipe);
/* Gives back a pipe that is not, or may not be, empty. */
void pipes_scrap(struct pipes *p, struct pipe *pipe);
