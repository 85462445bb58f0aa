#include "common/net/io.h"

#include <assert.h>
#include <unistd.h>

static int to_uv(int want)
{
	return (want & IO_READ ? UV_READABLE : 0) |
	       (want & IO_WRITE ? UV_WRITABLE : 0) |
	       (want & IO_HUP ? UV_DISCONNECT : 0);
}

static int from_uv(int events)
{
	return (events & UV_READABLE ? IO_READ : 0) |
	       (events & UV_WRITABLE ? IO_WRITE : 0) |
	       (events & UV_DISCONNECT ? IO_HUP : 0);
}

static void on_poll(uv_poll_t *uv, int status, int events)
{
	struct io *io = container_of(uv, struct io, uv);
	int got = from_uv(events);

	/* libuv has stopped the watch and swallowed the cause. What was
	 * wanted is reported too: data before a reset is still readable. */
	if (status < 0) {
		got = io->want | IO_HUP;
		io->want = 0;
	}
	io->fn(io, got, io->ctx);
}

int io_open(struct loop *l, struct io *io, int fd, io_fn fn, void *ctx)
{
	*io = (struct io){ .fd = fd, .fn = fn, .ctx = ctx };
	return uv_poll_init(&l->uv, &io->uv, fd);
}

void io_want(struct io *io, int want)
{
	if (io->closing || want == io->want)
		return;
	io->want = want;

	int r = want != 0 ? uv_poll_start(&io->uv, to_uv(want), on_poll)
			  : uv_poll_stop(&io->uv);
	assert(r == 0); /* only a descriptor watched twice can fail */
}

static void on_io_closed(uv_handle_t *uv)
{
	struct io *io = container_of((uv_poll_t *)uv, struct io, uv);

	if (io->on_closed)
		io->on_closed(io->ctx);
}

void io_close(struct io *io, bool close_fd, void (*on_closed)(void *ctx))
{
	assert(!io->closing);
	io->closing = true;
	io->want = 0;
	io->on_closed = on_closed;
	uv_close((uv_handle_t *)&io->uv, on_io_closed);
	/* After uv_close() took it out of epoll, so that no other thread can
	 * get the number while it is still watched here. */
	if (close_fd)
		close(io->fd);
	io->fd = -1;
}
