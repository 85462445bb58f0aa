/* Datagrams as they leave: sendmmsg() is pretended and counts them. */
#include "../common/live.h"

#include "common/base/log.h"
#include "services/hbbs/edge/udp.h"

enum { AGAIN = 1024 }; /* second copies, ARCHITECTURE.md section 8 */

static struct live live;
static struct udp *udp;
static unsigned sent;
static struct udp_path to;

int __wrap_sendmmsg(int fd, struct mmsghdr *v, unsigned n, int flags);

int __wrap_sendmmsg(int fd, struct mmsghdr *v, unsigned n, int flags)
{
	(void)fd;
	(void)v;
	(void)flags;
	sent += n;
	return (int)n;
}

static void on_datagrams(void *ctx, const struct datagram *d, size_t n)
{
	(void)ctx;
	(void)d;
	(void)n;
}

static void setup(void)
{
	struct udp_events ev = { .on_datagrams = on_datagrams };

	log_setup("test", LOG_ERROR, LOG_TEXT);
	live_start(&live);
	ck_assert_int_eq(
		udp_open(&live.loop, "127.0.0.1", 0, 0, &ev, NULL, &udp), 0);
	ck_assert_int_eq(addr_parse("127.0.0.1:9", 0, &to.peer), 0);
	sent = 0;
}

static void teardown(void)
{
	udp_close(udp);
	live_end(&live);
}

/* Pushes that want a second copy, numbered from FIRST; they leave at once. */
static void push(unsigned first, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		udp_send(udp, &to, "push", 4, first + i);
	udp_flush(udp);
}

START_TEST(so_many_pushes_get_a_second_copy_and_one_more_is_sent_once)
{
	setup();
	push(1, AGAIN + 1);
	ck_assert_uint_eq(sent, AGAIN + 1);
	live_until(&live, sent >= AGAIN + 1 + AGAIN);
	/* All of them have left, so there is room: nothing else follows. */
	push(1, 1);
	live_until(&live, sent >= AGAIN + 1 + AGAIN + 2);
	ck_assert_uint_eq(sent, AGAIN + 1 + AGAIN + 2);
	teardown();
}
END_TEST

START_TEST(a_copy_that_was_called_off_does_not_leave_but_keeps_its_place)
{
	setup();
	push(1, AGAIN);
	udp_settled(udp, 7);
	push(AGAIN + 1, 1);
	live_until(&live, sent >= AGAIN + 1 + AGAIN - 1);
	push(1, 1);
	live_until(&live, sent >= AGAIN + AGAIN + 2);
	ck_assert_uint_eq(sent, AGAIN + AGAIN + 2);
	teardown();
}
END_TEST

START_TEST(what_needs_no_second_copy_is_sent_once)
{
	setup();
	udp_send(udp, &to, "answer", 6, 0);
	push(1, 1);
	live_until(&live, sent >= 3);
	push(1, 1);
	live_until(&live, sent >= 5);
	ck_assert_uint_eq(sent, 5);
	teardown();
}
END_TEST

LIVE_MAIN("udp", so_many_pushes_get_a_second_copy_and_one_more_is_sent_once,
	  a_copy_that_was_called_off_does_not_leave_but_keeps_its_place,
	  what_needs_no_second_copy_is_sent_once)
