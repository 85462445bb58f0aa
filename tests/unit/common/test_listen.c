#include "common/net/listen.h"

#include <sys/resource.h>

#include "common/net/sock.h"
#include "tests/unit/common/live.h"

enum { TAKEN_MAX = 256 };

struct door {
	struct live l;
	struct listener *li;
	struct trusted proxy;
	int fds[TAKEN_MAX];
	struct addr peers[TAKEN_MAX];
	struct addr clients[TAKEN_MAX];
	int n;
	bool close_at_first;
};

static void on_accept(void *ctx, int fd, const struct addr *peer,
		      const struct addr *client)
{
	struct door *d = ctx;

	ck_assert_int_lt(d->n, TAKEN_MAX);
	d->fds[d->n] = fd;
	d->peers[d->n] = *peer;
	d->clients[d->n++] = *client;
	if (d->close_at_first) {
		listen_close(d->li);
		d->li = NULL;
	}
}

static void door_open(struct door *d, const char *proxies)
{
	*d = (struct door){ 0 };
	live_start(&d->l);
	ck_assert_int_eq(trusted_parse(proxies, &d->proxy), 0);
	struct listen_opts o = { .bind = "127.0.0.1", .proxy = &d->proxy };
	ck_assert_int_eq(listen_open(&d->l.loop, &o, on_accept, d, &d->li), 0);
	ck_assert_uint_ne(listen_port(d->li), 0);
}

static void door_close(struct door *d)
{
	listen_close(d->li);
	for (int i = 0; i < d->n; i++)
		close(d->fds[i]);
	live_end(&d->l);
}

static void check_addr(const struct addr *a, const char *text)
{
	char buf[ADDR_TEXT_MAX];

	ck_assert_str_eq(addr_format(a, buf), text);
}

START_TEST(more_connections_than_one_batch_are_all_accepted)
{
	struct door d;
	int fds[100];

	door_open(&d, "");
	for (int i = 0; i < 100; i++)
		fds[i] = live_connect(listen_port(d.li));
	live_until(&d.l, d.n == 100);
	for (int i = 0; i < 100; i++) {
		ck_assert(addr_eq(&d.peers[i], &d.clients[i]));
		ck_assert(addr_is_loopback(&d.peers[i]));
		close(fds[i]);
	}
	door_close(&d);
}
END_TEST

START_TEST(an_accepted_descriptor_does_not_block_and_is_not_inherited)
{
	struct door d;
	int one = 0;
	socklen_t len = sizeof one;

	door_open(&d, "");
	int fd = live_connect(listen_port(d.li));
	live_until(&d.l, d.n == 1);
	ck_assert(fcntl(d.fds[0], F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(d.fds[0], F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(
		getsockopt(d.fds[0], SOL_SOCKET, SO_KEEPALIVE, &one, &len), 0);
	ck_assert_int_ne(one, 0);
	close(fd);
	door_close(&d);
}
END_TEST

START_TEST(a_port_in_use_is_an_error)
{
	struct door d;
	struct listener *second;

	door_open(&d, "");
	struct listen_opts o = { .bind = "127.0.0.1",
				 .port = listen_port(d.li) };
	ck_assert_int_eq(listen_open(&d.l.loop, &o, on_accept, &d, &second),
			 -EADDRINUSE);
	door_close(&d);
}
END_TEST

START_TEST(the_listener_may_be_closed_inside_the_callback)
{
	struct door d;
	int fds[3];

	door_open(&d, "");
	d.close_at_first = true;
	for (int i = 0; i < 3; i++)
		fds[i] = live_connect(listen_port(d.li));
	live_until(&d.l, d.n == 1);
	live_turn(&d.l, 3);
	ck_assert_int_eq(d.n, 1);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	door_close(&d);
}
END_TEST

static size_t lines_with(FILE *f, const char *word)
{
	char line[4096];
	size_t n = 0;

	rewind(f);
	while (fgets(line, sizeof line, f))
		if (strstr(line, word))
			n++;
	return n;
}

/* Turns the loop until a timer of BACKOFF length has passed N times. */
static void let_pass(struct door *d, uint64_t ms)
{
	uint64_t until = loop_now(&d->l.loop) + ms;

	live_until(&d->l, loop_now(&d->l.loop) >= until);
}

START_TEST(running_out_of_descriptors_backs_off_with_one_line_and_recovers)
{
	struct door d;
	struct rlimit lim, none;
	FILE *log = tmpfile();

	door_open(&d, "");
	int saved = dup(STDERR_FILENO);
	ck_assert_int_ge(dup2(fileno(log), STDERR_FILENO), 0);
	int fd = live_connect(listen_port(d.li));

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &lim), 0);
	none = lim;
	none.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	let_pass(&d, 350);
	ck_assert_int_eq(d.n, 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lim), 0);
	live_until(&d.l, d.n == 1);

	ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
	ck_assert_uint_eq(lines_with(log, "event=accept_blocked"), 1);
	ck_assert_uint_eq(lines_with(log, "event=accept_resumed"), 1);
	fclose(log);
	close(fd);
	door_close(&d);
}
END_TEST

