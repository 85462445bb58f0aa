#include "common/net/sock.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/log.h"

enum {
	BACKLOG = 4096,       /* connections that arrive within one turn */
	NOFILE_MAX = 1048576, /* libwebsockets sizes its tables by it */
};

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno
								      : 0;
}

static int new_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static int close_with(int fd, int error)
{
	close(fd);
	return error;
}

static int bind_new(int family, int type, const struct addr *where,
		    bool reuseport)
{
	struct sockaddr_storage sa;
	socklen_t len = addr_to_sockaddr(where, family, &sa);
	int fd = new_socket(family, type);
	int r = 0;

	if (fd < 0)
		return fd;
	if (family == AF_INET6)
		r = set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	if (r == 0 && type == SOCK_STREAM)
		r = set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (r == 0 && reuseport)
		r = set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (r == 0 && bind(fd, (struct sockaddr *)&sa, len) < 0)
		r = -errno;
	return r < 0 ? close_with(fd, r) : fd;
}

/* Dual-stack; plain IPv4 only where the kernel has no IPv6 at all and the
 * address is no IPv6 address. */
static int bind_any(int type, const char *bind, uint16_t port, bool reuseport)
{
	struct addr where = { .port = port };

	if (bind[0] && addr_parse(bind, port, &where) < 0)
		return -EINVAL;
	where.port = port;
	int fd = bind_new(AF_INET6, type, &where, reuseport);
	if (fd == -EAFNOSUPPORT &&
	    (addr_is_v4(&where) || addr_is_unspecified(&where)))
		fd = bind_new(AF_INET, type, &where, reuseport);
	return fd;
}

int sock_listen(const char *bind, uint16_t port, bool reuseport)
{
	int fd = bind_any(SOCK_STREAM, bind, port, reuseport);

	if (fd >= 0 && listen(fd, BACKLOG) < 0)
		return close_with(fd, -errno);
	return fd;
}

int sock_udp(const char *bind, uint16_t port, int rcvbuf, bool reuseport)
{
	int fd = bind_any(SOCK_DGRAM, bind, port, reuseport);

	/* The kernel silently caps an unprivileged request, so there is no
	 * error to report; who cares reads the size back. */
	if (fd >= 0 && rcvbuf > 0 &&
	    set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, rcvbuf) < 0)
		(void)set_int(fd, SOL_SOCKET, SO_RCVBUF, rcvbuf);
	return fd;
}

static int start_connect(int family, const struct sockaddr *sa, socklen_t len)
{
	int fd = new_socket(family, SOCK_STREAM);

	if (fd >= 0 && connect(fd, sa, len) < 0 && errno != EINPROGRESS)
		return close_with(fd, -errno);
	return fd;
}

int sock_connect(const struct addr *to)
{
	int family = addr_is_v4(to) ? AF_INET : AF_INET6;
	struct sockaddr_storage sa;
	socklen_t len = addr_to_sockaddr(to, family, &sa);

	return start_connect(family, (struct sockaddr *)&sa, len);
}

int sock_connect_unix(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(un.sun_path))
		return -ENAMETOOLONG;
	strcpy(un.sun_path, path);
	return start_connect(AF_UNIX, (struct sockaddr *)&un, sizeof(un));
}

int sock_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

int sock_local(int fd, struct addr *out)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return -errno;
	*out = addr_from_sockaddr((struct sockaddr *)&sa);
	return 0;
}

int sock_peer(int fd, struct addr *out)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);

	if (getpeername(fd, (struct sockaddr *)&sa, &len) < 0)
		return -errno;
	*out = addr_from_sockaddr((struct sockaddr *)&sa);
	return 0;
}

int sock_family(int fd)
{
	int family = AF_UNSPEC;
	socklen_t len = sizeof(family);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) < 0)
		return -errno;
	return family;
}

int sock_listen_unix(const char *path, int backlog)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, path);
	int other = sock_connect_unix(path);
	if (other >= 0) {
		close(other);
		return -EADDRINUSE;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	mode_t old = umask(0177);
	int r = bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ? -errno : 0;
	umask(old);
	if (r == 0 && listen(fd, backlog) < 0)
		r = -errno;
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/* Best effort: the far end may be gone already, reading will tell. */
void sock_nodelay(int fd)
{
	(void)set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

void sock_quickack(int fd)
{
	(void)set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}

void sock_keepalive(int fd, int idle_s, int interval_s, int count)
{
	(void)set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	(void)set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_s);
	(void)set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval_s);
	(void)set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, count);
}

bool sock_hung_up(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0 && p.revents != 0;
}

static uint64_t raise_nofile(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	rlim_t want = limit.rlim_max < NOFILE_MAX ? limit.rlim_max : NOFILE_MAX;
	struct rlimit raised = { .rlim_cur = want, .rlim_max = limit.rlim_max };
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		return want;
	return limit.rlim_cur;
}

void sock_raise_nofile(void)
{
	uint64_t files = raise_nofile();

	log_info("open_files",
		 "%llu descriptors: as many connections, half as many relayed "
		 "sessions; the hard limit (ulimit -Hn) allows no more",
		 (unsigned long long)files);
}

size_t sock_nofile(void)
{
	struct rlimit limit = { 0 };

	getrlimit(RLIMIT_NOFILE, &limit); /* fails for a bad pointer alone */
	return (size_t)limit.rlim_cur;
}
