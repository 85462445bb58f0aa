#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/net/sock.h"
#include "tests/unit/unit.h"

/* The Makefile links this program with --wrap=socket. */
static bool without_ipv6;

int __real_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol);

int __wrap_socket(int family, int type, int protocol)
{
	if (without_ipv6 && family == AF_INET6) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	return __real_socket(family, type, protocol);
}

static void await(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	ck_assert_int_eq(poll(&p, 1, 5000), 1);
}

static uint16_t port_of(int fd)
{
	struct addr a;

	ck_assert_int_eq(sock_local(fd, &a), 0);
	return a.port;
}

static struct addr address(const char *ip, uint16_t port)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(ip, port, &a), 0);
	return a;
}

/* Connects to LISTENER by IP; returns the client, fills SERVER. */
static int connected(int listener, const char *ip, int *server)
{
	struct addr to = address(ip, port_of(listener));
	int client = sock_connect(&to);

	ck_assert_int_ge(client, 0);
	await(client, POLLOUT);
	ck_assert_int_eq(sock_error(client), 0);
	await(listener, POLLIN);
	*server = accept(listener, NULL, NULL);
	ck_assert_int_ge(*server, 0);
	return client;
}

static bool has_ipv6(void)
{
	int fd = sock_listen("::1", 0, false);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

START_TEST(a_wildcard_listener_takes_both_families)
{
	int listener = sock_listen("", 0, false);
	struct addr local, peer;
	int server;

	ck_assert_int_ge(listener, 0);
	int client = connected(listener, "127.0.0.1", &server);
	ck_assert_int_eq(sock_local(client, &local), 0);
	ck_assert_int_eq(sock_peer(server, &peer), 0);
	ck_assert(addr_eq(&local, &peer));
	ck_assert(addr_is_v4(&peer));
	close(client);
	close(server);
	if (has_ipv6()) {
		client = connected(listener, "::1", &server);
		ck_assert_int_eq(sock_peer(server, &peer), 0);
		ck_assert(!addr_is_v4(&peer) && addr_is_loopback(&peer));
		close(client);
		close(server);
	}
	close(listener);
}
END_TEST

START_TEST(sockets_do_not_block_and_are_not_inherited)
{
	int fds[] = { sock_listen("127.0.0.1", 0, false),
		      sock_udp("127.0.0.1", 0, 0, false) };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		ck_assert_int_ge(fds[i], 0);
		ck_assert(fcntl(fds[i], F_GETFL) & O_NONBLOCK);
		ck_assert(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
		close(fds[i]);
	}
}
END_TEST

START_TEST(bad_and_used_addresses_are_reported)
{
	int fd = sock_listen("127.0.0.1", 0, false);

	ck_assert_int_eq(sock_listen("localhost", 0, false), -EINVAL);
	ck_assert_int_eq(sock_udp("1.2.3", 0, 0, false), -EINVAL);
	ck_assert_int_eq(sock_listen("127.0.0.1", port_of(fd), false),
			 -EADDRINUSE);
	ck_assert_int_eq(sock_listen("203.0.113.1", 0, false), -EADDRNOTAVAIL);
	close(fd);
}
END_TEST

START_TEST(a_port_can_be_shared_on_request)
{
	int one = sock_udp("127.0.0.1", 0, 0, true);
	int two = sock_udp("127.0.0.1", port_of(one), 0, true);
	int three = sock_udp("127.0.0.1", port_of(one), 0, false);

	ck_assert_int_ge(two, 0);
	ck_assert_int_eq(three, -EADDRINUSE);
	close(one);
	close(two);
}
END_TEST

START_TEST(datagrams_carry_addresses_of_the_right_family)
{
	int a = sock_udp("", 0, 1 << 16, false);
	int b = sock_udp("127.0.0.1", 0, 0, false);
	struct addr to = address("127.0.0.1", port_of(a));
	struct sockaddr_storage sa;
	socklen_t len = addr_to_sockaddr(&to, sock_family(b), &sa);
	char byte = 0;

	ck_assert_int_eq(sendto(b, "x", 1, 0, (struct sockaddr *)&sa, len), 1);
	await(a, POLLIN);
	len = sizeof(sa);
	ck_assert_int_eq(recvfrom(a, &byte, 1, 0, (struct sockaddr *)&sa, &len),
			 1);
	struct addr from = addr_from_sockaddr((struct sockaddr *)&sa);
	ck_assert_uint_eq(from.port, port_of(b));
	ck_assert(addr_same_ip(&from, &to));
	close(a);
	close(b);
}
END_TEST

START_TEST(a_kernel_without_ipv6_serves_ipv4)
{
	static const char *const binds[] = { "", "0.0.0.0", "127.0.0.1", "::" };

	without_ipv6 = true;
	for (size_t i = 0; i < ARRAY_LEN(binds); i++) {
		int server, listener = sock_listen(binds[i], 0, false);
		ck_assert_int_ge(listener, 0);
		ck_assert_int_eq(sock_family(listener), AF_INET);
		close(connected(listener, "127.0.0.1", &server));
		close(server);
		close(listener);
	}
	int udp = sock_udp("", 0, 0, false);
	ck_assert_int_eq(sock_family(udp), AF_INET);
	close(udp);
	ck_assert_int_eq(sock_listen("::1", 0, false), -EAFNOSUPPORT);
}
END_TEST

START_TEST(a_refused_connection_is_reported)
{
	int listener = sock_listen("127.0.0.1", 0, false);
	struct addr to = address("127.0.0.1", port_of(listener));

	close(listener);
	int fd = sock_connect(&to);
	if (fd >= 0) {
		await(fd, POLLOUT);
		ck_assert_int_eq(sock_error(fd), -ECONNREFUSED);
		close(fd);
	} else {
		ck_assert_int_eq(fd, -ECONNREFUSED);
	}
}
END_TEST

START_TEST(unix_sockets_connect)
{
	char folder[] = "/tmp/test-sock-XXXXXX", too_long[200];
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/s", folder);
	ck_assert_int_eq(sock_connect_unix(un.sun_path), -ENOENT);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&un, sizeof(un)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	int client = sock_connect_unix(un.sun_path);
	ck_assert_int_ge(client, 0);
	ck_assert_int_eq(sock_error(client), 0);
	memset(too_long, 'x', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	ck_assert_int_eq(sock_connect_unix(too_long), -ENAMETOOLONG);
	close(client);
	close(listener);
	unlink(un.sun_path);
	rmdir(folder);
}
END_TEST

static int get_int(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	getsockopt(fd, level, name, &value, &len);
	return value;
}

START_TEST(a_hung_up_peer_is_noticed_with_data_unread)
{
	int listener = sock_listen("127.0.0.1", 0, false);
	int server, client = connected(listener, "127.0.0.1", &server);

	ck_assert(!sock_hung_up(server));
	ck_assert_int_eq(write(client, "x", 1), 1);
	await(server, POLLIN);
	ck_assert(!sock_hung_up(server));
	close(client);
	await(server, POLLRDHUP);
	ck_assert(sock_hung_up(server));
	close(server);
	close(listener);
}
END_TEST

START_TEST(a_unix_listener_is_its_owners_and_nobody_elses)
{
	char dir[] = "/tmp/sock-XXXXXX", path[64], long_path[200];
	struct stat st;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	int first = sock_listen_unix(path, 4);
	ck_assert_int_ge(first, 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(sock_listen_unix(path, 4), -EADDRINUSE);
	/* What a killed process left there is in nobody's way. */
	close(first);
	int second = sock_listen_unix(path, 4);
	ck_assert_int_ge(second, 0);
	int client = sock_connect_unix(path);
	ck_assert_int_ge(client, 0);
	close(client);
	close(second);
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_int_eq(sock_listen_unix(path, 4), -ENOENT);
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	ck_assert_int_eq(sock_listen_unix(long_path, 4), -ENAMETOOLONG);
}
END_TEST

START_TEST(options_are_set)
{
	int listener = sock_listen("127.0.0.1", 0, false);
	int server, client = connected(listener, "127.0.0.1", &server);

	sock_nodelay(client);
	sock_keepalive(client, 60, 10, 3);
	ck_assert_int_ne(get_int(client, IPPROTO_TCP, TCP_NODELAY), 0);
	ck_assert_int_ne(get_int(client, SOL_SOCKET, SO_KEEPALIVE), 0);
	ck_assert_int_eq(get_int(client, IPPROTO_TCP, TCP_KEEPIDLE), 60);
	ck_assert_int_eq(get_int(client, IPPROTO_TCP, TCP_KEEPINTVL), 10);
	ck_assert_int_eq(get_int(client, IPPROTO_TCP, TCP_KEEPCNT), 3);
	close(client);
	close(server);
	close(listener);
}
END_TEST

START_TEST(the_descriptor_limit_is_raised_to_the_hard_one)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	struct rlimit low = { .rlim_cur = 64, .rlim_max = limit.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	sock_raise_nofile();
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	uint64_t got = limit.rlim_cur;
	ck_assert_uint_le(got, 1048576);
	ck_assert(got == limit.rlim_max || got == 1048576);
}
END_TEST

START_TEST(a_descriptor_that_is_no_socket_is_an_error)
{
	struct addr a;

	ck_assert_int_eq(sock_local(0x7fffffff, &a), -EBADF);
	ck_assert_int_eq(sock_peer(0x7fffffff, &a), -EBADF);
	ck_assert_int_eq(sock_error(0x7fffffff), -EBADF);
	ck_assert_int_eq(sock_family(0x7fffffff), -EBADF);
}
END_TEST

UNIT_MAIN("sock", a_wildcard_listener_takes_both_families,
	  sockets_do_not_block_and_are_not_inherited,
	  bad_and_used_addresses_are_reported, a_port_can_be_shared_on_request,
	  datagrams_carry_addresses_of_the_right_family,
	  a_kernel_without_ipv6_serves_ipv4, a_refused_connection_is_reported,
	  unix_sockets_connect, a_hung_up_peer_is_noticed_with_data_unread,
	  a_unix_listener_is_its_owners_and_nobody_elses, options_are_set,
	  the_descriptor_limit_is_raised_to_the_hard_one,
	  a_descriptor_that_is_no_socket_is_an_error)