START_TEST(a_starved_listener_does_not_spin)
{
	struct door d;
	struct rlimit lim, none;

	door_open(&d, "");
	int fd = live_connect(listen_port(d.li));
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &lim), 0);
	none = lim;
	none.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);

	int turns = 0;
	uint64_t until = loop_now(&d.l.loop) + 350;
	while (loop_now(&d.l.loop) < until) {
		uv_run(&d.l.loop.uv, UV_RUN_ONCE);
		turns++;
	}
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lim), 0);
	ck_assert_int_le(turns, 20);
	live_until(&d.l, d.n == 1);
	close(fd);
	door_close(&d);
}
END_TEST

static const char v1[] = "PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\n";

START_TEST(a_version_1_header_names_the_client_and_nothing_more_is_read)
{
	struct door d;
	char rest[6];

	door_open(&d, "127.0.0.0/8");
	int fd = live_connect(listen_port(d.li));
	live_write(fd, v1, sizeof v1 - 1);
	live_write(fd, "hello!", 6);
	live_until(&d.l, d.n == 1);
	check_addr(&d.clients[0], "198.51.100.7:4711");
	ck_assert(addr_is_loopback(&d.peers[0]));
	live_read(d.fds[0], rest, 6);
	ck_assert_mem_eq(rest, "hello!", 6);
	close(fd);
	door_close(&d);
}
END_TEST

static const uint8_t v2[] = {
	0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49,
	0x54, 0x0a, 0x21, 0x21, 0x00, 0x24, /* v2 PROXY, TCP6, 36 bytes */
	0x20, 0x01, 0x0d, 0xb8, 0,    0,    0,    0,    0,    0,
	0,    0,    0,    0,    0,    0x05, /* 2001:db8::5 */
	0x20, 0x01, 0x0d, 0xb8, 0,    0,    0,    0,    0,    0,
	0,    0,    0,    0,    0,    0x06, 0x12, 0x67, 0x01, 0xbb,
};

START_TEST(a_version_2_header_one_byte_at_a_time_is_understood)
{
	struct door d;
	char rest;

	door_open(&d, "127.0.0.0/8");
	int fd = live_connect(listen_port(d.li));
	for (size_t i = 0; i < sizeof v2; i++) {
		ck_assert_int_eq(d.n, 0);
		live_write(fd, v2 + i, 1);
		live_turn(&d.l, 2);
	}
	live_write(fd, "x", 1);
	live_until(&d.l, d.n == 1);
	check_addr(&d.clients[0], "[2001:db8::5]:4711");
	live_read(d.fds[0], &rest, 1);
	ck_assert_int_eq(rest, 'x');
	close(fd);
	door_close(&d);
}
END_TEST

START_TEST(a_local_header_leaves_the_peer_as_client)
{
	static const uint8_t local[] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
					 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
					 0x20, 0x00, 0x00, 0x00 };
	struct door d;

	door_open(&d, "127.0.0.0/8");
	int fd = live_connect(listen_port(d.li));
	live_write(fd, local, sizeof local);
	live_until(&d.l, d.n == 1);
	ck_assert(addr_eq(&d.peers[0], &d.clients[0]));
	close(fd);
	door_close(&d);
}
END_TEST

