/*
 * bare_relay: what the sockets of pairs cost whoever serves them.
 *
 *	bare_relay port=
 *
 * One thread, one edge-triggered epoll set: accepts on a socket like the
 * relay's, reads a first frame, sends every later byte back and closes when
 * the far end has. It pairs nobody; that `relay_load setup` hears its own
 * bytes is enough for it. No relay can make fewer system calls on the same
 * sockets.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/gen.h"

enum { FILES = 65536, EVENTS = 256, BACKLOG = 4096, CHUNK = 512 };

/* Of the first frame: 0 before it, then what is missing, then DONE. */
enum { DONE = -1 };
static int missing[FILES]; /* by descriptor */
static int set;

static void option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) < 0)
		die("setsockopt");
}

/* As common/net/listen makes it; what it accepts inherits the options. */
static int listen_like_relay(uint16_t port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
				  .sin6_port = htons(port) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);

	option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
	option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
	option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, BACKLOG) < 0)
		die("listen");
	return fd;
}

static void watch(int fd)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET,
				  .data.fd = fd };

	if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("epoll_ctl");
}

static void accept_all(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		if (fd >= FILES)
			die("too many connections");
		missing[fd] = 0;
		watch(fd);
	}
}

/* Bytes of the N at DATA that belong to the first frame. A frame of a request
 * has a head of one or two bytes, which come together. */
static int of_first(int fd, const uint8_t *data, int n)
{
	if (missing[fd] == DONE)
		return 0;
	if (missing[fd] == 0)
		missing[fd] = (data[0] & 3) == 0
				      ? 1 + (data[0] >> 2)
				      : 2 + ((data[0] | data[1] << 8) >> 2);
	int here = n < missing[fd] ? n : missing[fd];
	missing[fd] -= here;
	if (missing[fd] == 0)
		missing[fd] = DONE;
	return here;
}

/* False: the connection is over. */
static bool serve_once(int fd)
{
	uint8_t data[CHUNK];
	ssize_t n = recv(fd, data, sizeof(data), 0);

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	int skip = of_first(fd, data, (int)n);
	if (n > skip)
		(void)!send(fd, data + skip, (size_t)(n - skip), MSG_NOSIGNAL);
	return true;
}

static void serve(int fd, uint32_t events)
{
	/* Behind the last bytes comes no other event. */
	bool over = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;

	while (serve_once(fd))
		if (!over)
			return;
	close(fd);
}

int main(int argc, char **argv)
{
	struct epoll_event ev[EVENTS];

	gen_init("bare_relay", argc, argv);
	int listener = listen_like_relay((uint16_t)num("port", 24117));
	set = epoll_create1(0);
	watch(listener);
	for (;;) {
		int n = epoll_wait(set, ev, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd == listener)
				accept_all(listener);
			else
				serve(ev[i].data.fd, ev[i].events);
		}
	}
}
