#include "services/hbbr/splice/pipes.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void pipes_init(struct pipes *p, size_t max)
{
	size_t bigs = max / PIPE_BIG_SHARE;

	*p = (struct pipes){
		.max = max,
		.bigs = bigs < PIPE_BIGS ? bigs : PIPE_BIGS,
		.want = PIPE_WANT,
		.least = PIPE_LEAST,
	};
}

static void pipe_destroy(struct pipes *p, struct pipe *pipe)
{
	close(pipe->in);
	close(pipe->out);
	free(pipe);
	p->made--;
}

void pipes_fini(struct pipes *p)
{
	while (p->idle) {
		struct pipe *pipe = p->idle;
		p->idle = pipe->next;
		pipe_destroy(p, pipe);
	}
	assert(p->made == 0);
}

/* Asks for WANT bytes and returns what the pipe has then. */
static size_t pipe_size(int fd, size_t want)
{
	int size = fcntl(fd, F_SETPIPE_SZ, (int)want);

	if (size < 0)
		size = fcntl(fd, F_GETPIPE_SZ);
	return size < 0 ? 0 : (size_t)size;
}

static struct pipe *pipe_create(struct pipes *p)
{
	int fd[2];

	struct pipe *pipe = malloc(sizeof(*pipe));
	if (!pipe)
		return NULL;
	if (pipe2(fd, O_NONBLOCK | O_CLOEXEC) < 0) {
		free(pipe);
		return NULL;
	}
	*pipe = (struct pipe){ .out = fd[0], .in = fd[1] };
	pipe->size = pipe_size(fd[1], p->made < p->bigs ? PIPE_BIG : p->want);
	p->made++;
	if (pipe->size < p->least) {
		pipe_destroy(p, pipe);
		return NULL;
	}
	return pipe;
}

struct pipe *pipes_get(struct pipes *p, uint64_t now_ms)
{
	struct pipe *pipe = p->idle;

	if (pipe) {
		p->idle = pipe->next;
		return pipe;
	}
	if (p->made >= p->max || now_ms < p->next_ms)
		return NULL;
	pipe = pipe_create(p);
	if (!pipe)
		p->next_ms = now_ms + PIPE_RETRY_MS;
	return pipe;
}

void pipes_put(struct pipes *p, struct pipe *pipe)
{
	pipe->next = p->idle;
	p->idle = pipe;
}

void pipes_scrap(struct pipes *p, struct pipe *pipe)
{
	pipe_destroy(p, pipe);
}