START_TEST(a_header_from_an_untrusted_network_is_just_data)
{
	struct door d;
	char head[sizeof v1 - 1];

	door_open(&d, "10.0.0.0/8");
	int fd = live_connect(listen_port(d.li));
	live_write(fd, v1, sizeof v1 - 1);
	live_until(&d.l, d.n == 1);
	ck_assert(addr_eq(&d.peers[0], &d.clients[0]));
	live_read(d.fds[0], head, sizeof head);
	ck_assert_mem_eq(head, v1, sizeof head);
	close(fd);
	door_close(&d);
}
END_TEST

START_TEST(a_trusted_proxy_without_a_header_is_refused)
{
	struct door d;

	door_open(&d, "127.0.0.1");
	int fd = live_connect(listen_port(d.li));
	live_write(fd, "GET / HTTP/1.1\r\n\r\n", 18);
	live_until(&d.l, live_ended(fd));
	ck_assert_int_eq(d.n, 0);
	close(fd);
	door_close(&d);
}
END_TEST

START_TEST(a_silent_proxy_is_dropped_at_the_deadline_and_others_are_not)
{
	struct door d;

	door_open(&d, "127.0.0.1");
	uint64_t start = loop_now(&d.l.loop);
	int silent = live_connect(listen_port(d.li));
	live_write(silent, v1, 10);
	int good = live_connect(listen_port(d.li));
	live_write(good, v1, sizeof v1 - 1);
	live_until(&d.l, d.n == 1);
	live_until(&d.l, live_ended(silent));
	ck_assert_uint_ge(loop_now(&d.l.loop), start + 5000);
	ck_assert_uint_le(loop_now(&d.l.loop), start + 8000);
	ck_assert(!live_ended(good));
	close(silent);
	close(good);
	door_close(&d);
}
END_TEST

/* 4096 silent connections are the cap of listen.c. */
START_TEST(those_who_owe_a_header_are_capped)
{
	enum { WAITING = 4096, MORE = 5 };
	static int fds[WAITING + MORE];
	struct door d;
	int ended = 0;

	struct rlimit files;
	sock_raise_nofile();
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	ck_assert_uint_ge(files.rlim_cur, 2 * WAITING + 100);
	door_open(&d, "127.0.0.1");
	uint64_t start = loop_now(&d.l.loop);
	for (int i = 0; i < WAITING + MORE; i++) {
		fds[i] = live_connect(listen_port(d.li));
		live_turn(&d.l, 1);
	}
	live_turn(&d.l, 3);
	for (int i = 0; i < WAITING + MORE; i++)
		ended += live_ended(fds[i]);
	/* On a slow machine the first have met their deadline, too. */
	if (loop_now(&d.l.loop) >= start + 5000)
		ck_assert_int_ge(ended, MORE);
	else
		ck_assert_int_eq(ended, MORE);
	int open = 0;
	while (open < WAITING && live_ended(fds[open]))
		open++;
	live_write(fds[open], v1, sizeof v1 - 1);
	live_until(&d.l, d.n == 1);
	for (int i = 0; i < WAITING + MORE; i++)
		close(fds[i]);
	door_close(&d);
}
END_TEST

START_TEST(closing_drops_those_who_still_owe_a_header)
{
	struct door d;

	door_open(&d, "127.0.0.1");
	int a = live_connect(listen_port(d.li));
	int b = live_connect(listen_port(d.li));
	live_write(a, v1, 5);
	live_turn(&d.l, 3);
	listen_close(d.li);
	d.li = NULL;
	live_until(&d.l, live_ended(a) && live_ended(b));
	ck_assert_int_eq(d.n, 0);
	close(a);
	close(b);
	door_close(&d);
}
END_TEST

LIVE_MAIN("listen", more_connections_than_one_batch_are_all_accepted,
	  an_accepted_descriptor_does_not_block_and_is_not_inherited,
	  a_port_in_use_is_an_error,
	  the_listener_may_be_closed_inside_the_callback,
	  running_out_of_descriptors_backs_off_with_one_line_and_recovers,
	  a_starved_listener_does_not_spin,
	  a_version_1_header_names_the_client_and_nothing_more_is_read,
	  a_version_2_header_one_byte_at_a_time_is_understood,
	  a_local_header_leaves_the_peer_as_client,
	  a_header_from_an_untrusted_network_is_just_data,
	  a_trusted_proxy_without_a_header_is_refused,
	  a_silent_proxy_is_dropped_at_the_deadline_and_others_are_not,
	  those_who_owe_a_header_are_capped,
	  closing_drops_those_who_still_owe_a_header)
