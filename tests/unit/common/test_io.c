#include "common/net/io.h"

#include "common/net/sock.h"
#include "tests/unit/common/live.h"

struct watch {
	struct io io;
	int calls;
	int events; /* of the last call */
	int closed;
	bool close_now; /* close inside the callback */
};

static void on_closed(void *ctx)
{
	((struct watch *)ctx)->closed++;
}

static void on_event(struct io *io, int events, void *ctx)
{
	struct watch *w = ctx;
	char c[64];

	w->calls++;
	w->events = events;
	if (w->close_now)
		io_close(io, true, on_closed);
	else if (events & IO_READ)
		(void)!read(io->fd, c, sizeof c);
}

static void watch_open(struct live *l, struct watch *w, int fd)
{
	ck_assert_int_eq(io_open(&l->loop, &w->io, fd, on_event, w), 0);
}

START_TEST(nothing_is_reported_until_it_is_wanted)
{
	struct live l;
	struct watch w = { 0 };
	int fds[2];

	live_start(&l);
	live_pair(fds);
	watch_open(&l, &w, fds[0]);
	live_write(fds[1], "x", 1);
	live_turn(&l, 3);
	ck_assert_int_eq(w.calls, 0);

	io_want(&w.io, IO_READ);
	live_until(&l, w.calls == 1);
	ck_assert_int_eq(w.events, IO_READ);
	io_want(&w.io, IO_READ | IO_WRITE);
	live_until(&l, w.calls == 2);
	ck_assert_int_eq(w.events, IO_WRITE);

	io_want(&w.io, 0);
	live_turn(&l, 3);
	ck_assert_int_eq(w.calls, 2);
	io_close(&w.io, true, on_closed);
	close(fds[1]);
	live_end(&l);
	ck_assert_int_eq(w.closed, 1);
}
END_TEST

START_TEST(hang_up_alone_can_be_wanted_and_leaves_the_data)
{
	struct live l;
	struct watch w = { 0 };
	int fds[2];
	char c;

	live_start(&l);
	live_pair(fds);
	watch_open(&l, &w, fds[0]);
	io_want(&w.io, IO_HUP);
	live_write(fds[1], "x", 1);
	live_turn(&l, 3);
	ck_assert_int_eq(w.calls, 0);

	close(fds[1]);
	live_until(&l, w.calls == 1);
	ck_assert_int_eq(w.events, IO_HUP);
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	io_close(&w.io, true, on_closed);
	live_end(&l);
}
END_TEST

START_TEST(a_reset_is_reported_once_and_data_before_it_is_readable)
{
	struct live l;
	struct watch w = { 0 };
	int fds[2];

	live_start(&l);
	live_pair(fds);
	watch_open(&l, &w, fds[0]);
	live_write(fds[1], "x", 1);
	live_reset(fds[1]);
	io_want(&w.io, IO_READ | IO_WRITE);
	live_until(&l, w.calls == 1);
	ck_assert_int_eq(w.events, IO_READ | IO_WRITE | IO_HUP);
	ck_assert_int_eq(w.io.want, 0);
	ck_assert_int_eq(sock_error(fds[0]), -ECONNRESET);
	live_turn(&l, 3);
	ck_assert_int_eq(w.calls, 1);
	io_close(&w.io, true, on_closed);
	live_end(&l);
}
END_TEST

START_TEST(closing_inside_the_callback_is_the_last_one)
{
	struct live l;
	struct watch w = { .close_now = true };
	int fds[2];

	live_start(&l);
	live_pair(fds);
	watch_open(&l, &w, fds[0]);
	io_want(&w.io, IO_READ | IO_WRITE);
	live_write(fds[1], "x", 1);
	live_until(&l, w.closed == 1);
	ck_assert_int_eq(w.calls, 1);
	io_want(&w.io, IO_READ);
	close(fds[1]);
	live_end(&l);
}
END_TEST

START_TEST(a_closed_watch_gives_its_descriptor_back_at_once)
{
	struct live l;
	struct watch a = { 0 }, b = { 0 };
	int fds[2];

	live_start(&l);
	live_pair(fds);
	watch_open(&l, &a, fds[0]);
	io_want(&a.io, IO_READ);
	live_turn(&l, 1);
	io_close(&a.io, false, on_closed);
	watch_open(&l, &b, fds[0]);
	io_want(&b.io, IO_READ);
	live_write(fds[1], "x", 1);
	live_until(&l, b.calls == 1);
	ck_assert_int_eq(a.calls, 0);
	io_close(&b.io, true, on_closed);
	close(fds[1]);
	live_end(&l);
}
END_TEST

START_TEST(a_regular_file_cannot_be_watched)
{
	struct live l;
	struct watch w = { 0 };
	FILE *f = tmpfile();

	live_start(&l);
	ck_assert_int_eq(io_open(&l.loop, &w.io, fileno(f), on_event, &w),
			 -EPERM);
	fclose(f);
	live_end(&l);
}
END_TEST

LIVE_MAIN("io", nothing_is_reported_until_it_is_wanted,
	  hang_up_alone_can_be_wanted_and_leaves_the_data,
	  a_reset_is_reported_once_and_data_before_it_is_readable,
	  closing_inside_the_callback_is_the_last_one,
	  a_closed_watch_gives_its_descriptor_back_at_once,
	  a_regular_file_cannot_be_watched)
